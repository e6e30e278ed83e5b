"""Boundary IoU of label maps: overlap of the bands along the outlines of regions.

A region's band is what is left of it beside its erosion: its pixels with a pixel of another label,
or the edge of the image, within d steps in rows, columns or diagonals (Cheng et al. 2021,
boundary-iou-api). Such a band does not shrink against the region's area, so that a coarse outline
of a large object costs as much as it shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics.tallying import Tally
from core.structures import LabelMap, void_of

BAND_SHARE = 0.02


@dataclass(frozen=True, eq=False)
class BoundaryCounts:
    """Pixels in the bands of one image: a row for each class that has any, ascending.

    Attributes:
        classes: (R,) int64 class index.
        truth: (R,) int64 pixels of the annotation's band.
        predicted: (R,) int64 pixels of the prediction's band.
        shared: (R,) int64 pixels in both.
    """

    classes: NDArray[np.int64]
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    shared: NDArray[np.int64]


def band_width(height: int, width: int) -> int:
    """Return d, 2 % of the image's diagonal in whole pixels, at least 1."""
    return max(1, round(BAND_SHARE * math.hypot(height, width)))


def boundary_band(labels: LabelMap, distance: int) -> NDArray[np.bool_]:
    """Return which pixels have another label, or the edge of the image, within a distance.

    Args:
        labels: (H, W); void is a label like others.
        distance: d, steps in rows, columns or diagonals, at least 1.

    Returns:
        (H, W). Each class's band is where its pixels are: no erosion for each class is needed.
    """
    band = np.ones(labels.shape, dtype=bool)
    if min(labels.shape) > 2 * distance:
        inner = slice(distance, -distance)
        window = 2 * distance + 1
        band[inner, inner] = _windows(labels, np.minimum, window) != _windows(
            labels, np.maximum, window
        )
    return band


def count_boundaries(truth: LabelMap, predicted: LabelMap, class_count: int) -> BoundaryCounts:
    """Count the pixels in the bands of one image, class by class.

    What is void in the truth is made void in the prediction first, so that the edge of a void
    area cuts both alike and a perfect prediction scores 1.

    Args:
        truth: (H, W) class index of each pixel, or void.
        predicted: (H, W) class index of each pixel; void where the system gave no answer.
        class_count: C, the number of class indices allowed.

    Raises:
        ValueError: the shapes differ, or an index of a labelled pixel is not below C.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"truth is {truth.shape} but predicted is {predicted.shape}")
    void = truth == void_of(truth)
    seen = np.where(void, void_of(predicted), predicted)
    distance = band_width(*truth.shape)
    in_truth = boundary_band(truth, distance) & ~void
    in_predicted = boundary_band(seen, distance) & (seen != void_of(seen))
    amounts = [
        _per_class(labels, band, class_count)
        for labels, band in (
            (truth, in_truth),
            (seen, in_predicted),
            (truth, in_truth & in_predicted & (truth == seen)),
        )
    ]
    classes = np.flatnonzero(amounts[0] + amounts[1])
    return BoundaryCounts(classes, *(amount[classes] for amount in amounts))


def boundary_tallies(
    images: ArrayLike,
    classes: ArrayLike,
    truth: ArrayLike,
    predicted: ArrayLike,
    shared: ArrayLike,
    class_count: int,
) -> tuple[NDArray[np.int64], Tally]:
    """Return the bands of images as tallies, whose `iou` is the boundary IoU.

    Args:
        images: (R,) key of the image of each row.
        classes: (R,) class index.
        truth: (R,) pixels of the annotation's band.
        predicted: (R,) pixels of the prediction's band.
        shared: (R,) pixels in both.
        class_count: C.

    Returns:
        The keys that occur, ascending, shape (I,), and the tally of each, shape (I, C).
    """
    keys, places = np.unique(np.asarray(images, dtype=np.int64), return_inverse=True)
    tables = np.zeros((3, keys.size, class_count), dtype=np.int64)
    for table, amounts in zip(tables, (truth, predicted, shared), strict=True):
        np.add.at(table, (places, np.asarray(classes, dtype=np.int64)), amounts)
    return keys, Tally(tp=tables[2], fp=tables[1] - tables[2], fn=tables[0] - tables[2])


def _windows(labels: LabelMap, extreme: np.ufunc, size: int) -> LabelMap:
    """Return the extreme label of each square window: (H - size + 1, W - size + 1).

    Windows are doubled until they are large enough, which takes log2(size) steps a direction.
    """
    covered = 1
    while covered < size:
        step = min(covered, size - covered)
        labels = extreme(labels[:-step], labels[step:])
        labels = extreme(labels[:, :-step], labels[:, step:])
        covered += step
    return labels


def _per_class(labels: LabelMap, band: NDArray[np.bool_], class_count: int) -> NDArray[np.int64]:
    amounts = np.bincount(labels[band], minlength=class_count)
    if len(amounts) > class_count:
        raise ValueError(
            f"a label map holds class index {len(amounts) - 1}, but there are {class_count} classes"
        )
    return amounts
