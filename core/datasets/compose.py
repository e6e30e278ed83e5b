"""Scenes: shapes and digits on a photograph, with the mask of what is visible of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets import painting
from core.datasets.photos import Digits, Photo
from core.datasets.recipes import BLURRED_FROM, Recipe
from core.datasets.shapes import Coverage, draw_digit, draw_shape

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LEAST_VISIBLE = 0.3
OCCLUDED_BELOW = 0.9
COVERED_FROM = 0.5  # a pixel belongs to the object that covers at least half of it
PLACEMENTS, SHRINKING = 12, 0.93


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

    def window(self, height: int, width: int) -> tuple[slice, slice, Coverage]:
        """Return rows and columns of the image that the box meets, and their coverage."""
        rows = slice(max(self.top, 0), min(self.top + self.covered.shape[0], height))
        columns = slice(max(self.left, 0), min(self.left + self.covered.shape[1], width))
        inside = self.covered[
            rows.start - self.top : rows.stop - self.top,
            columns.start - self.left : columns.stop - self.left,
        ]
        return rows, columns, inside


@dataclass(frozen=True, eq=False)
class SceneObject:
    """One object of a scene, as far as it is visible.

    Attributes:
        category: its class index.
        mask: (H, W) bool, the visible pixels; the masks of a scene share none.
        visible: share of the whole object that is visible, from 0 to 1.
        colour: name of its colour.
    """

    category: int
    mask: NDArray[np.bool_]
    visible: float
    colour: str


@dataclass(frozen=True, eq=False)
class Scene:
    """An image and all that is known about it.

    Attributes:
        pixels: RGB, shape (H, W, 3).
        objects: from the one that lies lowest to the one on top.
        tags: such as "easy" or "occluded".
    """

    pixels: Photo
    objects: tuple[SceneObject, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ingredients:
    """What scenes of one split are made of.

    Attributes:
        photographs: backdrops are cut from them.
        digits: samples of each digit.
        categories: names of shapes, or "digit" and the digit's name.
        weights: how likely each category is, shape (C,); sums to 1.
        recipes: of which one is chosen for each image.
        sizes: (height, width) of images in pixels; one is chosen for each image.
    """

    photographs: tuple[Photo, ...]
    digits: Digits
    categories: tuple[str, ...]
    weights: NDArray[np.float64]
    recipes: tuple[Recipe, ...]
    sizes: tuple[tuple[int, int], ...]


def compose(ingredients: Ingredients, rng: np.random.Generator) -> Scene:
    """Return one scene; the same generator state gives the same bytes."""
    recipes = ingredients.recipes
    recipe = recipes[rng.choice(len(recipes), p=[recipe.share for recipe in recipes])]
    height, width = ingredients.sizes[rng.integers(len(ingredients.sizes))]
    placed = _place(ingredients, recipe, height, width, rng)
    masks = _visible_masks(placed, height, width)
    # who is hardly visible is left out of the picture too: nothing is painted but not annotated
    kept = [
        one for one, mask in zip(placed, masks, strict=True) if _share(mask, one) >= LEAST_VISIBLE
    ]
    masks = _visible_masks(kept, height, width)
    canvas = painting.backdrop(ingredients.photographs, recipe, height, width, rng)
    colours = []
    for one, mask in zip(kept, masks, strict=True):
        rows, columns, inside = one.window(height, width)
        del mask
        colours.append(painting.paint(canvas[rows, columns], inside, recipe.contrast, rng))
    pixels, blur, is_dark = painting.photograph(canvas, recipe, rng)
    objects = tuple(
        SceneObject(one.category, mask, _share(mask, one), colour)
        for one, mask, colour in zip(kept, masks, colours, strict=True)
    )
    told = {
        recipe.tag: bool(recipe.tag),
        "occluded": any(
            _is_occluded(one, mask, height, width) for one, mask in zip(kept, masks, strict=True)
        ),
        "blurred": blur >= BLURRED_FROM,
        "dark": is_dark,
    }
    return Scene(pixels, objects, tuple(tag for tag, holds in told.items() if holds))


def _place(
    ingredients: Ingredients, recipe: Recipe, height: int, width: int, rng: np.random.Generator
) -> list[Placed]:
    """Place objects, later ones over earlier ones; who finds no room is left out."""
    placed: list[Placed] = []
    for _ in range(rng.integers(recipe.objects[0], recipe.objects[1] + 1)):
        category = int(rng.choice(len(ingredients.categories), p=ingredients.weights))
        size = float(np.exp(rng.uniform(*np.log(recipe.sizes))))
        for _ in range(PLACEMENTS):
            one = _draw_at_random(ingredients, recipe, category, size, (height, width), rng)
            if all(_overlap(one, other) <= recipe.overlap for other in placed):
                placed.append(one)
                break
            size = max(size * SHRINKING, recipe.sizes[0])
    return placed


def _draw_at_random(
    ingredients: Ingredients,
    recipe: Recipe,
    category: int,
    size: float,
    image: tuple[int, int],
    rng: np.random.Generator,
) -> Placed:
    name = ingredients.categories[category]
    if name.startswith("digit "):
        samples = ingredients.digits[DIGIT_NAMES.index(name.removeprefix("digit "))]
        sample = samples[rng.integers(len(samples))]
        covered = draw_digit(sample, max(size, recipe.digit_size), rng)
    else:
        covered = draw_shape(name, size, rng)
    corner = []
    for side, room in zip(covered.shape, image, strict=True):
        outside = int(recipe.outside * side)
        corner.append(int(rng.integers(-outside, max(room - side + outside, 0) + 1)))
    return Placed(category, covered, top=corner[0], left=corner[1])


def _overlap(one: Placed, other: Placed) -> float:
    """Return the share of the smaller of two boxes that the other covers."""
    shared = 1
    for start, side in ((0, 0), (1, 1)):
        low = max((one.top, one.left)[start], (other.top, other.left)[start])
        high = min(
            (one.top, one.left)[start] + one.covered.shape[side],
            (other.top, other.left)[start] + other.covered.shape[side],
        )
        shared *= max(high - low, 0)
    return shared / min(one.covered.size, other.covered.size)


def _visible_masks(
    placed: Sequence[Placed], height: int, width: int
) -> list[NDArray[np.bool_]]:
    masks: list[NDArray[np.bool_]] = []
    hidden = np.zeros((height, width), dtype=np.bool_)
    for one in reversed(placed):
        mask = _whole_mask(one, height, width) & ~hidden
        hidden |= mask
        masks.append(mask)
    return masks[::-1]
