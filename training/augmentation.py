"""How samples are changed at random, so that a network does not learn them by heart."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
GREY = 114  # of pixels that augmentation brings in from outside the image


@dataclass(frozen=True, kw_only=True)
class Recolouring:
    """How far the colours of a sample may be changed at random; zeros leave them alone.

    Attributes:
        brightness: add up to this fraction of the range of values.
        contrast: stretch or squeeze the values by up to this fraction.
        shuffle_colours: exchange the colour channels. Wrong where colour tells classes apart.
    """

    brightness: float = 0.0
    contrast: float = 0.0
    shuffle_colours: bool = False


@dataclass(frozen=True, kw_only=True)
class Augmentation(Recolouring):
    """How far a sample may be changed at random; zeros and ones leave it alone.

    Attributes:
        flip: mirror left and right every other time. Wrong for digits and letters.
        zoom: enlarge or reduce by up to this factor, 1 or more.
        shift: move by up to this fraction of the side.
    """

    flip: bool = False
    zoom: float = 1.0
    shift: float = 0.0


def augmentation_of(settings: Any) -> Augmentation:  # noqa: ANN401 - of any system that names them
    """Return how far the settings of a training let a sample be changed."""
    return Augmentation(
        **{each.name: getattr(settings, each.name) for each in fields(Augmentation)}
    )


def recoloured(pixels: Pixels, recolouring: Recolouring, generator: np.random.Generator) -> Pixels:
    """Return an image (H, W, 3) with other brightness, contrast and, if so wished, channels."""
    stretch = 1 + recolouring.contrast * generator.uniform(-1, 1)
    added = 255 * recolouring.brightness * generator.uniform(-1, 1)
    values = np.clip((np.arange(256) - 127.5) * stretch + 127.5 + added, 0, 255)
    changed = np.rint(values).astype(np.uint8)[pixels]
    if recolouring.shuffle_colours:
        changed = changed[:, :, generator.permutation(3)]
    return changed
