"""Masks that a network gives inside a box, as run lengths of the whole image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.geometry import rle
from core.structures import Rle


def encode_crop(crop: NDArray[np.bool_], left: int, top: int, height: int, width: int) -> Rle:
    """Return a mask that is known inside a rectangle, and empty outside it, as run lengths.

    The string is the one that `core.geometry.rle.encode` gives for the whole mask, at the cost of
    the rectangle alone.

    Args:
        crop: (h, w) the mask inside the rectangle.
        left: first column of the rectangle, in pixels.
        top: first row of the rectangle, in pixels.
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.

    Raises:
        ValueError: the rectangle leaves the image.
    """
    rows, columns = crop.shape
    if left < 0 or top < 0 or left + columns > width or top + rows > height:
        raise ValueError(
            f"a crop of {rows} x {columns} pixels at row {top}, column {left} leaves an image of "
            f"{height} x {width}"
        )
    starts, ends = _column_runs(crop)
    # from the crop's columns to the image's: COCO counts down each column in turn
    starts, ends = ((left + each[:, 0]) * height + top + each[:, 1] for each in (starts, ends))
    return rle.from_runs(_alternating(starts, ends, height * width), height, width)


def _column_runs(crop: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where runs of each column start, and where they end, each (R, 2): column, row."""
    padded = np.zeros((crop.shape[1], crop.shape[0] + 2), dtype=np.int8)
    padded[:, 1:-1] = crop.T
    steps = np.diff(padded, axis=1)
    return np.argwhere(steps == 1), np.argwhere(steps == -1)


def _alternating(starts: NDArray[np.int64], ends: NDArray[np.int64], pixels: int) -> list[int]:
    """Return lengths of background and foreground in turn; runs that touch become one."""
    apart = starts[1:] != ends[:-1]
    borders = np.empty(2 * (int(apart.sum()) + bool(len(starts))), dtype=np.int64)
    borders[0::2] = starts[np.concatenate([[True], apart])] if len(starts) else []
    borders[1::2] = ends[np.concatenate([apart, [True]])] if len(starts) else []
    lengths: list[int] = np.diff(borders, prepend=0, append=pixels).tolist()
    return lengths[:-1] if len(lengths) > 1 and lengths[-1] == 0 else lengths
