"""One object, drawn: how much of each pixel it covers."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Coverage = NDArray[np.float32]
Points = NDArray[np.float64]

SHAPES = ("circle", "triangle", "square", "star", "ring", "heart")

FINENESS = 4  # subpixels a side
UPSCALING = 8
# Ink above this is stroke; the ramp about it keeps the edge smooth.
INK_EDGE, INK_RAMP = 0.42, 0.12


def draw_shape(shape: str, size: float, rng: np.random.Generator) -> Coverage:
    """Return a shape, turned and slightly squeezed at random.

    Args:
        shape: one of `SHAPES`.
        size: its diameter before it is turned, in pixels.
        rng: chooses turn, squeeze, and how thick a ring is.

    Returns:
        The share of each pixel that is covered, from 0 to 1; no empty row or column at the edge.
    """
    turn = rng.uniform(-0.5, 0.5) if shape == "heart" else rng.uniform(0, 2 * np.pi)
    squeeze = rng.uniform(0.86, 1.0)
    cosine, sine = np.cos(turn), np.sin(turn)
    points = outline(shape) * (1.0, squeeze) @ np.array([[cosine, sine], [-sine, cosine]])
    side = int(np.ceil(1.2 * size)) + 4
    canvas = np.zeros((side * FINENESS, side * FINENESS), dtype=np.uint8)
    _fill(canvas, points * size / 2, 255)
    if shape == "ring":
        _fill(canvas, points * size / 2 * rng.uniform(0.5, 0.64), 0)
    covered = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    return _trimmed(covered.astype(np.float32) / 255)


def draw_digit(ink: NDArray[np.float32], size: float, rng: np.random.Generator) -> Coverage:
    """Return a handwritten digit, enlarged smoothly, slanted and turned a little at random.

    Args:
        ink: the sample, from 0 to 1, shape (8, 8).
        size: its height before it is turned, in pixels.
        rng: chooses turn and slant.

    Returns:
        As `draw_shape` does.
    """
    # a margin, so that strokes at the edge of the sample get a rounded end
    large = cv2.resize(
        np.pad(ink, 2), None, fx=UPSCALING, fy=UPSCALING, interpolation=cv2.INTER_CUBIC
    )
    large = cv2.GaussianBlur(large, (0, 0), 0.25 * UPSCALING)
    turn, slant = rng.uniform(-14, 14), rng.uniform(-0.12, 0.12)
    scale = size / (len(ink) * UPSCALING)
    side = int(np.ceil(1.5 * size)) + 4
    linear = cv2.getRotationMatrix2D((0, 0), turn, scale)[:, :2] @ np.array([[1, slant], [0, 1]])
    shift = side / 2 - linear @ np.full(2, len(large) / 2)
    if scale < 1:
        # sampled without this, thin strokes of a reduced digit would break up
        large = cv2.GaussianBlur(large, (0, 0), 0.4 / scale)
    turned = cv2.warpAffine(large, np.column_stack([linear, shift]), (side, side))
    return _trimmed(np.clip((turned - INK_EDGE) / INK_RAMP + 0.5, 0, 1))


def outline(shape: str) -> Points:
    """Return the corners of a shape about the origin, shape (K, 2), y downwards, radius about 1."""
    round_about = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    if shape in ("circle", "ring"):
        return np.column_stack([np.cos(round_about), np.sin(round_about)])
    if shape == "triangle":
        return _corners(np.ones(3))
    if shape == "square":
        return 0.8 * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    if shape == "star":
        return _corners(np.where(np.arange(10) % 2 == 0, 1.0, 0.42))
    if shape == "heart":
        return _heart(round_about)
    raise ValueError(f"there is no shape {shape!r}; known are {', '.join(SHAPES)}")


def _corners(radii: Points) -> Points:
    angle = np.pi / 2 + np.arange(len(radii)) * 2 * np.pi / len(radii)
    return np.column_stack([radii * np.cos(angle), -radii * np.sin(angle)])


def _heart(t: Points) -> Points:
    """The heart curve of https://mathworld.wolfram.com/HeartCurve.html, the last of its list."""
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.column_stack([16 * np.sin(t) ** 3, -y]) / 17


def _fill(canvas: NDArray[np.uint8], points: Points, value: int) -> None:
    """Fill an outline given in pixels about the middle of the canvas."""
    corners = np.round((points + len(canvas) / FINENESS / 2) * FINENESS).astype(np.int32)
    cv2.fillPoly(canvas, [corners], value)


def _trimmed(covered: Coverage) -> Coverage:
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    return covered[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
