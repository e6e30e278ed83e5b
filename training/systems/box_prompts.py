"""Two stages: a detector finds boxes, SAM draws the mask of what is in each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.geometry import rle
from core.structures import Objects, Prediction
from training.classes import ClassMap
from training.protocol import Outputs, Photograph
from training.stages.detections import Detections, objects_of
from training.stages.sam import Sam
from training.stages.stage_seconds import StageSeconds


class Detector(Protocol):
    """The first stage."""

    @property
    def device(self) -> str:
        """Return where it runs."""

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Return what is found in each image, from high score to low."""


class BoxPromptedSystem:
    """A detector and SAM; systems differ in the detector alone."""

    stages: tuple[str, ...]
    outputs = Outputs(boxes=True, masks=True)

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
        self._sam = Sam(sam, device)
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
            found = self._detector.detect([each.pixels for each in photographs])
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

    def _objects(self, photograph: Photograph, detections: Detections) -> Objects:
        segments = self._sam.masks_in_boxes(photograph.pixels, detections.corners)
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
        return objects_of(kept, self._classes.indices[kept.classes])
