"""COCO's compressed masks as intervals of pixels, decoded many at a time."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def _read_number(text: NDArray[np.int8], at: int, stop: int) -> tuple[int, int]:
    """Return the number that begins at `at`, and where the next one begins.

    Five bits a character, lowest first; bit 32 says that more follow, bit 16 of the last
    character is the sign (`rleFrString` in COCO's maskApi.c).
    """
    digit = int(text[at]) - 48
    at += 1
    number = digit & 31
    shift = 5
    while digit & 32 and at < stop:
        digit = int(text[at]) - 48
        at += 1
        number |= (digit & 31) << shift
        shift += 5
    if digit & 16:
        number |= -1 << shift
    return number, at


@njit(cache=True, nogil=True)
def _decode_mask(
    text: NDArray[np.int8],
    at: int,
    stop: int,
    height: int,
    intervals: NDArray[np.int32],
    end: int,
) -> tuple[int, int, int, int]:
    """Write the intervals of one mask from `intervals[end]` on.

    Returns:
        Where the intervals end, the area, and the top and bottom (excluded) row of the mask.
    """
    position, area, column_start = 0, 0, 0
    top, bottom = height, 0
    before_last, last = 0, 0
    index = 0
    while at < stop:
        count, at = _read_number(text, at, stop)
        if index > 2:  # from the fourth on, counts are differences from the last but one
            count += before_last
        before_last, last = last, count
        if index % 2 == 1 and count > 0:
            intervals[end] = position
            intervals[end + 1] = position + count
            end += 2
            area += count
            while position - column_start >= height:  # quicker than a division
                column_start += height
            row = position - column_start
            if row + count > height:  # goes on in the next column, so it touches both edges
                row, count_rows = 0, height
            else:
                count_rows = count
            top = min(top, row)
            bottom = max(bottom, row + count_rows)
        position += count
        index += 1
    return end, area, top, bottom


@njit(cache=True, nogil=True)
def decode_masks(
    text: NDArray[np.int8], text_starts: NDArray[np.int64], heights: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Decode N masks of images below 2**31 pixels.

    Args:
        text: the compressed strings as ASCII, one after another.
        text_starts: (N + 1,) where each begins in `text`, and the end.
        heights: (N,) rows of each mask's image, at least 1.

    Returns:
        intervals: start and end (excluded) of each run of mask pixels, column-major.
        interval_starts: (N + 1,) where each mask's begin in `intervals`, and the end.
        areas: (N,) pixels of each mask.
        boxes: (N, 4) the smallest box around each mask: x, y, width, height; zeros if empty.
    """
    count = heights.size
    intervals = np.empty(text.size, np.int32)  # an interval takes two numbers of the string
    interval_starts = np.zeros(count + 1, np.int64)
    areas = np.zeros(count, np.int64)
    boxes = np.zeros((count, 4), np.float64)
    for mask in range(count):
        height = np.int64(heights[mask])
        begin = interval_starts[mask]
        end, areas[mask], top, bottom = _decode_mask(
            text, text_starts[mask], text_starts[mask + 1], height, intervals, begin
        )
        interval_starts[mask + 1] = end
        if end > begin:
            left, right = intervals[begin] // height, (intervals[end - 1] - 1) // height + 1
            boxes[mask, 0], boxes[mask, 1] = left, top
            boxes[mask, 2], boxes[mask, 3] = right - left, bottom - top
    return intervals[: interval_starts[count]].copy(), interval_starts, areas, boxes
