"""VGG19 with two dense branches: which digit an image shows, and where."""

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
from training.single_objects import as_square
from training.trainable import FitOptions, Report, TrainingData
from training.weights import not_published

WEIGHTS = WeightsNeed(
    stage="vgg19-digits",
    default="vgg19-digits-demo.safetensors",
    known=("vgg19-digits-demo.safetensors",),
    address="",
)
LEAST_SIDE = 32  # VGG19 halves the square five times


@dataclass(frozen=True)
class DigitsSettings:
    """All that changes the predictions, besides the weights."""

    batch: int = setting(16, "images at a time")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("batch", self.batch, 1, 1024)


@dataclass(frozen=True)
class DigitsFitSettings:
    """All that changes the training, besides data, epochs and seed."""

    base: str = setting(
        "", "Keras' file of VGG19 without its top, with width=64; empty for random weights"
    )
    side: int = setting(64, "side of the square that images are stretched to, in pixels")
    width: int = setting(12, "channels of the first group of convolutions; 64 is VGG19 itself")
    dense: int = setting(64, "neurons of each branch")
    batch: int = setting(32, "images a step")
    lr: float = setting(0.0015, "highest learning rate")
    tuning_lr: float = setting(0.0001, "highest learning rate of the whole network over a base")
    weight_decay: float = setting(0.02, "of AdamW")
    box_weight: float = setting(1.0, "weight of the box's loss beside the class's")
    first_phase: float = setting(
        0.35, "share of the epochs with a frozen base, or with views that close in on the object"
    )
    crop: float = setting(0.2, "how far views close in on the object after that, 0 to 1")
    zoom: float = setting(1.15, "enlarge or reduce at random, by up to this factor")
    shift: float = setting(0.1, "move at random, by up to this fraction of the side")
    brightness: float = setting(0.15, "change at random, by up to this fraction")
    contrast: float = setting(0.25, "change at random, by up to this fraction")
    shuffle_colours: bool = setting(default=True, meaning="exchange red, green, blue")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name, least, most in (
            ("side", LEAST_SIDE, 1024),
            ("width", 1, 64),
            ("dense", 1, 8192),
            ("batch", 1, 4096),
            ("lr", 1e-9, 10),
            ("tuning_lr", 1e-9, 10),
            ("weight_decay", 0, 10),
            ("box_weight", 0, 1000),
            ("first_phase", 0, 1),
            ("crop", 0, 1),
            ("zoom", 1, 10),
            ("shift", 0, 1),
            ("brightness", 0, 1),
            ("contrast", 0, 1),
        ):
            require_range(name, getattr(self, name), least, most)
        if self.base and self.width != 64:
            raise UsageError(
                f"width is {self.width} with a base; the file of VGG19 is of width 64."
            )


class Vgg19DigitsSystem:
    """One class and one box an image."""

    title = "VGG19 with two branches: which digit, and where"
    stages = ("vgg19-digits",)
    packages = ("tensorflow", "keras", "safetensors")
    weights = (WEIGHTS,)
    settings_type = DigitsSettings
    fit_settings_type = DigitsFitSettings
    fit_goal = "val_score"
    checkpoint_suffix = ".safetensors"
    download = staticmethod(not_published)
    outputs = Outputs(boxes=True, labels=True)

    def __init__(
        self,
        settings: DigitsSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load the weights and match their classes to the data set's."""
        from training.stages import keras_start, keras_steps, vgg19_digits

        self._settings = settings
        self._place = keras_start.find_device(device)
        self._tf, _ = keras_start.import_keras()
        with self._tf.device(self._place):
            model, self._architecture = vgg19_digits.load(weights[WEIGHTS.stage])
        self._answer = keras_steps.make_answer(model)
        self._classes = map_classes(self._architecture.names, categories)
        self._class_count = len(categories)

    @property
    def device(self) -> str:
        """Return the device with the name of its chip."""
        from training.stages.keras_start import described

        return described(self._place)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said about the classes."""
        return self._classes.notes

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        """Return one object for each photograph: its most probable class, and its box."""
        # one image a pass: then its answer cannot depend on others, not in the last bit
        return [self._predict_one(each) for each in photographs]

    def _predict_one(self, photograph: Photograph) -> Prediction:
        from training.stages import vgg19_digits

        square = as_square(photograph.pixels, self._architecture.side)[np.newaxis]
        with self._tf.device(self._place):
            answer = self._answer(vgg19_digits.as_input(square, self._architecture))
        logits, boxes = answer[:2]
        probabilities = self._probabilities(logits.numpy()[0].astype(np.float64))
        chosen = int(probabilities.argmax())
        box = _in_pixels(boxes.numpy()[0].astype(np.float64), photograph.pixels.shape)
        objects = Objects(
            boxes=box[np.newaxis],
            categories=np.array([chosen], np.int32),
            areas=np.array([box[2] * box[3]]),
            crowd=np.zeros(1, bool),
            scores=probabilities[[chosen]],
        )
        return Prediction(image=photograph.record, objects=objects, probabilities=probabilities)

    def _probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Return the probability of each class of the data set, (C,), summing to 1."""
        known = list(self._classes.known)
        powers = np.exp(logits[known] - logits[known].max())
        found = np.zeros(self._class_count)
        np.add.at(found, self._classes.indices[known], powers / powers.sum())
        return np.minimum(found, 1.0)

    @staticmethod
    def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
        """Train a network of the settings' size."""
        from training.stages import vgg19_digits_training

        vgg19_digits_training.fit(data, options, report)


def _in_pixels(box: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a box that was given as parts of the image, cut at its edges, in pixels."""
    start = np.clip(box[:2], 0, 1)
    end = np.clip(box[:2] + box[2:], start, 1)
    size = np.array(shape[1::-1], np.float64)
    return np.concatenate([start * size, (end - start) * size])
