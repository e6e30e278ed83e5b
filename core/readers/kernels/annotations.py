"""A compiled scan of the list of annotations in COCO instances files: bytes to columns.

As the scan of detections beside it, it knows one plain way to write such a list, and gives up on
whatever it does not know.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.readers.kernels.json_text import (
    BACKSLASH,
    CLOSE,
    CLOSE_LIST,
    COLON,
    COMMA,
    OPEN,
    OPEN_LIST,
    QUOTE,
    SPACE,
    is_word,
    keys_of,
    read_integer,
    read_key,
    read_number,
    read_text,
    skip_space,
    take,
)

# What an annotation may hold, as bits: all of them at most once.
ID, IMAGE, CATEGORY, CROWD, AREA, BOX, MASK = 1, 2, 4, 8, 16, 32, 64
AREA_COLUMN = 4
COLUMNS = 5
KEYS, KEY_LENGTHS = keys_of(
    b"id", b"image_id", b"category_id", b"iscrowd", b"area", b"bbox", b"segmentation"
)
LIST = np.frombuffer(b"annotations", np.uint8)

Text = NDArray[np.uint8]
Places = NDArray[np.int64]
Numbers = NDArray[np.float64]
# (K,) coordinates, (K, 2) begin and end of those that are not exact, and (R + 1,) the coordinate
# at which each ring begins
Rings = tuple[Numbers, Places, Places]


@njit(cache=True, nogil=True)
def skip_value(text: Text, position: int) -> int:
    """Return the position after a value, brackets counted and strings passed, or -1.

    Only of sound JSON is it the end of the value: whoever asks reads what was skipped as well.
    """
    depth = 0
    while 0 <= position < len(text):
        character = text[position]
        if character == QUOTE:
            position += 1
            while position < len(text) and text[position] != QUOTE:
                position += 2 if text[position] == BACKSLASH else 1
        elif character in (OPEN, OPEN_LIST):
            depth += 1
        elif depth and character in (CLOSE, CLOSE_LIST):
            depth -= 1
            if depth == 0:
                return position + 1
        elif depth == 0 and character in (COMMA, CLOSE, CLOSE_LIST):
            return position
        position += 1
    return -1


@njit(cache=True, nogil=True)
def find_list(text: Text) -> int:
    """Return where the value of a first key "annotations" of the outermost object is, or -1."""
    position = take(text, 0, OPEN)
    while position >= 0:
        begin, end = read_text(text, position)
        position = take(text, end + 1, COLON) if begin >= 0 else -1
        if position >= 0 and is_word(text, begin, end, LIST):
            return position
        position = take(text, skip_value(text, position), COMMA)
    return -1


@njit(cache=True, nogil=True)
def read_ring(text: Text, position: int, rings: Rings, count: int) -> tuple[int, int]:
    """Read [x, y, …].

    Returns:
        The position after it, or -1; and the number of coordinates read so far.
    """
    coordinates, inexact, _ = rings
    position = take(text, position, OPEN_LIST)
    while position >= 0:
        begin = position
        position, coordinates[count], _, exact = read_number(text, begin)
        if not exact:
            inexact[count, 0], inexact[count, 1] = begin, position
        count += 1
        if 0 <= position < len(text) - 1 and text[position] == COMMA:
            position += 1  # spares a call
            if text[position] <= SPACE:
                position = skip_space(text, position)
            continue
        following = take(text, position, COMMA)
        if following < 0:
            return take(text, position, CLOSE_LIST), count
        position = following
    return -1, count


@njit(cache=True, nogil=True)
def read_box(text: Text, position: int, numbers: Numbers, inexact: Places) -> int:
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
def read_polygons(text: Text, position: int, rings: Rings, ring: int) -> tuple[int, int]:
    """Read [[x, y, …], …] or [].

    Returns:
        The position after it, or -1; and the number of rings read so far.
    """
    starts = rings[2]
    position = take(text, position, OPEN_LIST)
    empty = take(text, position, CLOSE_LIST)
    if empty >= 0:
        return empty, ring
    while position >= 0:
        position, starts[ring + 1] = read_ring(text, position, rings, starts[ring])
        ring += 1
        following = take(text, position, COMMA)
        if following < 0:
            return take(text, position, CLOSE_LIST), ring
        position = following
    return -1, ring


@njit(cache=True, nogil=True)
def read_value(
    text: Text,
    position: int,
    key: int,
    ids: Places,
    numbers: Numbers,
    inexact: Places,
    objects: Places,
    rings: Rings,
    ring: int,
) -> tuple[int, int]:
    """Read the value of one key of an annotation into its rows of the columns.

    Returns:
        The position after it, or -1; and the number of rings read so far.
    """
    bit = 1 << key
    if bit <= CROWD:
        position, ids[key] = read_integer(text, position)
    elif bit == AREA:
        begin = position
        position, numbers[AREA_COLUMN], _, exact = read_number(text, begin)
        if not exact:
            inexact[AREA_COLUMN, 0], inexact[AREA_COLUMN, 1] = begin, position
    elif bit == BOX:
        position = read_box(text, position, numbers, inexact)
    elif position < len(text) and text[position] == OPEN:
        objects[0] = position
        position = skip_value(text, position)
        objects[1] = position
    else:
        position, ring = read_polygons(text, position, rings, ring)
    return position, ring


@njit(cache=True, nogil=True)
def read_annotation(
    text: Text,
    position: int,
    ids: Places,
    numbers: Numbers,
    inexact: Places,
    objects: Places,
    rings: Rings,
    ring: int,
) -> tuple[int, int, int]:
    """Read one object {…} into its rows of the columns.

    Returns:
        The position after it, or -1; the keys it has, as bits; the number of rings so far.
    """
    position = take(text, position, OPEN)
    seen = 0
    while position >= 0:
        key, position = read_key(text, position, KEYS, KEY_LENGTHS)
        if position < 0 or seen & (1 << key):
            return -1, 0, ring
        seen |= 1 << key
        position, ring = read_value(
            text, position, key, ids, numbers, inexact, objects, rings, ring
        )
        following = take(text, position, COMMA)
        if following < 0:
            return take(text, position, CLOSE), seen, ring
        position = following
    return -1, 0, ring


@njit(cache=True, nogil=True)
def scan_annotations(
    text: Text,
    begin: int,
    ids: Places,
    numbers: Numbers,
    inexact: Places,
    objects: Places,
    firsts: Places,
    rings: Rings,
) -> tuple[int, int, int]:
    """Read a list of annotations into columns.

    Args:
        text: the file, shape (L,).
        begin: where the list is.
        ids: (N, 4) of 0, to be filled with own id, ids of image and category, and `iscrowd`; N is
            large enough.
        numbers: (N, 5) to be filled with x, y, width, height, area.
        inexact: (N, 5, 2) of 0; gets begin and end of numbers that are not read exactly.
        objects: (N, 2) of 0; gets begin and end of what is an object instead of polygons.
        firsts: (N + 1,) of 0, to be filled with the ring at which each begins, and the end.
        rings: of 0, to be filled; large enough.

    Returns:
        The number of annotations, the keys that each of them has, as bits, and the position after
        the list; 0 and 0 if there are none, or it is not written in the way known here.
    """
    row, ring, keys = 0, 0, 0
    position = take(text, begin, OPEN_LIST)
    while position >= 0:
        position, seen, ring = read_annotation(
            text, position, ids[row], numbers[row], inexact[row], objects[row], rings, ring
        )
        if position < 0 or (row > 0 and seen != keys):
            return 0, 0, -1
        keys = seen
        row += 1
        firsts[row] = ring
        following = take(text, position, COMMA)
        if following < 0:
            position = take(text, position, CLOSE_LIST)
            break
        position = following
    return (row, keys, position) if position >= 0 else (0, 0, -1)


@njit(cache=True, nogil=True)
def are_near(coordinates: Numbers, firsts: Places, sides: Numbers) -> bool:
    """Tell whether no point of N annotations is further outside its image than the image's size.

    Args:
        coordinates: (K,) x and y in turns.
        firsts: (N + 1,) coordinate at which each annotation begins, and K.
        sides: (N, 2) width and height of each one's image, in pixels.
    """
    for row in range(len(sides)):
        for place in range(firsts[row], firsts[row + 1]):
            side = sides[row, place % 2]
            if not -side <= coordinates[place] <= 2 * side:
                return False
    return True
