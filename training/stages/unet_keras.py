"""U-Net (Ronneberger, Fischer, Brox 2015) in Keras, with a second output if wanted.

    pixels --> two convolutions ----------- skip -----------> two convolutions --+--> logits
                  | halve                                        ^ double        +--> labels
                  +--> two convolutions --- skip --> two convolutions
                          | halve                       ^ double
                          +-----> two convolutions -----+

Convolutions are padded and normalised by batch. The second output says which classes the image
shows: a score of each class at each place, gathered by the logarithm of their mean exponential
(Pinheiro and Collobert 2015), so that a small object is enough and every place learns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.stages import keras_checkpoints
from training.stages.keras_start import import_keras


@dataclass(frozen=True)
class Architecture:
    """All that the network is built from, kept with its weights.

    Attributes:
        system: name of the system it belongs to.
        names: of the classes the network tells apart, background among them.
        background: index in `names` of what means "nothing", or -1 if none does.
        labels: whether it has the second output.
        width: channels of the first level; each level below has twice as many.
        depth: how often the size is halved.
        widest: channels of a level, at most.
        scale: size at which the network sees an image, as a fraction of the image's own.
    """

    system: str
    names: tuple[str, ...]
    background: int
    labels: bool
    width: int
    depth: int
    widest: int
    scale: float

    @property
    def stride(self) -> int:
        """Return what the sides of an input must be multiples of, in pixels."""
        return int(2**self.depth)

    @property
    def label_indices(self) -> tuple[int, ...]:
        """Return the names that the second output speaks of: all but background."""
        return tuple(index for index in range(len(self.names)) if index != self.background)


def build(architecture: Architecture) -> Any:  # noqa: ANN401 - a keras.Model
    """Return the network: (N, H, W, 3) to logits (N, H, W, L) and image-level logits (N, K).

    Without the second output the network has the first alone.
    """
    _, keras = import_keras()
    layers = keras.layers
    widths = [
        min(architecture.width * 2**level, architecture.widest)
        for level in range(architecture.depth + 1)
    ]
    inputs = keras.Input((None, None, 3), name="pixels")
    features, skips = _two_convolutions(inputs, widths[0], "down0"), []
    for level, width in enumerate(widths[1:], start=1):
        skips.append(features)
        features = layers.MaxPooling2D(name=f"halve{level}")(features)
        features = _two_convolutions(features, width, f"down{level}")
    for level in reversed(range(architecture.depth)):
        features = layers.Conv2DTranspose(widths[level], 2, strides=2, name=f"double{level}")(
            features
        )
        features = layers.Concatenate(name=f"skip{level}")([skips.pop(), features])
        features = _two_convolutions(features, widths[level], f"up{level}")
    logits = layers.Conv2D(len(architecture.names), 1, name="classify", dtype="float32")(features)
    if not architecture.labels:
        return keras.Model(inputs, logits, name="unet")
    places = layers.Conv2D(len(architecture.label_indices), 1, name="places", dtype="float32")(
        features
    )
    return keras.Model(inputs, [logits, _Gather(name="labels")(places)], name="unet")


def as_input(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return uint8 pixels (N, H, W, 3) as the network takes them: -1 to 1."""
    return pixels.astype(np.float32) / np.float32(127.5) - 1


def padded(pixels: NDArray[np.uint8], stride: int) -> NDArray[np.uint8]:
    """Return an image with edges repeated until its sides are multiples of the stride."""
    height, width = pixels.shape[:2]
    return np.pad(pixels, ((0, -height % stride), (0, -width % stride), (0, 0)), mode="edge")


def save(model: Any, architecture: Architecture, path: Path) -> None:  # noqa: ANN401 - a keras.Model
    """Write a checkpoint."""
    keras_checkpoints.save(model, asdict(architecture), path, architecture.system)


def load(path: Path, system: str) -> tuple[Any, Architecture]:
    """Read a checkpoint, which cannot hold code.

    Raises:
        UsageError: the file is not one of this system.
    """
    description, numbers = keras_checkpoints.load(path, system)
    architecture = _architecture(description, path, system)
    model = build(architecture)
    keras_checkpoints.fill(model, numbers, path, system)
    return model, architecture


def _two_convolutions(features: Any, width: int, name: str) -> Any:  # noqa: ANN401 - tensors
    """Apply twice: 3 x 3 convolution, batch normalisation, ReLU."""
    _, keras = import_keras()
    layers = keras.layers
    for letter in "ab":
        features = layers.Conv2D(
            width,
            3,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=f"{name}{letter}",
        )(features)
        features = layers.BatchNormalization(momentum=0.95, name=f"{name}{letter}_norm")(features)
        features = layers.ReLU(name=f"{name}{letter}_relu")(features)
    return features


def _Gather(name: str) -> Any:  # noqa: ANN401, N802 - stands for a layer
    """Return the layer from scores of places (N, H, W, K) to scores of images (N, K)."""
    _, keras = import_keras()

    class Gather(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, places: Any) -> Any:  # noqa: ANN401 - tensors
            shape = keras.ops.shape(places)
            count = keras.ops.cast(shape[1] * shape[2], "float32")
            return keras.ops.logsumexp(places, axis=(1, 2)) - keras.ops.log(count)

    return Gather(name=name)


def _architecture(description: Mapping[str, Any], path: Path, system: str) -> Architecture:
    try:
        return Architecture(**{**description, "names": tuple(description["names"])})
    except (KeyError, TypeError) as error:
        reason = f"it does not say what network it is of ({error})"
        raise keras_checkpoints.unusable(path, system, reason) from error
