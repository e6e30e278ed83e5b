"""The set of single digits: one handwritten digit on a photograph, in COCO's format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from core.datasets.coco_writer import QUALITIES, write_dataset
from core.datasets.compose import Ingredients, Scene, compose
from core.datasets.photos import SPLITS, digits, photos
from core.datasets.recipes import SINGLE_DIGITS
from core.readers.digits import DIGIT_NAMES, digit_categories
from core.structures import Category

DESCRIPTION = "Overlook demo: one handwritten digit on a photograph"
IMAGES = {"train": 6000, "val": 600, "test": 1000}
SIZES = ((64, 64),)
# keeps the random numbers apart from those of the other demo data set
STREAM = 1


def categories() -> tuple[Category, ...]:
    """Return the ten digits, zero to nine."""
    return digit_categories()


def single_scene(split: str, index: int, seed: int = 0) -> tuple[Scene, int]:
    """Return an image with one digit and the quality of its JPEG; see `demo.demo_scene`."""
    rng = np.random.default_rng([seed, SPLITS.index(split), index, STREAM])
    weights = np.full(len(DIGIT_NAMES), 1 / len(DIGIT_NAMES))
    drawn = tuple(range(len(DIGIT_NAMES)))
    ingredients = Ingredients(photos(split), digits(split), drawn, weights, SINGLE_DIGITS, SIZES)
    return compose(ingredients, rng), int(rng.integers(*QUALITIES))


def make_single(
    folder: Path,
    images: Mapping[str, int] = IMAGES,
    seed: int = 0,
    on_image: Callable[[], object] = lambda: None,
) -> None:
    """Write the single digits to a new folder; see `demo.make_demo`."""
    write_dataset(folder, images, seed, categories(), single_scene, DESCRIPTION, on_image)
