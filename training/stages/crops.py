"""Regions cut out of an image for a classifier of pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GREY = 127  # what is outside the region, or outside the image


def cut_out(
    pixels: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    padding: float,
    *,
    masked: bool = True,
) -> NDArray[np.uint8]:
    """Return the square around a region, with the rest painted grey.

    Args:
        pixels: (H, W, 3) red, green, blue.
        mask: (H, W) the region, at least one pixel.
        padding: added to the longer side of its box, as a fraction of it.
        masked: paint what is not of the region grey, not only what is not of the image.

    Returns:
        (side, side, 3) uint8, the centre of the box in the middle.
    """
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    left, right = int(columns[0]), int(columns[-1]) + 1
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    side = max(round(max(right - left, bottom - top) * (1 + padding)), 2)
    x, y = (left + right - side) // 2, (top + bottom - side) // 2
    height, width = mask.shape
    inside = (
        slice(max(y, 0), min(y + side, height)),
        slice(max(x, 0), min(x + side, width)),
    )
    region = pixels[inside]
    if masked:
        region = np.where(mask[inside][..., np.newaxis], region, np.uint8(GREY))
    square = np.full((side, side, 3), GREY, dtype=np.uint8)
    first_row, first_column = inside[0].start - y, inside[1].start - x
    square[
        first_row : first_row + region.shape[0], first_column : first_column + region.shape[1]
    ] = region
    return square
