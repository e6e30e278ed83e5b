"""Two stages: a detector finds boxes, SAM draws the mask of what is in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.geometry import rle
from core.structures import Objects, Prediction
from training.classes import ClassMap
from training.oracle import DetectedPhotographs, overlapped_boxes, true_boxes, truth_instead_of
from training.protocol import Outputs, Photograph
from training.stages.detections import Detections, objects_of
from training.stages.sam import Sam, Segments
from training.stages.stage_seconds import StageSeconds


class Detector(Protocol):
    """The first stage."""

    @property
    def device(self) -> str:
        """Return where it runs."""

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Return what is found in each image, from high score to low."""


class BoxPromptedSystem:
    """A detector and SAM; systems differ in the detector alone.

    Attributes:
        sam: the second stage, which can be asked by itself.
    """

    stages: tuple[str, ...]
    outputs = Outputs(boxes=True, masks=True)
    feed = DetectedPhotographs

    def __init__(
        self, detector: Detector, classes: ClassMap, sam: Path, device: str, *, rescore: bool
    ) -> None:
        """Load SAM.

        Args:
            detector: the first stage, loaded.
            classes: of the detector, among those of the data set.
            sam: its file of weights.
            device: "auto", "cpu", "cuda:0".
            rescore: multiply scores by the quality that SAM expects of its mask.
        """
        self._detector = detector
        self._classes = classes
        self.sam = Sam(sam, device)
        self._rescore = rescore

    @property
    def device(self) -> str:
        """Return where both stages run."""
        return self._detector.device

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said about the classes."""
        return self._classes.notes

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        """Return one prediction for each photograph, its objects from high score to low."""
        together = StageSeconds()
        with together.of(self.stages[0]):
            found = self._located(photographs)
        # the detector answers all at once, so each image has its share
        share = {stage: spent / len(photographs) for stage, spent in together.spent.items()}
        return [
            self._one(photograph, detections, StageSeconds(dict(share)))
            for photograph, detections in zip(photographs, found, strict=True)
        ]

    def _one(
        self, photograph: Photograph, detections: Detections, seconds: StageSeconds
    ) -> Prediction:
        with seconds.of(self.stages[1]):
            objects = self._objects(photograph, detections)
        return Prediction(photograph.record, objects=objects, stage_seconds=seconds.spent)

    def _located(self, photographs: Sequence[Photograph]) -> list[Detections]:
        """Return what is where, in classes of the data set."""
        if truth_instead_of("boxes", photographs[0]) is not None:
            return [_true_boxes(each) for each in photographs]
        found = self._detector.detect([each.pixels for each in photographs])
        return [
            _truly_named(photograph, self._named(each))
            for photograph, each in zip(photographs, found, strict=True)
        ]

    def _named(self, found: Detections) -> Detections:
        return replace(found, classes=self._classes.indices[found.classes].astype(np.int64))

    def _segments(self, photograph: Photograph, corners: NDArray[np.float64]) -> Segments:
        """Return the mask of what is in each box, as SAM draws it or as it is."""
        truth = truth_instead_of("masks", photograph)
        if truth is None or truth.masks is None:
            return self.sam.masks_in_boxes(photograph.pixels, corners)
        overlapped = overlapped_boxes(corners, truth)
        drawn = self.sam.masks_in_boxes(photograph.pixels, corners[overlapped < 0])
        qualities = np.ones(len(corners))
        qualities[overlapped < 0] = drawn.qualities
        rest = iter(drawn.masks)
        masks = tuple(truth.masks[each] if each >= 0 else next(rest) for each in overlapped)
        return Segments(masks, qualities)

    def _objects(self, photograph: Photograph, detections: Detections) -> Objects:
        segments = self._segments(photograph, detections.corners)
        scores = detections.scores * segments.qualities if self._rescore else detections.scores
        # a box in which SAM sees nothing is no object; the sort keeps ties in their order
        order = [
            index
            for index in np.argsort(-scores, kind="stable").tolist()
            if rle.area(segments.masks[index])
        ]
        kept = Detections(
            corners=detections.corners[order],
            classes=detections.classes[order],
            scores=scores[order],
            masks=tuple(segments.masks[index] for index in order),
        )
        return objects_of(kept, kept.classes.astype(np.int32))


def _true_boxes(photograph: Photograph) -> Detections:
    truth = truth_instead_of("boxes", photograph)
    if truth is None:
        raise ValueError("of the images given together, some come without their truth")
    return true_boxes(truth)


def _truly_named(photograph: Photograph, found: Detections) -> Detections:
    """Return detections with the classes of what they overlap, if classes are to be true."""
    truth = truth_instead_of("classes", photograph)
    if truth is None:
        return found
    overlapped = overlapped_boxes(found.corners, truth)
    known = overlapped >= 0
    classes = found.classes.copy()
    classes[known] = truth.categories[overlapped[known]]
    return replace(found, classes=classes)
