"""YOLOv8 finds boxes, SAM draws the mask of what is in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.classes import map_classes
from training.protocol import WeightsNeed
from training.settings import setting
from training.stages import sam_weights, yolov8
from training.stages.detections import Detections
from training.systems.box_prompts import BoxPromptedSystem
from training.systems.yolov8 import WEIGHTS as YOLOV8_WEIGHTS
from training.systems.yolov8 import YoloV8Settings


@dataclass(frozen=True)
class YoloV8SamSettings(YoloV8Settings):
    """All that changes the predictions, besides the weights."""

    max_det: int = setting(100, "boxes an image that SAM is asked about, at most")
    rescore: bool = setting(
        default=False, meaning="multiply scores by the quality that SAM expects of its mask"
    )


class YoloV8SamSystem(BoxPromptedSystem):
    """Detection first, then segmentation."""

    title = "YOLOv8 finds boxes, SAM draws the masks in them"
    stages = ("yolov8", "sam")
    packages = ("torch", "torchvision", "ultralytics", "segment_anything")
    weights: tuple[WeightsNeed, ...] = (YOLOV8_WEIGHTS, sam_weights.WEIGHTS)
    settings_type = YoloV8SamSettings

    def __init__(
        self,
        settings: YoloV8SamSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load both, and match the detector's classes to the data set's."""
        network = yolov8.YoloV8(
            weights[YOLOV8_WEIGHTS.stage], device, side=settings.imgsz, batch=settings.batch
        )
        classes = map_classes(network.names, categories)
        super().__init__(
            _Boxes(network, settings, classes.known),
            classes,
            weights[sam_weights.WEIGHTS.stage],
            device,
            rescore=settings.rescore,
        )

    @staticmethod
    def download(name: str, folder: Path) -> Path:
        """Fetch an official file of either stage."""
        fetch = sam_weights.download if name in sam_weights.WEIGHTS.known else yolov8.download
        return fetch(name, folder)


class _Boxes:
    """YOLOv8 with its settings, as the first stage."""

    def __init__(
        self, network: yolov8.YoloV8, settings: YoloV8SamSettings, known: tuple[int, ...]
    ) -> None:
        self._network = network
        self._suppression = yolov8.Suppression(
            least_score=settings.conf,
            iou=settings.iou,
            most=settings.max_det,
            multi_label=settings.multi_label,
            classes=None if len(known) == len(network.names) else known,
        )

    @property
    def device(self) -> str:
        return self._network.device

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        return self._network.detect(images, self._suppression)
