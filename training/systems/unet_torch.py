"""U-Net in PyTorch by itself: the class of each pixel, and how certain it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.geometry import confidence
from core.structures import Prediction
from training.batches import resized
from training.classes import map_labels
from training.protocol import Outputs, Photograph, WeightsNeed
from training.settings import require_range, setting
from training.trainable import FitOptions, Report, TrainingData
from training.unet_settings import UNetTorchFitSettings
from training.weights import not_published

if TYPE_CHECKING:
    pass

WEIGHTS = WeightsNeed(
    stage="unet-torch",
    default="unet-torch-demo.safetensors",
    known=("unet-torch-demo.safetensors",),
    address="",
)


@dataclass(frozen=True)
class UNetSettings:
    """All that changes the predictions, besides the weights."""

    threshold: float = setting(0.5, "least probability of the object, in a binary network")
    batch: int = setting(8, "images at a time")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("threshold", self.threshold, 0, 1)
        require_range("batch", self.batch, 1, 1024)


class UNetTorchSystem:
    """One network that gives each pixel a class."""

    title = "U-Net in PyTorch: the class of each pixel"
    stages = ("unet-torch",)
    packages = ("torch", "safetensors")
    weights = (WEIGHTS,)
    settings_type = UNetSettings
    fit_settings_type = UNetTorchFitSettings
    fit_goal = "val_miou"
    checkpoint_suffix = ".safetensors"
    download = staticmethod(not_published)
    outputs = Outputs(label_maps=True)

    def __init__(
        self,
        settings: UNetSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load the weights and match their classes to the data set's."""
        from training.stages import unet_torch
        from training.stages.torch_device import find_device

        self._settings = settings
        self._device = find_device(device)
        network, self._architecture = unet_torch.load(weights[WEIGHTS.stage])
        self._network = network.to(self._device)
        self._classes, self._dtype = map_labels(
            self._architecture.names, self._architecture.background, categories
        )

    @property
    def device(self) -> str:
        """Return the device with the name of its chip."""
        from training.stages.torch_device import described

        return described(self._device)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said about the classes."""
        return self._classes.notes

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        """Return one label map for each photograph, at its own size."""
        return [self._predict_one(each) for each in photographs]

    def _predict_one(self, photograph: Photograph) -> Prediction:
        from torch.nn import functional

        from training.stages import unet_torch

        pixels = resized(photograph.pixels, self._architecture.scale)
        logits = unet_torch.logits_of(self._network, self._architecture, pixels)
        logits = functional.interpolate(
            logits[None], size=photograph.pixels.shape[:2], mode="bilinear", align_corners=False
        )[0]
        if not self._architecture.binary:
            logits[self._classes.indices < 0] = -np.inf
        labels, probabilities = unet_torch.choose(
            logits, self._architecture, self._settings.threshold
        )
        return Prediction(
            image=photograph.record,
            label_map=self._classes.indices[labels.cpu().numpy()].astype(self._dtype),
            confidence=confidence.quantise(probabilities.cpu().numpy()),
        )

    @staticmethod
    def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
        """Train a network of the settings' size."""
        from training.stages import unet_torch_training

        unet_torch_training.fit(data, options, report)
