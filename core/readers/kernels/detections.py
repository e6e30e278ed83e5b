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
    COLON,
    COMMA,
    OPEN,
    OPEN_LIST,
    QUOTE,
    is_word,
    read_integer,
    read_number,
    read_text,
    take,
)

# What a detection may hold, as bits: all of them at most once.
IMAGE, CATEGORY, SCORE, BOX, MASK, FILE_NAME = 1, 2, 4, 8, 16, 32
# Columns of the numbers
X, Y, WIDTH, HEIGHT, SCORE_COLUMN = range(5)
COLUMNS = 5
_KEYS = (b"image_id", b"category_id", b"score", b"bbox", b"segmentation", b"file_name")
_WIDTH = max(map(len, _KEYS))
KEYS = np.array([list(key.ljust(_WIDTH, b"\0")) for key in _KEYS], np.uint8)
KEY_LENGTHS = np.array([len(key) for key in _KEYS])
SIZE = np.frombuffer(b"size", np.uint8)
COUNTS = np.frombuffer(b"counts", np.uint8)


@njit(cache=True, nogil=True)
def key_of(text: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return the index of a key in `KEYS`, or -1."""
    for index in range(len(KEYS)):
        if is_word(text, begin, end, KEYS[index, : KEY_LENGTHS[index]]):
            return index
    return -1


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
    position += 1
    while position < len(text) and text[position] != QUOTE:
        if text[position] == BACKSLASH:
            position += 1
            if position == len(text) or text[position] != BACKSLASH:
                return -1, length
        counts[length] = text[position]
        length += 1
        position += 1
    return (position + 1 if position < len(text) else -1), length


@njit(cache=True, nogil=True)
def read_mask(
    text: NDArray[np.uint8],
    position: int,
    size: NDArray[np.int64],
    counts: NDArray[np.uint8],
    length: int,
) -> tuple[int, int]:
    """Read {"size": [height, width], "counts": "…"} in either order.

    Returns:
        The position after it, or -1; and the new length of `counts`.
    """
    position = take(text, position, OPEN)
    for turn in range(2):
        begin, end = read_text(text, position)
        position = take(text, end + 1, COLON) if begin >= 0 else -1
        if position < 0:
            return -1, length
        if is_word(text, begin, end, SIZE) and size[0] == 0:
            position = take(text, position, OPEN_LIST)
            position, size[0] = read_integer(text, position) if position >= 0 else (-1, 0)
            position = take(text, position, COMMA)
            position, size[1] = read_integer(text, position) if position >= 0 else (-1, 0)
            position = take(text, position, CLOSE_LIST)
        elif is_word(text, begin, end, COUNTS) and (turn == 0 or size[0] != 0):
            position, length = read_counts(text, position, counts, length)
        else:
            return -1, length
        position = take(text, position, COMMA if turn == 0 else CLOSE)
    return position, length


@njit(cache=True, nogil=True)
def read_box(
    text: NDArray[np.uint8],
    position: int,
    numbers: NDArray[np.float64],
    inexact: NDArray[np.int64],
) -> int:
    """Read [x, y, width, height]; return the position after it, or -1.

    Where a number is not exact, `inexact` gets its begin and end.
    """
    position = take(text, position, OPEN_LIST)
    for column in range(4):
        if position < 0:
            return -1
        end, numbers[column], _, exact = read_number(text, position)
        if not exact:
            inexact[column, 0], inexact[column, 1] = position, end
        position = take(text, end, COMMA if column < 3 else CLOSE_LIST)
    return position


@njit(cache=True, nogil=True)
def read_field(
    text: NDArray[np.uint8],
    position: int,
    key: int,
    ids: NDArray[np.int64],
    numbers: NDArray[np.float64],
    inexact: NDArray[np.int64],
    size: NDArray[np.int64],
    counts: NDArray[np.uint8],
    length: int,
) -> tuple[int, int]:
    """Read the value of one key of a detection into its rows of the columns.

    Returns:
        The position after it, or -1; and the new length of `counts`.
    """
    bit = 1 << key
    if bit in (IMAGE, CATEGORY):
        position, ids[key] = read_integer(text, position)
    elif bit == SCORE:
        start = position
        position, numbers[SCORE_COLUMN], _, exact = read_number(text, start)
        if not exact:
            inexact[SCORE_COLUMN, 0], inexact[SCORE_COLUMN, 1] = start, position
    elif bit == BOX:
        position = read_box(text, position, numbers, inexact)
    elif bit == MASK:
        position, length = read_mask(text, position, size, counts, length)
    else:
        begin, end = read_text(text, position)
        position = end + 1 if begin >= 0 else -1
    return position, length


@njit(cache=True, nogil=True)
def read_detection(
    text: NDArray[np.uint8],
    position: int,
    ids: NDArray[np.int64],
    numbers: NDArray[np.float64],
    inexact: NDArray[np.int64],
    size: NDArray[np.int64],
    counts: NDArray[np.uint8],
    length: int,
) -> tuple[int, int, int]:
    """Read one object {…} into its rows of the columns.

    Returns:
        The position after it, or -1; the keys it has, as bits; the new length of `counts`.
    """
    position = take(text, position, OPEN)
    seen = 0
    while position >= 0:
        begin, end = read_text(text, position)
        key = key_of(text, begin, end) if begin >= 0 else -1
        position = take(text, end + 1, COLON)
        if key < 0 or position < 0 or seen & (1 << key):
            return -1, 0, length
        seen |= 1 << key
        position, length = read_field(
            text, position, key, ids, numbers, inexact, size, counts, length
        )
        following = take(text, position, COMMA)
        if following < 0:
            return take(text, position, CLOSE), seen, length
        position = following
    return -1, 0, length


@njit(cache=True, nogil=True)
def scan_detections(
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
        sizes: (N, 2) of 0, to be filled with rows and columns of the masks.
        counts: (L,) to be filled with the masks' compressed counts, one after the other.
        starts: (N + 1,) of 0, to be filled with where each begins, and the end.

    Returns:
        The number of detections, and the keys that each of them has, as bits; 0 and 0 if there
        are none, or the file is not written in the way known here.
    """
    row, length, keys = 0, 0, 0
    position = take(text, 0, OPEN_LIST)
    while position >= 0:
        position, seen, length = read_detection(
            text, position, ids[row], numbers[row], inexact[row], sizes[row], counts, length
        )
        if position < 0 or (row > 0 and seen != keys):
            return 0, 0
        keys = seen
        row += 1
        starts[row] = length
        following = take(text, position, COMMA)
        if following < 0:
            position = take(text, position, CLOSE_LIST)
            break
        position = following
    return (row, keys) if position == len(text) else (0, 0)


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
