"""Localisation of one object an image: how well the predicted box lies on the true one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.structures import Boxes


def box_ious(truth: Boxes, predicted: Boxes) -> NDArray[np.float64]:
    """Return the intersection over union of each pair of boxes, (N,).

    Args:
        truth: (N, 4) x, y, width, height in pixels; sides of 0 or more.
        predicted: (N, 4), the answer to each.

    Raises:
        ValueError: the shapes differ, a number is not finite, or a side is negative.

    Example:
        >>> box_ious(np.array([[0, 0, 2, 2.0]]), np.array([[1, 0, 2, 2.0]])).round(3).tolist()
        [0.333]
    """
    truth, predicted = _checked(truth, "truth"), _checked(predicted, "predicted")
    if truth.shape != predicted.shape:
        raise ValueError(f"{len(truth)} true boxes but {len(predicted)} predicted ones")
    starts = np.maximum(truth[:, :2], predicted[:, :2])
    ends = np.minimum(truth[:, :2] + truth[:, 2:], predicted[:, :2] + predicted[:, 2:])
    shared = np.clip(ends - starts, 0, None).prod(axis=1)
    both = truth[:, 2:].prod(axis=1) + predicted[:, 2:].prod(axis=1) - shared
    ious = np.zeros(len(truth))
    np.divide(shared, both, out=ious, where=both > 0)
    return ious


def mean_iou(ious: NDArray[np.float64]) -> float:
    """Return the mean IoU of the boxes, NaN for none; an image without an answer counts 0."""
    return float(ious.mean()) if len(ious) else float("nan")


def share_localized(ious: NDArray[np.float64], least: float = 0.5) -> float:
    """Return the share of boxes whose IoU is at least `least`, NaN for none.

    .5 is the rule of the localisation task of ILSVRC (Russakovsky et al. 2015).
    """
    return float((ious >= least).mean()) if len(ious) else float("nan")


def _checked(boxes: Boxes, name: str) -> Boxes:
    boxes = np.asarray(boxes, np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"{name} has shape {boxes.shape}, expected (N, 4)")
    if not np.isfinite(boxes).all() or (boxes[:, 2:] < 0).any():
        raise ValueError(f"{name} holds a box that is not finite or has a negative side")
    return boxes
