"""Compiled loops over COCO's compressed run lengths.

The format is read and written as in `rleFrString` and `rleToString` of pycocotools'
maskApi.c: six bits a character from chr(48), five of them of the number, least
significant first; from the fourth run on a number is the difference to the run two before.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

# What `parse_counts` says of a string.
SOUND, BAD_CHARACTER, CUT_OFF, TOO_LONG, NEGATIVE_RUN, TOO_MANY_PIXELS, TOO_FEW_PIXELS = range(7)

FIRST_CHARACTER = 48
# Of six bits: more characters follow; the number is negative.
_MORE, _SIGN = 32, 16
# Six groups hold 30 bits: every run of an image of up to 2**29 pixels, with its sign.
MOST_GROUPS = 6


@njit(cache=True, nogil=True)
def parse_counts(  # noqa: C901 - compiled: calls would cost ten times the work
    text: NDArray[np.uint8], pixels: int, runs: NDArray[np.int64]
) -> tuple[int, int, int, int]:
    """Read compressed counts into `runs`, and check them.

    Args:
        text: the characters, shape (L,).
        pixels: height times width, what the runs must sum to.
        runs: filled with the run lengths, shape (L,) or longer.

    Returns:
        One of the states above, the position (of the character, or of the run), the number
        of runs that were read, and their sum so far.
    """
    position, count, total = 0, 0, 0
    while position < len(text):
        start, number, shift, bits = position, 0, 0, _MORE
        while bits & _MORE:  # in line, since a call a number takes ten times as long
            if shift == 5 * MOST_GROUPS:
                return TOO_LONG, start, count, total
            if position == len(text):
                return CUT_OFF, start, count, total
            bits = int(text[position]) - FIRST_CHARACTER
            if bits < 0 or bits > 63:
                return BAD_CHARACTER, position, count, total
            number |= (bits & 31) << shift
            shift += 5
            position += 1
        if bits & _SIGN:
            number |= -1 << shift
        if count > 2:
            number += runs[count - 2]
        if number < 0:
            return NEGATIVE_RUN, count, count, total
        runs[count] = number
        count += 1
        total += number
        if total > pixels:
            return TOO_MANY_PIXELS, count - 1, count, total
    if total < pixels:
        return TOO_FEW_PIXELS, count, count, total
    return SOUND, 0, count, total


@njit(cache=True, nogil=True)
def write_counts(runs: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return run lengths, shape (R,), as COCO's compressed characters."""
    text = np.empty(len(runs) * MOST_GROUPS, np.uint8)
    length = 0
    for index in range(len(runs)):
        number = runs[index]
        if index > 2:
            number -= runs[index - 2]
        more = True
        while more:
            bits = number & 31
            number >>= 5
            more = number != -1 if bits & 16 else number != 0
            text[length] = FIRST_CHARACTER + (bits | 32 if more else bits)
            length += 1
    return text[:length].copy()


@njit(cache=True, nogil=True)
def box_of_runs(runs: NDArray[np.int64], height: int) -> tuple[int, int, int, int]:
    """Return the tight x, y, width, height in pixels of a mask's runs; zeros if it is empty."""
    left, top, right, bottom = -1, height, 0, 0
    start = 0
    for index in range(len(runs)):
        length = runs[index]
        if index % 2 == 1 and length > 0:
            last = start + length - 1
            if left < 0:
                left = start // height
            right = last // height
            if right > start // height:  # the run goes on into the next column
                top, bottom = 0, height - 1
            else:
                top = min(top, start % height)
                bottom = max(bottom, last % height)
        start += length
    if left < 0:
        return 0, 0, 0, 0
    return left, top, right - left + 1, bottom - top + 1
