"""Label maps of 640 x 480 pixels and 81 classes, made up: smooth objects, and rough textures."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH, CLASSES = 480, 640, 81
Maps = NDArray[np.uint8]


def smooth_pair(index: int) -> tuple[Maps, Maps]:
    """Return truth and prediction with a dozen ellipses on background, some moved or renamed."""
    generator = np.random.default_rng([7, index])
    truth, predicted = (np.zeros((HEIGHT, WIDTH), np.uint8) for _ in range(2))
    for _ in range(generator.integers(3, 14)):
        centre = generator.uniform(0, 1, 2) * [WIDTH, HEIGHT]
        axes = np.exp(generator.normal(3.4, 0.9, 2))
        label, angle = int(generator.integers(1, CLASSES)), float(generator.uniform(0, 180))
        _ellipse(truth, centre, axes, angle, label)
        if generator.random() < 0.1:
            label = int(generator.integers(1, CLASSES))
        moved = centre + generator.normal(0, 4, 2)
        _ellipse(predicted, moved, axes * np.exp(generator.normal(0, 0.06, 2)), angle, label)
    return truth, predicted


def rough_pair(index: int) -> tuple[Maps, Maps]:
    """Return truth and prediction that are full of classes with frayed borders."""
    generator = np.random.default_rng([9, index])
    classes = generator.choice(CLASSES, int(generator.integers(8, 25)), replace=False)
    fields = np.stack([_noise(generator, 6, 8) + 0.35 * _noise(generator, 60, 80) for _ in classes])
    frayed = np.stack(
        [0.25 * _noise(generator, 30, 40) + 0.08 * _noise(generator, 240, 320) for _ in classes]
    )
    labels = classes.astype(np.uint8)
    return labels[fields.argmax(axis=0)], labels[(fields + frayed).argmax(axis=0)]


def _noise(generator: np.random.Generator, rows: int, columns: int) -> NDArray[np.float32]:
    values = generator.normal(0, 1, (rows, columns)).astype(np.float32)
    return cv2.resize(values, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)


def _ellipse(
    label_map: Maps,
    centre: NDArray[np.float64],
    axes: NDArray[np.float64],
    angle: float,
    label: int,
) -> None:
    whole = [tuple(int(each) for each in pair) for pair in (centre, np.maximum(axes, 2))]
    cv2.ellipse(label_map, *whole, angle, 0, 360, label, -1)
