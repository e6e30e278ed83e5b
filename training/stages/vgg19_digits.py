"""VGG19 (Simonyan and Zisserman 2015) with two dense branches: which class, and where.

    square --> 2, 2, 4 convolutions, halved --+--> 4, 4, halved --+--> dense --> logits
               after each group               |                   +--> dense --> box
                                              +--> early logits

With 64 channels in its first group the base is Keras' own VGG19, so that published weights fit.
A narrower base has the same layers with fewer channels, each convolution followed by batch
normalisation, because sixteen layers without it do not learn from random weights. It also guesses
the class after the third group: its first layers learn from that guess while the last ones are
still random (Szegedy et al. 2015); answers do not use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from training.stages import keras_checkpoints
from training.stages.keras_start import import_keras

SYSTEM = "vgg19-digits"
GROUPS = ((1, 2), (2, 2), (4, 4), (8, 4), (8, 4))  # channels as multiples of the first, layers
FULL_WIDTH = 64
# Keras' preprocessing for VGG19: the means of ImageNet, blue, green, red
MEANS = (103.939, 116.779, 123.68)


@dataclass(frozen=True)
class Architecture:
    """All that the network is built from, kept with its weights.

    Attributes:
        names: of the classes the network tells apart.
        side: of the square that the network sees, in pixels.
        width: channels of the first group; 64 is VGG19 itself.
        dense: neurons of each branch.
    """

    names: tuple[str, ...]
    side: int
    width: int
    dense: int


def build(architecture: Architecture, base_weights: Path | None = None) -> Any:  # noqa: ANN401 - a keras.Model
    """Return the network: (N, side, side, 3) inputs to logits (N, C) and boxes (N, 4).

    Boxes are x, y, width, height as parts of the square. A narrow network has early logits (N, C)
    as its third output.

    Args:
        architecture: what to build.
        base_weights: Keras' file of VGG19 without its top, or None for random weights.

    Raises:
        UsageError: that file is not one of VGG19.
    """
    _, keras = import_keras()
    layers = keras.layers
    base = _base(architecture)
    if base_weights is not None:
        _load_base(base, base_weights)
    features = layers.Flatten(name="features")(base.output)
    branches = [
        layers.Dense(
            architecture.dense, activation="relu", kernel_initializer="he_normal", name=name
        )(layers.Dropout(0.3, name=f"{name}_dropout")(features))
        for name in ("class_dense", "box_dense")
    ]
    logits = layers.Dense(len(architecture.names), name="logits", dtype="float32")(branches[0])
    centre = layers.Dense(4, activation="sigmoid", name="centre", dtype="float32")(branches[1])
    outputs = [logits, _Corner(name="corner")(centre)]
    if architecture.width != FULL_WIDTH:
        halfway = layers.Flatten(name="halfway")(base.get_layer("block3_pool").output)
        outputs.append(
            layers.Dense(len(architecture.names), name="early", dtype="float32")(halfway)
        )
    return keras.Model(base.input, outputs, name="digits")


def _Corner(name: str) -> Any:  # noqa: ANN401, N802 - stands for a layer
    """Return the layer from centre and size to corner and size."""
    _, keras = import_keras()

    class Corner(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, box: Any) -> Any:  # noqa: ANN401 - tensors
            centre, size = box[:, :2], box[:, 2:]
            return keras.ops.concatenate([centre - size / 2, size], axis=1)

    return Corner(name=name)


def base_layers(model: Any) -> list[Any]:  # noqa: ANN401 - a keras.Model
    """Return the layers that both branches share."""
    return [layer for layer in model.layers if layer.name.startswith("block")]


def as_input(pixels: NDArray[np.uint8], architecture: Architecture) -> NDArray[np.float32]:
    """Return uint8 squares (N, side, side, 3) as the network takes them."""
    values = pixels.astype(np.float32)
    if architecture.width == FULL_WIDTH:
        return np.ascontiguousarray(values[..., ::-1]) - np.array(MEANS, np.float32)
    return values / np.float32(127.5) - 1


def save(model: Any, architecture: Architecture, path: Path) -> None:  # noqa: ANN401 - a keras.Model
    """Write a checkpoint."""
    keras_checkpoints.save(model, asdict(architecture), path, SYSTEM)


def load(path: Path) -> tuple[Any, Architecture]:
    """Read a checkpoint, which cannot hold code.

    Raises:
        UsageError: the file is not one of this network.
    """
    description, numbers = keras_checkpoints.load(path, SYSTEM)
    architecture = _architecture(description, path)
    model = build(architecture)
    keras_checkpoints.fill(model, numbers, path, SYSTEM)
    return model, architecture


def _base(architecture: Architecture) -> Any:  # noqa: ANN401 - a keras.Model
    _, keras = import_keras()
    shape = (architecture.side, architecture.side, 3)
    if architecture.width == FULL_WIDTH:
        return keras.applications.VGG19(include_top=False, weights=None, input_shape=shape)
    layers = keras.layers
    inputs = features = keras.Input(shape, name="square")
    for group, (factor, count) in enumerate(GROUPS, start=1):
        for number in range(1, count + 1):
            name = f"block{group}_conv{number}"
            features = layers.Conv2D(
                factor * architecture.width,
                3,
                padding="same",
                use_bias=False,
                kernel_initializer="he_normal",
                name=name,
            )(features)
            features = layers.BatchNormalization(momentum=0.95, name=f"{name}_norm")(features)
            features = layers.ReLU(name=f"{name}_relu")(features)
        features = layers.MaxPooling2D(name=f"block{group}_pool")(features)
    return keras.Model(inputs, features, name="base")


def _load_base(base: Any, path: Path) -> None:  # noqa: ANN401 - a keras.Model
    try:
        base.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(
            f"{path} cannot be loaded as weights of VGG19: {error}. Expected Keras' file "
            "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5, with width 64."
        ) from error


def _architecture(description: Mapping[str, Any], path: Path) -> Architecture:
    try:
        return Architecture(**{**description, "names": tuple(description["names"])})
    except (KeyError, TypeError) as error:
        reason = f"it does not say what network it is of ({error})"
        raise keras_checkpoints.unusable(path, SYSTEM, reason) from error
