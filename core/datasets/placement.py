"""Where the objects of a scene lie, and what is visible of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets.recipes import Recipe
from core.datasets.shapes import Coverage

Mask = NDArray[np.bool_]

LEAST_VISIBLE = 0.3
COVERED_FROM = 0.5  # a pixel belongs to an object that covers at least half of it
ATTEMPTS = 15


@dataclass(frozen=True, eq=False)
class Placed:
    """An object and where it lies.

    Attributes:
        category: its class index.
        covered: share of each pixel of its box that it covers, shape (h, w).
        top: row of the image where the box starts; may be negative.
        left: column of the image where the box starts; may be negative.
    """

    category: int
    covered: Coverage
    top: int
    left: int

    @property
    def area(self) -> int:
        """The pixels of the whole object, visible or not."""
        return int((self.covered >= COVERED_FROM).sum())

    def window(self, height: int, width: int) -> tuple[tuple[slice, slice], Coverage]:
        """Return rows and columns of the image that the box meets, and the coverage there."""
        rows = slice(max(self.top, 0), min(self.top + self.covered.shape[0], height))
        columns = slice(max(self.left, 0), min(self.left + self.covered.shape[1], width))
        inside = self.covered[
            rows.start - self.top : rows.stop - self.top,
            columns.start - self.left : columns.stop - self.left,
        ]
        return (rows, columns), inside

    def mask(self, height: int, width: int) -> Mask:
        """Return the pixels of the object in an image of this size, as if it lay on top."""
        mask = np.zeros((height, width), dtype=np.bool_)
        window, inside = self.window(height, width)
        mask[window] = inside >= COVERED_FROM
        return mask

    def overlap(self, other: Placed) -> float:
        """Return the share of the smaller of two boxes that the other covers, from 0 to 1."""
        height = min(self.top + self.covered.shape[0], other.top + other.covered.shape[0])
        width = min(self.left + self.covered.shape[1], other.left + other.covered.shape[1])
        height -= max(self.top, other.top)
        width -= max(self.left, other.left)
        smaller = min(self.covered.size, other.covered.size)
        return float(max(height, 0) * max(width, 0) / smaller)


def place(
    recipe: Recipe,
    height: int,
    width: int,
    draw: Callable[[float], tuple[int, Coverage]],
    rng: np.random.Generator,
) -> list[Placed]:
    """Place objects at random, later ones over earlier ones.

    Args:
        recipe: how many, how large, how crowded.
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.
        draw: gives class index and coverage of an object of about this size in pixels.
        rng: chooses sizes and places.

    Returns:
        The objects of which enough is visible; who finds no room is left out as well.
    """
    placed: list[Placed] = []
    for _ in range(rng.integers(recipe.objects[0], recipe.objects[1] + 1)):
        size = float(np.exp(rng.uniform(*np.log(recipe.sizes))))
        category, covered = draw(size)
        for _ in range(ATTEMPTS):
            top = _start(covered.shape[0], height, recipe.outside, rng)
            left = _start(covered.shape[1], width, recipe.outside, rng)
            candidate = Placed(category, covered, top, left)
            if all(candidate.overlap(other) <= recipe.overlap for other in placed):
                placed.append(candidate)
                break
    # who is hardly visible is not painted either: all that is painted is annotated
    visible = visible_masks(placed, height, width)
    return [
        each
        for each, mask in zip(placed, visible, strict=True)
        if mask.sum() >= LEAST_VISIBLE * each.area
    ]


def visible_masks(placed: Sequence[Placed], height: int, width: int) -> list[Mask]:
    """Return the visible pixels of each object, shape (H, W); later ones hide earlier ones."""
    masks: list[Mask] = []
    hidden = np.zeros((height, width), dtype=np.bool_)
    for each in reversed(placed):
        whole = each.mask(height, width)
        masks.append(whole & ~hidden)
        hidden |= whole
    return masks[::-1]


def _start(side: int, room: int, outside: float, rng: np.random.Generator) -> int:
    """Return where a box starts along one axis of the image."""
    beyond = int(outside * side)
    return int(rng.integers(-beyond, max(room - side, 0) + beyond + 1))
