"""U-Net in PyTorch by itself: the class of each pixel, and how certain it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import UsageError, WorkFailedError
from core.geometry import confidence
from core.structures import BACKGROUND_NAME, Prediction, label_dtype
from training.batches import resized
from training.classes import map_classes
from training.protocol import Outputs, Photograph, WeightsNeed
from training.settings import require_range, setting
from training.trainable import FitOptions, Report, TrainingData

if TYPE_CHECKING:
    from training.stages.unet_torch import Architecture

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


@dataclass(frozen=True)
class UNetFitSettings:
    """All that changes the training, besides data, epochs and seed."""

    width: int = setting(16, "channels of the first level; each below has twice as many")
    depth: int = setting(4, "how often the size is halved")
    widest: int = setting(128, "channels of a level, at most")
    scale: float = setting(0.5, "size at which images are seen, as a fraction of their own")
    crop: int = setting(96, "side of the squares learnt from, in pixels at that scale")
    batch: int = setting(16, "squares a step")
    lr: float = setting(0.003, "highest learning rate")
    weight_decay: float = setting(0.01, "of AdamW")
    balance: float = setting(0.5, "drawing of images: 0 all alike, 1 all rarest classes alike")
    class_weights: float = setting(0.25, "cost of errors: 0 all alike, 1 all classes alike")
    dice: float = setting(0.5, "weight of the Dice loss beside the cross-entropy")
    flip: bool = setting(default=False, meaning="mirror at random; wrong for digits")
    zoom: float = setting(1.25, "enlarge or reduce at random, by up to this factor")
    shift: float = setting(0.1, "move at random, by up to this fraction of the side")
    brightness: float = setting(0.15, "change at random, by up to this fraction")
    contrast: float = setting(0.25, "change at random, by up to this fraction")
    shuffle_colours: bool = setting(
        default=False, meaning="exchange red, green, blue; wrong where colour tells classes apart"
    )
    bfloat16: bool = setting(
        default=False, meaning="count in 16 bits: faster where the processor has them"
    )

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name, least, most in (
            ("width", 1, 1024),
            ("depth", 1, 8),
            ("widest", 1, 4096),
            ("scale", 0.01, 1),
            ("crop", 1, 4096),
            ("batch", 1, 4096),
            ("lr", 1e-9, 10),
            ("weight_decay", 0, 10),
            ("balance", 0, 1),
            ("class_weights", 0, 1),
            ("dice", 0, 100),
            ("zoom", 1, 10),
            ("shift", 0, 1),
            ("brightness", 0, 1),
            ("contrast", 0, 1),
        ):
            require_range(name, getattr(self, name), least, most)
        if self.crop % 2**self.depth:
            raise UsageError(
                f"crop is {self.crop}; expected a multiple of {2**self.depth} with depth "
                f"{self.depth}, because each level halves it."
            )


class UNetTorchSystem:
    """One network that gives each pixel a class."""

    title = "U-Net in PyTorch: the class of each pixel"
    stages = ("unet-torch",)
    packages = ("torch", "safetensors")
    weights = (WEIGHTS,)
    settings_type = UNetSettings
    fit_settings_type = UNetFitSettings
    fit_goal = "val_miou"
    checkpoint_suffix = ".safetensors"
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
        self._indices, self._dtype, self._note = _label_indices(self._architecture, categories)

    @property
    def device(self) -> str:
        """Return the device with the name of its chip."""
        from training.stages.torch_device import described

        return described(self._device)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said about the classes."""
        return (self._note,) if self._note else ()

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
            logits[self._indices < 0] = -np.inf
        labels, probabilities = unet_torch.choose(
            logits, self._architecture, self._settings.threshold
        )
        return Prediction(
            image=photograph.record,
            label_map=self._indices[labels.cpu().numpy()].astype(self._dtype),
            confidence=confidence.quantise(probabilities.cpu().numpy()),
        )

    @staticmethod
    def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
        """Train a network of the settings' size."""
        from training.stages import unet_torch_training

        unet_torch_training.fit(data, options, report)

    @staticmethod
    def download(name: str, folder: Path) -> Path:  # noqa: ARG004 - as systems with a download
        """Say that there is nothing to download: weights ship with Overlook, or are trained."""
        raise WorkFailedError(
            f"{name} is not published; it ships with Overlook or comes from "
            "`python -m training fit unet-torch`, and was not found"
        )


def _label_indices(
    architecture: Architecture, categories: Sequence[str]
) -> tuple[np.ndarray, type[np.uint8] | type[np.uint16], str]:
    """Return the data set's label of each of the network's names, the maps' dtype, and a note."""
    background = architecture.background
    painted = (
        background >= 0
        and architecture.names[background] == BACKGROUND_NAME
        and BACKGROUND_NAME not in categories
    )
    labels = [*categories, BACKGROUND_NAME] if painted else list(categories)
    classes = map_classes(architecture.names, labels)
    return classes.indices, label_dtype(len(labels)), classes.note
