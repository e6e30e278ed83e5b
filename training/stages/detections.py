"""What a detector found in an image, as objects of the data set's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry import rle
from core.structures import Objects, Prediction, Rle
from training.classes import ClassMap
from training.protocol import Photograph


@dataclass(frozen=True, eq=False)
class Detections:
    """What the network found in one image, highest score first.

    Attributes:
        corners: (N, 4) float64 left, top, right, bottom in pixels of the image.
        classes: (N,) index among the names that the network knows.
        scores: (N,) float64 in [0, 1].
        masks: N masks of the image's size, or None where the network only detects.
    """

    corners: NDArray[np.float64]
    classes: NDArray[np.int64]
    scores: NDArray[np.float64]
    masks: tuple[Rle, ...] | None


def objects_of(found: Detections, categories: NDArray[np.int32]) -> Objects:
    """Return detections as objects, of classes of the data set, (N,)."""
    boxes = found.corners.copy()
    boxes[:, 2:] -= boxes[:, :2]
    return Objects(
        boxes=boxes,
        categories=categories,
        # of the box, as pycocotools reads result files that have both
        areas=boxes[:, 2] * boxes[:, 3],
        crowd=np.zeros(len(boxes), dtype=bool),
        scores=found.scores,
        masks=found.masks,
    )


def predictions_of(
    photographs: Sequence[Photograph], found: Sequence[Detections], classes: ClassMap
) -> list[Prediction]:
    """Return what was found in each photograph as its prediction; all of it of known classes."""
    return [
        Prediction(
            image=photograph.record,
            objects=objects_of(detections, classes.indices[detections.classes]),
        )
        for photograph, detections in zip(photographs, found, strict=True)
    ]


def without_empty(found: Detections) -> Detections:
    """Leave out objects whose mask has no pixel, as ultralytics' own predictor does."""
    if found.masks is None:
        return found
    keep = [index for index, mask in enumerate(found.masks) if rle.area(mask)]
    return Detections(
        corners=found.corners[keep],
        classes=found.classes[keep],
        scores=found.scores[keep],
        masks=tuple(found.masks[index] for index in keep),
    )
