"""A small data set of bright discs and squares on dim noise, with masks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from core.geometry import rle
from core.structures import Annotation, Category, Dataset, ImageRecord, Objects, Source

CLASSES = ("disc", "square")
SIZES = ((64, 64), (64, 48), (48, 64))


def make_scenes(folder: Path, count: int, split: str = "train", seed: int = 0) -> Dataset:
    """Write `count` images with one disc and one square each; return their data set."""
    images, annotations = [], {}
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        height, width = SIZES[index % len(SIZES)]
        pixels, masks = paint(height, width, np.random.default_rng([seed, index]))
        record = ImageRecord(index + 1, f"{split}-{index}", f"{split}-{index}.png", height, width)
        Image.fromarray(pixels).save(folder / record.path)
        images.append(record)
        annotations[record.id] = Annotation(record, objects_of(masks))
    return Dataset(
        name="scenes",
        split=split,
        categories=tuple(Category(name, "", index) for index, name in enumerate(CLASSES)),
        images=tuple(images),
        annotations=annotations,
        images_folder=folder,
        source=Source("coco", f"{split}.json", "0" * 64),
    )


def paint(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return pixels, and the masks of a red disc on the left and a green square on the right."""
    pixels = rng.integers(0, 60, (height, width, 3), dtype=np.uint8)
    disc = np.zeros((height, width), np.uint8)
    square = disc.copy()
    radius = int(rng.integers(6, 10))
    row, other = rng.integers(12, height - 12, 2)
    cv2.circle(disc, (width // 4, int(row)), radius, 1, -1)
    square[other - radius : other + radius, -2 * radius - 3 : -3] = 1
    pixels[disc > 0] = (230, 60, 40)
    pixels[square > 0] = (50, 220, 70)
    return pixels, [disc > 0, square > 0]


def objects_of(masks: list[np.ndarray]) -> Objects:
    coded = tuple(rle.encode(mask) for mask in masks)
    return Objects(
        boxes=np.array([rle.box(mask) for mask in coded], dtype=np.float64),
        categories=np.arange(len(masks), dtype=np.int32),
        areas=np.array([rle.area(mask) for mask in coded], dtype=np.float64),
        crowd=np.zeros(len(masks), dtype=bool),
        masks=coded,
    )
