"""Detections at the scale of COCO val2017, made up: ellipses in 5,000 images, always the same.

36,000 annotated objects of 80 classes with a long tail, a hundredth of them crowd regions, four
in ten small; 72 detections an image, some right, some a little off, doubled, or of another class.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.geometry.kernels import write_counts

CLASSES = 80
SIZES = np.array([(480, 640), (427, 640), (640, 480)])
OBJECTS_PER_IMAGE = 7.2
DETECTIONS_PER_IMAGE = 72
MOST_DETECTIONS = 100
CROWD_SHARE = 0.012
VERTICES = 24


@dataclass(frozen=True)
class Ellipses:
    """N ellipses, each of a class in an image.

    Attributes:
        images: (N,) index of the image.
        categories: (N,) class index.
        shapes: (N, 4) centre x and y, half axes along x and y, in pixels.
    """

    images: NDArray[np.int64]
    categories: NDArray[np.int64]
    shapes: NDArray[np.float64]


def write_scene(folder: Path, images: int) -> tuple[Path, Path]:
    """Write annotations and detections in COCO's formats.

    Args:
        folder: exists.
        images: how many.

    Returns:
        The paths of both files.
    """
    generator = np.random.default_rng(20_171)
    sizes = SIZES[generator.choice(len(SIZES), images, p=[0.5, 0.3, 0.2])]
    truth = _objects(generator, sizes)
    annotations, detections = folder / "annotations.json", folder / "detections.json"
    annotations.write_text(json.dumps(_annotation_file(generator, sizes, truth)))
    detections.write_text(json.dumps(_detections(generator, sizes, truth)))
    return annotations, detections


def image_id(index: int) -> int:
    """Return the id of an image: neither consecutive nor from 0."""
    return 1000 + 7 * index


def _classes(generator: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Draw classes: nearly a third of the first, a long tail of the others."""
    tail = 1 / (np.arange(1, CLASSES) + 6.0) ** 1.25
    weights = np.concatenate([[0.3], 0.7 * tail / tail.sum()])
    return generator.choice(CLASSES, count, p=weights)


def _objects(generator: np.random.Generator, sizes: NDArray[np.int64]) -> Ellipses:
    counts = generator.poisson(generator.gamma(1.3, OBJECTS_PER_IMAGE / 1.3, len(sizes)))
    images = np.repeat(np.arange(len(sizes)), counts)
    return Ellipses(images, _classes(generator, len(images)), _shapes(generator, sizes[images]))


