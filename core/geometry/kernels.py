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
# Six groups hold 30 bits: every run of an image of up to 2**29 pixels, with its sign.
MOST_GROUPS = 6


@njit(cache=True, nogil=True)
def read_number(text: NDArray[np.uint8], start: int) -> tuple[int, int, int]:
    """Return the state, the number that begins at `start`, and the position after it."""
    number = 0
    for group in range(MOST_GROUPS):
        position = start + group
        if position == len(text):
            return CUT_OFF, 0, start
        bits = int(text[position]) - FIRST_CHARACTER
        if bits < 0 or bits > 63:
            return BAD_CHARACTER, 0, position
        number |= (bits & 31) << (5 * group)
        if not bits & 32:
            sign = -1 << (5 * (group + 1)) if bits & 16 else 0
            return SOUND, number | sign, position + 1
    return TOO_LONG, 0, start


@njit(cache=True, nogil=True)
def parse_counts(
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
    position = 0
    count = 0
    total = 0
    while position < len(text):
        state, number, position = read_number(text, position)
        if state != SOUND:
            return state, position, count, total
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
