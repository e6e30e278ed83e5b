"""RetinaNet finds boxes, SAM draws the mask of what is in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.classes import map_classes
from training.protocol import WeightsNeed
from training.settings import setting
from training.stages import sam_weights
from training.systems import torchvision_detector
from training.systems.box_prompts import BoxPromptedSystem
from training.systems.detector_settings import DetectorSettings
from training.systems.retinanet import WEIGHTS as RETINANET_WEIGHTS
from training.systems.retinanet import RetinaNetSystem


@dataclass(frozen=True)
class RetinaNetSamSettings(DetectorSettings):
    """All that changes the predictions, besides the weights."""

    rescore: bool = setting(
        default=False, meaning="multiply scores by the quality that SAM expects of its mask"
    )


class RetinaNetSamSystem(BoxPromptedSystem):
    """Detection first, then segmentation."""

    title = "RetinaNet finds boxes, SAM draws the masks in them"
    stages = ("retinanet", "sam")
    packages = ("torch", "torchvision", "ultralytics", "safetensors", "segment_anything")
    weights: tuple[WeightsNeed, ...] = (RETINANET_WEIGHTS, sam_weights.WEIGHTS)
    settings_type = RetinaNetSamSettings

    def __init__(
        self,
        settings: RetinaNetSamSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load both, and match the detector's classes to the data set's."""
        detector = torchvision_detector.load_detector(
            RetinaNetSystem.family(), weights[RETINANET_WEIGHTS.stage], settings, device
        )
        classes = map_classes(detector.names, categories)
        detector.find_only(classes.known)
        sam = weights[sam_weights.WEIGHTS.stage]
        super().__init__(detector, classes, sam, device, rescore=settings.rescore)

    @staticmethod
    def download(name: str, folder: Path) -> Path:
        """Fetch an official file of either stage."""
        if name in sam_weights.WEIGHTS.known:
            return sam_weights.download(name, folder)
        return torchvision_detector.download(name, folder)
