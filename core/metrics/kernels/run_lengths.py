"""COCO's compressed masks as intervals of pixels, decoded many at a time."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_FIRST_CHARACTER = 48


@njit(cache=True, nogil=True)
def _decode_mask(
    text: NDArray[np.int8], at: int, stop: int, intervals: NDArray[np.int32], begin: int
) -> int:
    """Write the intervals of one mask from `intervals[begin]` on; return where they end.

    Five bits a character, lowest first; bit 32 says that more follow, bit 16 of the last
    character is the sign (`rleFrString` in COCO's maskApi.c). Where a run ends the next begins, so
    that the ends of all runs but the last of the background are the intervals.
    """
    position, before_last, last = 0, 0, 0
    index = 0
    while at < stop:
        # in line, since a call a number takes longer than the number
        digit = int(text[at]) - _FIRST_CHARACTER
        at += 1
        count = digit & 31
        shift = 5
        while digit & 32 and at < stop:
            digit = int(text[at]) - _FIRST_CHARACTER
            at += 1
            count |= (digit & 31) << shift
            shift += 5
        if digit & 16:
            count |= -1 << shift
        if index > 2:  # from the fourth on, counts are differences from the last but one
            count += before_last
        before_last, last = last, count
        position += count
        intervals[begin + index] = position
        index += 1
    return begin + index - index % 2


# without a check of the divisor many intervals are measured by one instruction
@njit(cache=True, nogil=True, error_model="numpy")
def _measure(intervals: NDArray[np.int32], height: np.int32) -> tuple[np.int32, np.int32, np.int32]:
    """Return the area of a mask's intervals, and its top and bottom (excluded) row.

    A quotient of two floats that are whole and below 2**31 is never rounded up to a whole number.
    """
    area, top, bottom = np.int32(0), height, np.int32(0)
    for place in range(intervals.size // 2):
        start = intervals[2 * place]
        count = intervals[2 * place + 1] - start
        row = start - np.int32(np.float64(start) / np.float64(height)) * height
        crosses = row + count > height  # into the next column, so it touches both edges
        first = np.int32(0) if crosses else row
        last = height if crosses else np.int32(row + count)
        area += count
        top = min(top, first if count > 0 else height)
        bottom = max(bottom, last if count > 0 else np.int32(0))
    return area, top, bottom


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
        intervals: start and end (excluded) of each run of mask pixels, column-major; the same
            where the run is empty.
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
        height = heights[mask]
        begin = interval_starts[mask]
        end = _decode_mask(text, text_starts[mask], text_starts[mask + 1], intervals, begin)
        interval_starts[mask + 1] = end
        areas[mask], top, bottom = _measure(intervals[begin:end], height)
        if areas[mask]:
            while intervals[begin] == intervals[begin + 1]:  # empty runs widen no box
                begin += 2
            while intervals[end - 2] == intervals[end - 1]:
                end -= 2
            left, right = intervals[begin] // height, (intervals[end - 1] - 1) // height + 1
            boxes[mask, 0], boxes[mask, 1] = left, top
            boxes[mask, 2], boxes[mask, 3] = right - left, bottom - top
    return intervals[: interval_starts[count]], interval_starts, areas, boxes
