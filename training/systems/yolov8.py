"""YOLOv8 by itself: boxes, and masks where the weights segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import UsageError
from core.structures import Objects, Prediction
from training.classes import map_classes
from training.protocol import Outputs, Photograph, WeightsNeed
from training.settings import require_range, setting
from training.stages import yolov8

SIDE_STEP = 32
WEIGHTS = WeightsNeed(
    stage="yolov8",
    default="yolov8n-seg.pt",
    known=tuple(f"yolov8{size}{task}.pt" for task in ("", "-seg") for size in "nsmlx"),
    address=f"{yolov8.RELEASE}/",
)


@dataclass(frozen=True)
class YoloV8Settings:
    """All that changes the predictions, besides the weights."""

    imgsz: int = setting(640, "side of the square that the network sees, in pixels")
    conf: float = setting(0.001, "detections must score higher")
    iou: float = setting(0.7, "of boxes of a class that overlap more, only the best stays")
    max_det: int = setting(300, "detections an image, at most")
    multi_label: bool = setting(
        default=False,
        meaning="let a box stand for several classes, as the library's own validation does",
    )
    batch: int = setting(4, "images a forward pass")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("imgsz", self.imgsz, SIDE_STEP, 8192)
        if self.imgsz % SIDE_STEP:
            raise UsageError(f"--imgsz is {self.imgsz}; expected a multiple of {SIDE_STEP}.")
        require_range("conf", self.conf, 0, 1)
        require_range("iou", self.iou, 0, 1)
        require_range("max_det", self.max_det, 1, 30_000)
        require_range("batch", self.batch, 1, 1024)


class YoloV8System:
    """Detection in one network."""

    title = "YOLOv8: boxes, and masks with -seg weights"
    stages = ("yolov8",)
    packages = ("torch", "torchvision", "ultralytics")
    weights = (WEIGHTS,)
    settings_type = YoloV8Settings
    download = staticmethod(yolov8.download)

    def __init__(
        self,
        settings: YoloV8Settings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load the weights and match their classes to the data set's."""
        self._network = yolov8.YoloV8(
            weights[WEIGHTS.stage], device, side=settings.imgsz, batch=settings.batch
        )
        self._classes = map_classes(self._network.names, categories)
        known = self._classes.known
        self._suppression = yolov8.Suppression(
            least_score=settings.conf,
            iou=settings.iou,
            most=settings.max_det,
            multi_label=settings.multi_label,
            classes=None if len(known) == len(self._network.names) else known,
        )

    @property
    def outputs(self) -> Outputs:
        """Return what the weights give."""
        return Outputs(boxes=True, masks=self._network.has_masks)

    @property
    def device(self) -> str:
        """Return where the network runs."""
        return self._network.device

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said about the classes."""
        return (self._classes.note,) if self._classes.note else ()

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        """Return one prediction for each photograph, its objects from high score to low."""
        found = self._network.detect([each.pixels for each in photographs], self._suppression)
        return [
            Prediction(image=photograph.record, objects=self._objects(detections))
            for photograph, detections in zip(photographs, found, strict=True)
        ]

    def _objects(self, detections: yolov8.Detections) -> Objects:
        boxes = detections.corners.copy()
        boxes[:, 2:] -= boxes[:, :2]
        return Objects(
            boxes=boxes,
            categories=self._classes.indices[detections.classes],
            # of the box, as pycocotools reads result files that have both
            areas=boxes[:, 2] * boxes[:, 3],
            crowd=np.zeros(len(boxes), dtype=bool),
            scores=detections.scores,
            masks=detections.masks,
        )
