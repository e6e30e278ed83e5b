"""What both U-Nets in Keras share: loading, predicting, and the architecture of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.geometry import confidence
from core.structures import Prediction
from training import batches
from training.batches import resized
from training.classes import map_labels
from training.protocol import Outputs, Photograph, WeightsNeed
from training.trainable import TrainingData
from training.unet_settings import UNetKerasFitSettings, UNetKerasSettings
from training.weights import not_published

if TYPE_CHECKING:
    from training.stages.unet_keras import Architecture


class UNetKeras:
    """One network that gives each pixel a class; a system names itself and its weights."""

    stages: ClassVar[tuple[str, ...]]
    weights: ClassVar[tuple[WeightsNeed, ...]]
    packages = ("tensorflow", "keras", "safetensors")
    settings_type = UNetKerasSettings
    checkpoint_suffix = ".safetensors"
    download = staticmethod(not_published)
    outputs = Outputs(label_maps=True)

    def __init__(
        self,
        settings: UNetKerasSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load the weights and match their classes to the data set's."""
        from training.stages import keras_start, keras_steps, unet_keras

        self._settings = settings
        self._place = keras_start.find_device(device)
        self._tf, _ = keras_start.import_keras()
        name = self.stages[0]
        with self._tf.device(self._place):
            model, self._architecture = unet_keras.load(weights[name], name)
        self._answer = keras_steps.make_answer(model)
        self._classes, self._dtype = map_labels(
            self._architecture.names, self._architecture.background, categories
        )
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
        """Return one label map for each photograph, at its own size."""
        # one image a pass: then its answer cannot depend on others, not in the last bit
        return [self._predict_one(each) for each in photographs]

    def _predict_one(self, photograph: Photograph) -> Prediction:
        logits, labels = self._logits(photograph)
        logits[..., self._classes.indices < 0] = -np.inf
        chosen = logits.argmax(axis=2)
        best = np.take_along_axis(logits, chosen[..., np.newaxis], axis=2)
        probabilities = 1 / np.exp(logits - best).sum(axis=2)
        return Prediction(
            image=photograph.record,
            label_map=self._classes.indices[chosen].astype(self._dtype),
            confidence=confidence.quantise(probabilities),
            probabilities=None if labels is None else self._label_probabilities(labels),
        )

    def _logits(self, photograph: Photograph) -> tuple[np.ndarray, np.ndarray | None]:
        """Return logits (H, W, L) at the image's size, and those of the image (K,) or None."""
        from training.stages import unet_keras

        pixels = resized(photograph.pixels, self._architecture.scale)
        height, width = pixels.shape[:2]
        inputs = unet_keras.padded(pixels, self._architecture.stride)[np.newaxis]
        with self._tf.device(self._place):
            answer = self._answer(unet_keras.as_input(inputs))
            logits = answer[0] if self._architecture.labels else answer
            enlarged = self._tf.image.resize(
                logits[:, :height, :width], photograph.pixels.shape[:2], method="bilinear"
            )
        labels = answer[1].numpy()[0] if self._architecture.labels else None
        return enlarged.numpy()[0], labels

    def _label_probabilities(self, labels: np.ndarray) -> np.ndarray:
        """Return how probable it is that the image shows each class of the data set, (C,)."""
        found = np.zeros(self._class_count)
        indices = self._classes.indices[list(self._architecture.label_indices)]
        known = indices >= 0
        found[indices[known]] = 1 / (1 + np.exp(-labels[known].astype(np.float64)))
        return found


def weights_need(system: str) -> WeightsNeed:
    """Return the file of weights that a system works with."""
    name = f"{system}-demo.safetensors"
    return WeightsNeed(stage=system, default=name, known=(name,), address="")


def architecture_of(
    system: str, data: TrainingData, settings: UNetKerasFitSettings, *, labels: bool
) -> Architecture:
    """Return what a training is to build."""
    from training.stages.unet_keras import Architecture

    names, background = batches.label_names(data.train)
    return Architecture(
        system=system,
        names=names,
        background=-1 if background is None else background,
        labels=labels,
        width=settings.width,
        depth=settings.depth,
        widest=settings.widest,
        scale=settings.scale,
    )
