"""Parts of images around an object: which part, and boxes and masks in its pixels."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from core.geometry import rle
from core.structures import Boxes, Objects, Rle

SURROUNDINGS: Final = 0.25
LEAST_SURROUNDINGS: Final = 16


class Window(NamedTuple):
    """A part of an image, in whole pixels of the image.

    Attributes:
        left: first column.
        top: first row.
        width: columns.
        height: rows.
    """

    left: int
    top: int
    width: int
    height: int


def window_around(boxes: Boxes, width: int, height: int) -> Window:
    """Return the part of an image that shows some boxes and what surrounds them.

    On each side there are `SURROUNDINGS` of what the boxes span together, at least
    `LEAST_SURROUNDINGS` pixels, as far as the image goes; the part is at least twice that wide and
    high, if the image is. Boxes outside of the image show its nearest border.

    Args:
        boxes: (N, 4), at least one.
        width: columns of the image, in pixels.
        height: rows of the image, in pixels.

    Example:
        >>> tuple(window_around(np.array([[100.0, 4.0, 100.0, 20.0]]), 640, 480))
        (75, 0, 150, 40)
    """
    low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    margin = np.maximum(SURROUNDINGS * (high - low), LEAST_SURROUNDINGS)
    sides = np.array([width, height])
    least = np.minimum(2 * LEAST_SURROUNDINGS, sides)
    start = np.clip(np.floor(low - margin), 0, sides - least).astype(int)
    end = np.clip(np.ceil(high + margin), least, sides).astype(int)
    return Window(*start.tolist(), *(end - start).tolist())


def cropped(objects: Objects, window: Window) -> Objects:
    """Return the same objects in the pixels of a part of their image.

    Boxes keep their size, so they may reach beyond the part; masks are cut to it.

    Args:
        objects: N objects, in pixels of the image.
        window: the part.
    """
    shift = np.array([window.left, window.top, 0, 0])
    masks = objects.masks
    return Objects(
        boxes=objects.boxes - shift,
        categories=objects.categories,
        areas=objects.areas,
        crowd=objects.crowd,
        scores=objects.scores,
        masks=None if masks is None else tuple(_cut(mask, window) for mask in masks),
    )


def _cut(mask: Rle, window: Window) -> Rle:
    rows = slice(window.top, window.top + window.height)
    columns = slice(window.left, window.left + window.width)
    return rle.encode(rle.decode(mask)[rows, columns])
