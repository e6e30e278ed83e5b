"""Ways to average precision of boxes which begin with arrays: torchmetrics' and ultralytics'."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from core.structures import ObjectTable

# torchmetrics' names of the twelve figures, in COCO's order
TORCHMETRICS = (
    *("map", "map_50", "map_75", "map_small", "map_medium", "map_large"),
    *("mar_1", "mar_10", "mar_100", "mar_small", "mar_medium", "mar_large"),
)


def by_torchmetrics(truth: ObjectTable, predicted: ObjectTable, backend: str) -> list[float]:
    """Return COCO's twelve figures, -1 where there is nothing to measure.

    Args:
        truth: annotated boxes.
        predicted: boxes with scores.
        backend: which of its backends computes, such as "faster_coco_eval".
    """
    import torch
    from torchmetrics.detection import MeanAveragePrecision

    # its own levels are in single precision: 0.6000000238 takes an IoU of 0.6 for a miss
    metric = MeanAveragePrecision(
        box_format="xywh",
        iou_thresholds=np.linspace(0.5, 0.95, 10).tolist(),
        rec_thresholds=np.linspace(0, 1, 101).tolist(),
        backend=backend,
    )
    metric.warn_on_many_detections = False
    for objects, found in _by_image(truth, predicted):
        asked = {
            "boxes": torch.from_numpy(truth.boxes[objects]),
            "labels": torch.from_numpy(truth.categories[objects].astype(np.int64)),
            "iscrowd": torch.from_numpy(truth.crowd[objects].astype(np.int64)),
            "area": torch.from_numpy(truth.areas[objects]),
        }
        answered = {
            "boxes": torch.from_numpy(predicted.boxes[found]),
            "labels": torch.from_numpy(predicted.categories[found].astype(np.int64)),
            "scores": torch.from_numpy(_scores(predicted)[found]),
        }
        metric.update([answered], [asked])
    with contextlib.redirect_stdout(io.StringIO()):
        figures = metric.compute()
    return [float(figures[name]) for name in TORCHMETRICS]


def by_ultralytics(truth: ObjectTable, predicted: ObjectTable) -> float:
    """Return ultralytics' mAP50-95, whose definition is not COCO's.

    It knows neither crowd regions, areas nor a hundred detections an image at most, and integrates
    the curve in another way.
    """
    import torch
    from ultralytics.engine.validator import BaseValidator
    from ultralytics.utils.metrics import ap_per_class, box_iou

    levels = SimpleNamespace(iouv=torch.linspace(0.5, 0.95, 10))
    true_corners, corners = _corners(truth.boxes), _corners(predicted.boxes)
    scores, right, order = _scores(predicted), [], []
    for objects, found in _by_image(truth, predicted):
        rows = np.arange(found.start, found.stop)[np.argsort(-scores[found], kind="stable")]
        right.append(
            BaseValidator.match_predictions(
                levels,  # type: ignore[arg-type]  # only its levels are asked for
                torch.from_numpy(predicted.categories[rows]),
                torch.from_numpy(truth.categories[objects]),
                box_iou(torch.from_numpy(true_corners[objects]), torch.from_numpy(corners[rows])),
            ).numpy()
        )
        order.append(rows)
    rows = np.concatenate(order)
    hits = np.concatenate(right).astype(float)
    figures = ap_per_class(hits, scores[rows], predicted.categories[rows], truth.categories)
    return float(figures[5].mean())


def _by_image(truth: ObjectTable, predicted: ObjectTable) -> Iterator[tuple[slice, slice]]:
    """Yield, for each image that either has, its rows in both tables."""
    images = np.union1d(truth.images, predicted.images)
    ends = [
        np.stack([np.searchsorted(table.images, images, side) for side in ("left", "right")], 1)
        for table in (truth, predicted)
    ]
    for (first, last), (start, stop) in zip(*ends, strict=True):
        yield slice(first, last), slice(start, stop)


def _scores(predicted: ObjectTable) -> NDArray[np.float64]:
    if predicted.scores is None:
        raise ValueError("predictions need scores")
    return predicted.scores


def _corners(boxes: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]]).astype(np.float32)
