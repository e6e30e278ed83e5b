"""A compiled scan of COCO result files: bytes to columns, without an object a detection.

It knows one plain way to write such a file. Whatever it does not know it gives up on, and the
reader that explains faults has its turn; so it never has to say what is wrong.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.geometry.kernels import SOUND, box_of_runs, parse_counts
from core.readers.kernels.json_text import (
    BACKSLASH,
    CLOSE,
    CLOSE_LIST,
    COMMA,
    OPEN,
    OPEN_LIST,
    QUOTE,
    keys_of,
    read_integer,
    read_key,
    read_number,
    read_text,
    take,
)

# What a detection may hold, as bits: all of them at most once.
IMAGE, CATEGORY, SCORE, BOX, MASK, FILE_NAME = 1, 2, 4, 8, 16, 32
# Columns of the numbers
X, Y, WIDTH, HEIGHT, SCORE_COLUMN = range(5)
COLUMNS = 5
KEYS, KEY_LENGTHS = keys_of(
    b"image_id", b"category_id", b"score", b"bbox", b"segmentation", b"file_name"
)
SIZE = 0
MASK_KEYS, MASK_KEY_LENGTHS = keys_of(b"size", b"counts")


@njit(cache=True, nogil=True)
def read_counts(
    text: NDArray[np.uint8], position: int, counts: NDArray[np.uint8], length: int
) -> tuple[int, int]:
    r"""Copy a string of compressed counts, in which a backslash is written as two.

    Returns:
        The position after it, or -1; and the new length of `counts`.
    """
    if position < 0 or position >= len(text) or text[position] != QUOTE:
        return -1, length
    begin = position + 1
    while True:
        end = begin
        while end < len(text) and text[end] != QUOTE and text[end] != BACKSLASH:
            end += 1
        counts[length : length + end - begin] = text[begin:end]
        length += end - begin
        if end == len(text) or text[end] == QUOTE:
            return (end + 1 if end < len(text) else -1), length
        if end + 1 == len(text) or text[end + 1] != BACKSLASH:
            return -1, length
        counts[length] = BACKSLASH
        length += 1
        begin = end + 2


@njit(cache=True, nogil=True)
def read_mask(
    text: NDArray[np.uint8], position: int, counts: NDArray[np.uint8], length: int
) -> tuple[int, int, int, int]:
    """Read {"size": [height, width], "counts": "…"} in either order.

    Returns:
        The position after it, or -1; height and width; and the new length of `counts`.
    """
    height, width, seen = 0, 0, 0
    position = take(text, position, OPEN)
    for turn in range(2):
        key, position = read_key(text, position, MASK_KEYS, MASK_KEY_LENGTHS)
        if position < 0 or seen & (1 << key):
            return -1, 0, 0, length
        seen |= 1 << key
        if key == SIZE:
            position, height = read_integer(text, take(text, position, OPEN_LIST))
            position, width = read_integer(text, take(text, position, COMMA))
            position = take(text, position, CLOSE_LIST)
        else:
            position, length = read_counts(text, position, counts, length)
        position = take(text, position, COMMA if turn == 0 else CLOSE)
    return position, height, width, length


@njit(cache=True, nogil=True)
def scan_detections(  # noqa: C901 - compiled: each array passed on costs more than reading a number
    text: NDArray[np.uint8],
    ids: NDArray[np.int64],
    numbers: NDArray[np.float64],
    inexact: NDArray[np.int64],
    sizes: NDArray[np.int64],
    counts: NDArray[np.uint8],
    starts: NDArray[np.int64],
) -> tuple[int, int]:
    """Read a list of detections into columns.

    Args:
        text: the file, shape (L,).
        ids: (N, 2) to be filled with the ids of image and category; N is large enough.
        numbers: (N, 5) to be filled with x, y, width, height, score.
        inexact: (N, 5, 2) of 0; gets begin and end of numbers that are not read exactly.
        sizes: (N, 2) to be filled with rows and columns of the masks.
        counts: (L,) to be filled with the masks' compressed counts, one after the other.
        starts: (N + 1,) of 0, to be filled with where each begins, and the end.

    Returns:
        The number of detections, and the keys that each of them has, as bits; 0 and 0 if there
        are none, or the file is not written in the way known here.
    """
    row, length, keys, seen = 0, 0, 0, 0
    position = take(text, take(text, 0, OPEN_LIST), OPEN)
    while position >= 0:
        key, position = read_key(text, position, KEYS, KEY_LENGTHS)
        bit = 1 << max(key, 0)
        if position < 0 or seen & bit:
            return 0, 0
        seen |= bit
        if bit in (IMAGE, CATEGORY):
            position, ids[row, key] = read_integer(text, position)
        elif bit == MASK:
            position, sizes[row, 0], sizes[row, 1], length = read_mask(
                text, position, counts, length
            )
        elif bit == FILE_NAME:
            begin, end = read_text(text, position)
            position = end + 1 if begin >= 0 else -1
        else:
            first, last = (X, HEIGHT) if bit == BOX else (SCORE_COLUMN, SCORE_COLUMN)
            position = take(text, position, OPEN_LIST) if bit == BOX else position
            for column in range(first, last + 1):
                begin = position
                position, numbers[row, column], _, exact = read_number(text, begin)
                if not exact:
                    inexact[row, column, 0], inexact[row, column, 1] = begin, position
                position = take(text, position, COMMA) if column < last else position
            position = take(text, position, CLOSE_LIST) if bit == BOX else position
        following = take(text, position, COMMA)
        if following >= 0:
            position = following
            continue
        position = take(text, position, CLOSE)
        if position < 0 or (row > 0 and seen != keys):
            return 0, 0
        row, keys, seen = row + 1, seen, 0
        starts[row] = length
        following = take(text, position, COMMA)
        if following < 0:
            return (row, keys) if take(text, position, CLOSE_LIST) == len(text) else (0, 0)
        position = take(text, following, OPEN)
    return 0, 0


@njit(cache=True, nogil=True)
def measure_masks(
    counts: NDArray[np.uint8],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    boxes: NDArray[np.float64],
    areas: NDArray[np.float64],
    measured: bool,  # noqa: FBT001 - compiled
) -> bool:
    """Check N masks; False if one of them is malformed.

    If they are to be measured, fill their boxes (N, 4) and areas (N,).
    """
    longest = 0
    for row in range(len(starts) - 1):
        longest = max(longest, starts[row + 1] - starts[row])
    runs = np.empty(longest, np.int64)
    for row in range(len(starts) - 1):
        height, width = sizes[row]
        text = counts[starts[row] : starts[row + 1]]
        state, _, count, _ = parse_counts(text, height * width, runs)
        if state != SOUND:
            return False
        if measured:
            boxes[row] = box_of_runs(runs[:count], height)
            areas[row] = runs[1:count:2].sum()
    return True
