"""Stages that make no mistake: the annotation in the place of what a stage would have said.

Runs made so are no systems. They say how much of what a system of several stages lacks is the
fault of each stage: what the score gains when that stage alone is perfect.

- boxes: the annotated boxes with their classes, at score 1, in place of the detector's;
- classes: what overlaps an object has that object's class;
- masks: what overlaps an object has that object's mask, or, where masks are found first, the
  annotated masks take the place of the segments.

"Overlaps" is an IoU of at least 0.5 with the object overlapped most, whatever its class, which is
where Bolya et al. (TIDE, ECCV 2020) let a detection stand for an object. What overlaps no object
stays as the stage said it. Crowd regions are nobody's truth.
"""

from __future__ import annotations

import argparse
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from core.errors import UsageError
from core.geometry import rle
from core.scoring.transfer import ORACLE
from core.store.connection import Store
from core.store.rejected import Rejected
from core.structures import Dataset, ImageRecord, Objects, Rle
from training.feed import Photographs
from training.protocol import Photograph
from training.stages.detections import Detections

LEAST_IOU = 0.5


@dataclass(frozen=True, eq=False)
class AnnotatedPhotograph(Photograph):
    """An image that is answered with one stage replaced by the truth.

    Attributes:
        oracle: what is true: "boxes", "classes" or "masks".
        truth: the annotated objects, without crowd regions.
    """

    oracle: str = field(kw_only=True)
    truth: Objects = field(kw_only=True)


class OraclePhotographs(Photographs):
    """Photographs, with the truth about one stage if it is asked for.

    Attributes:
        oracles: what can be true of the system that is fed.
    """

    oracles: ClassVar[tuple[str, ...]] = ()

    def __init__(self, dataset: Dataset, oracle: str | None) -> None:
        """Read nothing yet."""
        super().__init__(dataset.images_folder)
        self._dataset = dataset
        self._oracle = oracle
        self.settings = {ORACLE: oracle} if oracle else {}

    @classmethod
    def add_options(cls, parser: argparse.ArgumentParser) -> None:
        """Add which stage is to make no mistake."""
        parser.add_argument(
            "--oracle",
            choices=cls.oracles,
            help="put the annotation in place of what a stage says, to see what that stage costs; "
            "the run is marked as one that saw the truth",
        )

    @classmethod
    def of(
        cls,
        store: Store,  # noqa: ARG003 - as all feeds
        dataset: Dataset,
        weights: Mapping[str, Path],  # noqa: ARG003
        options: argparse.Namespace,
    ) -> OraclePhotographs:
        """Take the folder of the data set, and its annotation.

        Raises:
            UsageError: the data set does not hold the truth that is asked for.
        """
        oracle: str | None = options.oracle
        needs_masks = oracle == "masks" or (oracle == "classes" and "boxes" not in cls.oracles)
        kinds = {each.objects is not None for each in dataset.annotations.values()}
        if oracle and True not in kinds:
            raise UsageError(
                f"--oracle {oracle} needs annotated objects; {dataset.name} · {dataset.split} has "
                "none."
            )
        if needs_masks and not _has_masks(dataset):
            raise UsageError(
                f"--oracle {oracle} needs annotated masks; {dataset.name} · {dataset.split} has "
                "boxes only."
            )
        return cls(dataset, oracle)

    def read(
        self, records: Sequence[ImageRecord], ahead: int
    ) -> Generator[Photograph | Rejected, None, None]:
        """Yield the photographs, decoded while the system is at work."""
        for each in super().read(records, ahead):
            if self._oracle and isinstance(each, Photograph):
                truth = _truth(self._dataset.annotations[each.record.id].objects)
                yield AnnotatedPhotograph(
                    each.record, each.pixels, each.turned, oracle=self._oracle, truth=truth
                )
            else:
                yield each


class DetectedPhotographs(OraclePhotographs):
    """For systems that find boxes of classes, and draw masks in them."""

    oracles = ("boxes", "classes", "masks")


class SegmentedPhotographs(OraclePhotographs):
    """For systems that find masks, and name them."""

    oracles = ("classes", "masks")


def truth_instead_of(stage: str, photograph: Photograph) -> Objects | None:
    """Return the truth that takes the place of boxes, classes or masks, if it is to."""
    if isinstance(photograph, AnnotatedPhotograph) and photograph.oracle == stage:
        return photograph.truth
    return None


def true_boxes(truth: Objects) -> Detections:
    """Return the annotated boxes as if a detector had found them; classes of the data set."""
    corners = truth.boxes.copy()
    corners[:, 2:] += corners[:, :2]
    return Detections(
        corners=corners,
        classes=truth.categories.astype(np.int64),
        scores=np.ones(len(truth)),
        masks=None,
    )


def overlapped_boxes(corners: NDArray[np.float64], truth: Objects) -> NDArray[np.int64]:
    """Return which object each box overlaps, (N,); -1 for none.

    Args:
        corners: (N, 4) left, top, right, bottom.
        truth: annotated objects.
    """
    if not len(corners) or not len(truth):
        return np.full(len(corners), -1)
    boxes = corners.copy()
    boxes[:, 2:] -= boxes[:, :2]
    return _overlapped(coco_mask.iou(boxes, truth.boxes, np.zeros(len(truth), np.uint8)))


def overlapped_masks(masks: Sequence[Rle], truth: Objects) -> NDArray[np.int64]:
    """Return which object each of N masks overlaps, (N,); -1 for none."""
    if not masks or not truth.masks:
        return np.full(len(masks), -1)
    return _overlapped(
        coco_mask.iou(rle.as_coco(masks), rle.as_coco(truth.masks), np.zeros(len(truth), np.uint8))
    )


def _overlapped(overlaps: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the column of the highest value of each row where that is high enough, else -1."""
    return np.where(overlaps.max(axis=1) >= LEAST_IOU, overlaps.argmax(axis=1), -1)


def _has_masks(dataset: Dataset) -> bool:
    return all(
        each.objects is None or each.objects.masks is not None
        for each in dataset.annotations.values()
    )


def _truth(objects: Objects | None) -> Objects:
    """Return annotated objects without crowd regions."""
    if objects is None:
        none = np.zeros(0)
        return Objects(np.zeros((0, 4)), none.astype(np.int32), none, none.astype(np.bool_))
    kept = np.flatnonzero(~objects.crowd)
    return Objects(
        boxes=objects.boxes[kept],
        categories=objects.categories[kept],
        areas=objects.areas[kept],
        crowd=objects.crowd[kept],
        masks=None if objects.masks is None else tuple(objects.masks[index] for index in kept),
    )
