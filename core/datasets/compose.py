"""Scenes: shapes and digits on a photograph, with the mask of what is visible of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets import painting
from core.datasets.photos import Digits, Photo
from core.datasets.placement import Mask, Placed, place, visible_masks
from core.datasets.recipes import BLURRED_FROM, Recipe
from core.datasets.shapes import Coverage, draw_digit, draw_shape

OCCLUDED_BELOW = 0.9  # of an object's part inside the image


@dataclass(frozen=True, eq=False)
class SceneObject:
    """One object of a scene, as far as it is visible.

    Attributes:
        category: its class index.
        mask: (H, W), the visible pixels; the masks of a scene share none.
        visible: share of the whole object that is visible, from 0 to 1.
        colour: name of its colour.
    """

    category: int
    mask: Mask
    visible: float
    colour: str


@dataclass(frozen=True, eq=False)
class Scene:
    """An image and all that is known about it.

    Attributes:
        pixels: RGB, shape (H, W, 3).
        objects: from the one that lies lowest to the one on top; one or more.
        tags: such as "easy" or "occluded".
    """

    pixels: Photo
    objects: tuple[SceneObject, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ingredients:
    """What the scenes of one split are made of.

    Attributes:
        photographs: backdrops are cut from them.
        digits: samples of the digits 0 to 9.
        drawn: for each class the name of its shape, or the digit.
        weights: how likely each class is, shape (C,); sums to 1.
        recipes: one is chosen for each image, by its share.
        sizes: (height, width) of images in pixels; one is chosen for each image.
    """

    photographs: tuple[Photo, ...]
    digits: Digits
    drawn: tuple[str | int, ...]
    weights: NDArray[np.float64]
    recipes: tuple[Recipe, ...]
    sizes: tuple[tuple[int, int], ...]


def compose(ingredients: Ingredients, rng: np.random.Generator) -> Scene:
    """Return one scene; the same state of the generator gives the same bytes."""
    shares = [recipe.share for recipe in ingredients.recipes]
    recipe = ingredients.recipes[rng.choice(len(shares), p=shares)]
    height, width = ingredients.sizes[rng.integers(len(ingredients.sizes))]

    def draw(size: float) -> tuple[int, Coverage]:
        return _draw(ingredients, size, recipe.digit_size, rng)

    placed = place(recipe, height, width, draw, rng)
    masks = visible_masks(placed, height, width)
    canvas = painting.backdrop(ingredients.photographs, recipe, height, width, rng)
    objects = []
    for each, mask in zip(placed, masks, strict=True):
        window, inside = each.window(height, width)
        colour = painting.paint(canvas[window], inside, recipe.contrast, rng)
        visible = float(mask.sum()) / each.area
        objects.append(SceneObject(each.category, mask, visible, colour))
    pixels, blur, is_dark = painting.photograph(canvas, recipe, rng)
    tags = {
        recipe.tag: bool(recipe.tag),
        "occluded": any(map(_is_occluded, placed, masks)),
        "blurred": blur >= BLURRED_FROM,
        "dark": is_dark,
    }
    return Scene(pixels, tuple(objects), tuple(tag for tag, holds in tags.items() if holds))


def _draw(
    ingredients: Ingredients, size: float, digit_size: float, rng: np.random.Generator
) -> tuple[int, Coverage]:
    category = int(rng.choice(len(ingredients.drawn), p=ingredients.weights))
    drawn = ingredients.drawn[category]
    if isinstance(drawn, str):
        return category, draw_shape(drawn, size, rng)
    samples = ingredients.digits[drawn]
    return category, draw_digit(samples[rng.integers(len(samples))], max(size, digit_size), rng)


def _is_occluded(placed: Placed, visible: Mask) -> bool:
    """Tell whether other objects hide more than a little of one; the image's edge hides nothing."""
    return bool(visible.sum() < OCCLUDED_BELOW * placed.mask(*visible.shape).sum())
