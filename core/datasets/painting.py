"""Colours, light and the camera: how a scene becomes pixels."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.photos import Photo
from core.datasets.recipes import Recipe
from core.datasets.shapes import Coverage

Canvas = NDArray[np.float32]  # (H, W, 3), RGB from 0 to 1

HUES = {
    "red": 0.0,
    "orange": 0.08,
    "yellow": 0.15,
    "green": 0.35,
    "cyan": 0.5,
    "blue": 0.62,
    "purple": 0.76,
    "pink": 0.9,
}
COLOURS = (*HUES, "white", "black")

CROPS, PLAIN = 6, 0.025  # a crop whose colours deviate less than this is tried again
ZOOM = 3.0  # how much larger than the image the crop may be
COLOUR_ATTEMPTS = 10


def backdrop(
    photographs: tuple[Photo, ...],
    recipe: Recipe,
    height: int,
    width: int,
    rng: np.random.Generator,
) -> Canvas:
    """Return a crop of one of the photographs, with the clutter that a recipe allows."""
    for _ in range(CROPS):
        canvas = _crop(photographs[rng.integers(len(photographs))], height, width, rng)
        if canvas.std() > PLAIN:
            break
    if rng.random() < 0.5:
        canvas = canvas[:, ::-1]
    shift = rng.uniform(-0.12, 0.12)
    canvas = (canvas - 0.5) * rng.uniform(*recipe.backdrop_contrast) + 0.5 + shift
    canvas = np.ascontiguousarray(np.clip(canvas, 0, 1), dtype=np.float32)
    for _ in range(rng.integers(0, recipe.strokes + 1)):
        start, end = rng.integers(0, (width, height), size=(2, 2)).tolist()
        colour = _colour(rng)[1].tolist()
        cv2.line(canvas, start, end, colour, int(rng.integers(1, 4)))
    return canvas


def paint(canvas: Canvas, covered: Coverage, contrast: float, rng: np.random.Generator) -> str:
    """Paint an object into its part of the canvas and return the name of its colour.

    Args:
        canvas: a view of the pixels of the object's box, changed in place.
        covered: share of each of these pixels that the object covers.
        contrast: least difference from what lies behind, in the channel that differs most.
        rng: chooses the colour and how it varies across the object.
    """
    behind = np.average(canvas.reshape(-1, 3), axis=0, weights=covered.ravel())
    candidates = [_colour(rng) for _ in range(COLOUR_ATTEMPTS)]
    far = [np.abs(colour - behind).max() for _, colour in candidates]
    chosen = next((i for i, distance in enumerate(far) if distance >= contrast), np.argmax(far))
    name, colour = candidates[int(chosen)]
    height, width = covered.shape
    first, last = rng.uniform(0.85, 1.0, 2).tolist()
    light = np.linspace(first, last, height)[:, None, None]
    grain = rng.normal(0, rng.uniform(0, 0.04), (height, width, 1))
    opacity = (covered * rng.uniform(0.92, 1.0))[..., None]
    canvas[:] = canvas * (1 - opacity) + (colour * light + grain) * opacity
    return name


def photograph(
    canvas: Canvas, recipe: Recipe, rng: np.random.Generator
) -> tuple[Photo, float, bool]:
    """Return the pixels that a camera sees, the blur's sigma in pixels, and whether it was dark."""
    blur = rng.uniform(0.8, 1.5) if rng.random() < recipe.blurred else rng.uniform(0.0, 0.5)
    is_dark = rng.random() < recipe.dark
    seen = cv2.GaussianBlur(canvas, (0, 0), blur) if blur > 0 else canvas
    if is_dark:
        seen = seen * np.float32(rng.uniform(0.3, 0.5))
    noise = rng.standard_normal(seen.shape, dtype=np.float32)
    seen = seen + noise * np.float32(rng.uniform(0, recipe.noise))
    return np.round(np.clip(seen, 0, 1) * 255).astype(np.uint8), blur, bool(is_dark)


def _crop(photo: Photo, height: int, width: int, rng: np.random.Generator) -> Canvas:
    largest = min(photo.shape[0] / height, photo.shape[1] / width)
    zoom = rng.uniform(min(1.0, largest), min(ZOOM, largest))
    rows, columns = int(height * zoom), int(width * zoom)
    top = rng.integers(0, photo.shape[0] - rows + 1)
    left = rng.integers(0, photo.shape[1] - columns + 1)
    cut = photo[top : top + rows, left : left + columns]
    cut = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)
    canvas: Canvas = cut.astype(np.float32) / 255
    return canvas


def _colour(rng: np.random.Generator) -> tuple[str, NDArray[np.float64]]:
    """Return a colour, RGB from 0 to 1, and what people call it."""
    name = COLOURS[rng.integers(len(COLOURS))]
    if name == "white":
        return name, np.full(3, rng.uniform(0.88, 1.0))
    if name == "black":
        return name, np.full(3, rng.uniform(0.0, 0.12))
    hue = (HUES[name] + rng.uniform(-0.025, 0.025)) % 1
    return name, np.array(colorsys.hsv_to_rgb(hue, rng.uniform(0.7, 1), rng.uniform(0.65, 1)))
