"""What the systems of torchvision's detectors share; they differ in the network alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.structures import Prediction
from training.classes import map_classes
from training.protocol import Outputs, Photograph, WeightsNeed
from training.stages import yolov8
from training.stages.detections import predictions_of
from training.systems.detector_settings import DetectorFitSettings, DetectorSettings
from training.trainable import FitOptions, Report, TrainingData
from training.weights import not_published

if TYPE_CHECKING:
    from training.stages.detector import Detector
    from training.stages.detector_networks import Family

ADDRESS = "https://download.pytorch.org/models/"
PACKAGES = ("torch", "torchvision", "ultralytics", "safetensors")


def load_detector(
    family: Family, weights: Path, settings: DetectorSettings, device: str
) -> Detector:
    """Return a detector, loaded.

    Raises:
        UsageError: the file is no checkpoint of the family, or the device is not there.
    """
    yolov8.prepare_library()
    from training.stages.detector import Detector, Limits

    limits = Limits(settings.conf, settings.iou, settings.max_det)
    return Detector(family, weights, device, side=settings.side, limits=limits)


def download(name: str, folder: Path) -> Path:
    """Fetch an official file of weights into a folder, with a progress bar.

    Raises:
        WorkFailedError: it could not be fetched, or there is none of that name to fetch.
    """
    if name.endswith(".safetensors"):
        return not_published(name, folder)
    from training.stages import detector_networks

    return detector_networks.download(name, folder)


class TorchvisionDetector:
    """One network of torchvision that finds objects."""

    packages = PACKAGES
    settings_type = DetectorSettings
    fit_settings_type = DetectorFitSettings
    checkpoint_suffix = ".safetensors"
    download = staticmethod(download)
    weights: ClassVar[tuple[WeightsNeed, ...]]
    outputs: ClassVar[Outputs]

    def __init__(
        self,
        settings: DetectorSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load the weights and match their classes to the data set's."""
        (need,) = self.weights
        self._detector = load_detector(self.family(), weights[need.stage], settings, device)
        self._classes = map_classes(self._detector.names, categories)
        self._detector.find_only(self._classes.known)

    @staticmethod
    def family() -> Family:
        """Return which networks the system has."""
        raise NotImplementedError

    @property
    def device(self) -> str:
        """Return where the network runs."""
        return self._detector.device

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said about the classes."""
        return self._classes.notes

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        """Return one prediction for each photograph, its objects from high score to low."""
        found = self._detector.detect([each.pixels for each in photographs])
        return predictions_of(photographs, found, self._classes)

    @classmethod
    def fit(cls, data: TrainingData, options: FitOptions, report: Report) -> None:
        """Train, as `training.trainable` says."""
        yolov8.prepare_library()
        from training.stages import detector_training

        detector_training.fit(data, options, report, cls.family(), cls.weights[0])
