"""What a small CLIP learns from: objects cut out of images, and regions with no object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry import rle
from core.structures import Annotation, Dataset
from training.images import read_photograph
from training.protocol import Photograph
from training.stages.crops import cut_out

PADDING = 0.15  # what regions are classified with
MASKED_SHARE = 0.8
MOST_COVERED = 0.08  # of a background region, by objects
LEAST_PIXELS = 16
COLOUR_RADIUS = 30  # of a background region of one colour, in levels


@dataclass(frozen=True, eq=False)
class Region:
    """One picture to learn from.

    Attributes:
        pixels: (side, side, 3) uint8, any side.
        label: class index, or C for background.
    """

    pixels: NDArray[np.uint8]
    label: int


def regions(
    dataset: Dataset, order: NDArray[np.int64], rng: np.random.Generator, backgrounds: float
) -> Iterator[list[Region]]:
    """Yield the regions of each image in turn, cut out at random as a segmenter might.

    Args:
        dataset: with masks.
        order: indices of its images.
        rng: of all that is random.
        backgrounds: background regions tried for each image, on average.
    """
    for index in order.tolist():
        loaded = _load(dataset, dataset.annotations[dataset.images[index].id])
        if loaded is None:
            continue
        pixels, masks, labels = loaded
        found = [
            Region(_random_cut(pixels, _roughened(mask, rng), rng), label)
            for mask, label in zip(masks, labels, strict=True)
            if mask.sum() >= LEAST_PIXELS
        ]
        covered = np.any(masks, axis=0) if masks else np.zeros(pixels.shape[:2], dtype=bool)
        for _ in range(rng.poisson(backgrounds)):
            mask = _background(pixels, rng)
            if mask.sum() >= LEAST_PIXELS and covered[mask].mean() <= MOST_COVERED:
                found.append(Region(_random_cut(pixels, mask, rng), len(dataset.categories)))
        if found:
            yield found


def plain_regions(dataset: Dataset) -> Iterator[list[Region]]:
    """Yield the objects of each image as they are, cut out as they will be classified."""
    for image in dataset.images:
        loaded = _load(dataset, dataset.annotations[image.id])
        if loaded is not None:
            pixels, masks, labels = loaded
            yield [
                Region(cut_out(pixels, mask, PADDING), label)
                for mask, label in zip(masks, labels, strict=True)
                if mask.any()
            ]


_Loaded = tuple[NDArray[np.uint8], list[NDArray[np.bool_]], list[int]]


def _load(dataset: Dataset, annotation: Annotation) -> _Loaded | None:
    objects = annotation.objects
    if objects is None or objects.masks is None:
        return None
    photograph = read_photograph(dataset.images_folder, annotation.image)
    if not isinstance(photograph, Photograph):
        return None
    kept = np.flatnonzero(~objects.crowd)
    masks = [rle.decode(objects.masks[index]) for index in kept]
    return photograph.pixels, masks, objects.categories[kept].tolist()


def _random_cut(
    pixels: NDArray[np.uint8], mask: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.uint8]:
    square = cut_out(pixels, mask, rng.uniform(0.05, 0.35), masked=rng.random() < MASKED_SHARE)
    bright = (square - 127.0) * rng.uniform(0.8, 1.2) + 127 + rng.uniform(-15, 15)
    changed: NDArray[np.uint8] = np.clip(bright, 0, 255).astype(np.uint8)
    return changed


def _roughened(mask: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return a mask with blurred details, or a little too large or too small."""
    import cv2

    blurred = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), rng.uniform(0.3, 2.0))
    rough = blurred > rng.uniform(0.3, 0.65)
    return rough if rough.sum() >= LEAST_PIXELS else mask


def _background(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return an ellipse somewhere, or a patch of one colour, as segmenters mistake for objects."""
    import cv2

    height, width = pixels.shape[:2]
    radius = rng.uniform(0.04, 0.2) * max(height, width)
    x, y = int(rng.integers(width)), int(rng.integers(height))
    canvas = np.zeros((height, width), dtype=np.uint8)
    axes = (max(round(radius), 1), max(round(radius * rng.uniform(0.3, 1)), 1))
    cv2.ellipse(canvas, (x, y), axes, rng.uniform(0, 180), 0, 360, 1, -1)
    if rng.random() < 0.5:
        return canvas.astype(bool)
    smooth = cv2.blur(pixels, (5, 5)).astype(np.int64)
    alike = np.abs(smooth - smooth[y, x]).max(axis=2) < COLOUR_RADIUS
    patch: NDArray[np.bool_] = alike & canvas.astype(bool)
    return patch
