"""The demo data set: shapes and handwritten digits on photographs, in COCO's format.

It needs no download, differs in nothing from one computer to the next, and has what real data
sets have: rare classes, occlusion, blur, darkness, several image sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.datasets.coco_writer import QUALITIES, write_dataset
from core.datasets.compose import Ingredients, Scene, compose
from core.datasets.photos import SPLITS, digits, photos
from core.datasets.recipes import SCENES
from core.readers.digits import DIGIT_NAMES
from core.structures import Category

DESCRIPTION = "Overlook demo: shapes and handwritten digits on photographs"
IMAGES = {"train": 2000, "val": 200, "test": 200}
# in the order of how likely they are
CLASSES = (
    "circle",
    "digit one",
    "triangle",
    "digit three",
    "square",
    "digit seven",
    "star",
    "digit two",
    "ring",
    "digit zero",
    "heart",
    "digit five",
)
TAIL = 0.75  # frequencies fall with the class's rank to this power
SIZES = ((192, 192), (192, 160), (160, 192))  # height, width


def categories() -> tuple[Category, ...]:
    """Return the 12 classes, the most frequent first."""
    return tuple(
        Category(name, "digit" if name.startswith("digit") else "shape", index + 1)
        for index, name in enumerate(CLASSES)
    )


def class_weights() -> NDArray[np.float64]:
    """Return how likely a placed object is of each class, shape (12,)."""
    rank = np.arange(1, len(CLASSES) + 1, dtype=np.float64)
    weights: NDArray[np.float64] = rank**-TAIL / (rank**-TAIL).sum()
    return weights


def demo_scene(split: str, index: int, seed: int = 0) -> tuple[Scene, int]:
    """Return an image of the demo and the quality of its JPEG.

    Args:
        split: "train", "val" or "test"; they share no photograph and no handwritten digit.
        index: from 0; an image does not depend on how many others are made.
        seed: another seed gives other images.
    """
    rng = np.random.default_rng([seed, SPLITS.index(split), index])
    drawn = tuple(
        DIGIT_NAMES.index(name.removeprefix("digit ")) if name.startswith("digit ") else name
        for name in CLASSES
    )
    ingredients = Ingredients(photos(split), digits(split), drawn, class_weights(), SCENES, SIZES)
    return compose(ingredients, rng), int(rng.integers(*QUALITIES))


def make_demo(
    folder: Path,
    images: Mapping[str, int] = IMAGES,
    seed: int = 0,
    on_image: Callable[[], object] = lambda: None,
) -> None:
    """Write the demo data set to a new folder: a folder of images and a COCO file a split.

    Args:
        folder: must not exist, or be empty.
        images: number of images of "train", "val", "test" or some of them.
        seed: the same seed gives the same bytes; 0 or more.
        on_image: is called after each image.

    Raises:
        UsageError: a number is out of range, the folder is not empty or not writable, or a
            required package is missing.
    """
    write_dataset(folder, images, seed, categories(), demo_scene, DESCRIPTION, on_image)