def _shapes(generator: np.random.Generator, sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Draw centres and half axes; four in ten areas are below 32 x 32 pixels."""
    count = len(sizes)
    side = np.clip(np.exp(generator.normal(3.73, 1.18, count)), 4, 420) / np.sqrt(np.pi)
    aspect = np.exp(generator.normal(0, 0.4, count))
    centres = generator.uniform(0.05, 0.95, (count, 2)) * sizes[:, ::-1]
    return np.column_stack([centres, side * np.sqrt(aspect), side / np.sqrt(aspect)])


def _annotation_file(
    generator: np.random.Generator, sizes: NDArray[np.int64], truth: Ellipses
) -> dict[str, object]:
    crowd = generator.random(len(truth.images)) < CROWD_SHARE
    annotations = []
    for index, (image, category) in enumerate(
        zip(truth.images.tolist(), truth.categories.tolist(), strict=True)
    ):
        height, width = sizes[image].tolist()
        runs, box, area = runs_of(truth.shapes[index], height, width)
        outline = [_outline(truth.shapes[index], height, width)]
        annotations.append(
            {
                "id": index + 1,
                "image_id": image_id(image),
                "category_id": category + 1,
                "segmentation": {"size": [height, width], "counts": runs.tolist()}
                if crowd[index]
                else outline,
                "area": float(area),
                "bbox": box.tolist(),
                "iscrowd": int(crowd[index]),
            }
        )
    images = [
        {"id": image_id(i), "file_name": f"{image_id(i):012d}.jpg", "height": h, "width": w}
        for i, (h, w) in enumerate(sizes.tolist())
    ]
    categories = [{"id": c + 1, "name": f"class {c + 1}"} for c in range(CLASSES)]
    return {"images": images, "annotations": annotations, "categories": categories}


def _outline(shape: NDArray[np.float64], height: int, width: int) -> list[float]:
    x, y, across, down = shape
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    points = np.column_stack([x + across * np.cos(angles), y + down * np.sin(angles)])
    return np.clip(points, 0, [width, height]).round(2).ravel().tolist()  # type: ignore[no-any-return]


def _detections(
    generator: np.random.Generator, sizes: NDArray[np.int64], truth: Ellipses
) -> list[dict[str, object]]:
    found, scores = _found(generator, sizes, truth)
    written = []
    for index in np.lexsort((-scores, found.images)).tolist():
        image = int(found.images[index])
        height, width = sizes[image].tolist()
        runs, box, area = runs_of(found.shapes[index], height, width)
        if area:
            counts = write_counts(runs).tobytes().decode()
            written.append(
                {
                    "image_id": image_id(image),
                    "category_id": int(found.categories[index]) + 1,
                    "bbox": box.tolist(),
                    "segmentation": {"size": [height, width], "counts": counts},
                    "score": round(float(scores[index]), 5),
                }
            )
    return written


def _found(
    generator: np.random.Generator, sizes: NDArray[np.int64], truth: Ellipses
) -> tuple[Ellipses, NDArray[np.float64]]:
    """Return detections near the annotations and detections of nothing, with their scores."""
    seen = np.flatnonzero(generator.random(len(truth.images)) < 0.9)
    near = np.repeat(seen, generator.geometric(0.55, len(seen)))
    first = np.concatenate([[True], near[1:] != near[:-1]])
    wobble = np.where(first, 0.1, 0.28)[:, None]
    shapes = truth.shapes[near] * np.exp(generator.normal(0, wobble, (len(near), 4)) * [0, 0, 1, 1])
    shapes[:, :2] += generator.normal(0, wobble, (len(near), 2)) * shapes[:, 2:]
    categories = np.where(
        generator.random(len(near)) < 0.93, truth.categories[near], _classes(generator, len(near))
    )
    right = np.where(first, generator.beta(6, 2.2, len(near)), generator.beta(1.3, 8, len(near)))
    count = max(0, DETECTIONS_PER_IMAGE * len(sizes) - len(near))
    nothing = generator.integers(0, len(sizes), count)
    images = np.concatenate([truth.images[near], nothing])
    scores = np.concatenate([right, generator.beta(1.1, 14, count)])
    order = np.lexsort((-scores, images))
    ranks = np.arange(len(images)) - np.searchsorted(images[order], images[order])
    kept = order[ranks < MOST_DETECTIONS]
    everything = Ellipses(
        images,
        np.concatenate([categories, _classes(generator, count)]),
        np.concatenate([shapes, _shapes(generator, sizes[nothing])]),
    )
    found = Ellipses(everything.images[kept], everything.categories[kept], everything.shapes[kept])
    return found, np.clip(scores[kept], 0.001, 0.999)


@njit(cache=True)
def runs_of(
    shape: NDArray[np.float64], height: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
    """Return run lengths, box and area of an ellipse, in pixels."""
    x, y, across, down = shape
    runs = np.empty(2 * width + 3, np.int64)
    count, ended, area = 0, 0, 0
    left, top, right, bottom = width, height, 0, 0
    for column in range(max(0, int(x - across)), min(width, int(x + across) + 1)):
        half = 1 - ((column + 0.5 - x) / across) ** 2
        if half <= 0:
            continue
        reach = down * np.sqrt(half)
        first = max(0, int(np.ceil(y - reach - 0.5)))
        last = min(height - 1, int(np.floor(y + reach - 0.5)))
        if last < first:
            continue
        begin = column * height + first
        if count and begin == ended:
            runs[count - 1] += last - first + 1
        else:
            runs[count], runs[count + 1] = begin - ended, last - first + 1
            count += 2
        ended = column * height + last + 1
        area += last - first + 1
        left, right = min(left, column), max(right, column + 1)
        top, bottom = min(top, first), max(bottom, last + 1)
    if ended < height * width:
        runs[count] = height * width - ended
        count += 1
    box = np.array([left, top, right - left, bottom - top], np.float64) if area else np.zeros(4)
    return runs[:count].copy(), box, area
