"""Compiled reading of JSON: spaces, marks, numbers and plain strings, at positions of a text.

A position of -1 stands for "not found", and is passed on, so that calls can follow each other.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

# Powers of ten that floats hold exactly; a product or quotient of two exact floats is rounded once.
POWERS = 10.0 ** np.arange(23)
LARGEST_EXACT = 2**53
MOST_DIGITS = 18
# Numbers of so many characters are exact before they are divided.
PLAIN_LENGTH = 15
QUOTE, BACKSLASH, COMMA, COLON = 34, 92, 44, 58
OPEN, CLOSE, OPEN_LIST, CLOSE_LIST = 123, 125, 91, 93
POINT, FIRST_DIGIT, SPACE = 46, 48, 32
_MINUS, _PLUS, _NINE = 45, 43, 57
_EXPONENT = (69, 101)  # E e
_SPACES = (32, 10, 13, 9)


def keys_of(*names: bytes) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return N names as a table of their characters, (N, K), and their lengths, (N,)."""
    width = max(map(len, names))
    table = np.array([list(name.ljust(width, b"\0")) for name in names], np.uint8)
    return table, np.array([len(name) for name in names])


@njit(cache=True, nogil=True)
def skip_space(text: NDArray[np.uint8], position: int) -> int:
    """Return the first position from here that holds none of JSON's four kinds of space."""
    while position < len(text) and text[position] in _SPACES:
        position += 1
    return position


@njit(cache=True, nogil=True)
def take(text: NDArray[np.uint8], position: int, character: int) -> int:
    """Return the position after a character, spaces before and after it skipped, or -1."""
    if position < 0:
        return -1
    position = skip_space(text, position)
    if position < len(text) and text[position] == character:
        return int(skip_space(text, position + 1))
    return -1


@njit(cache=True, nogil=True)
def read_digits(
    text: NDArray[np.uint8], position: int, number: int, count: int
) -> tuple[int, int, int]:
    """Return a number with the digits from here appended, how many it has, and what follows.

    Beyond `MOST_DIGITS` digits that count they are only passed.
    """
    while position < len(text) and FIRST_DIGIT <= text[position] <= _NINE:
        if count < MOST_DIGITS:
            number = number * 10 + (int(text[position]) - FIRST_DIGIT)
        count += number > 0
        position += 1
    return number, count, position


@njit(cache=True, nogil=True)
def read_exponent(text: NDArray[np.uint8], position: int) -> tuple[int, int]:
    """Return what follows the letter e, 1000 at most either way, and where it ends, or -1."""
    sign = 1
    if position < len(text) and text[position] in (_MINUS, _PLUS):
        sign = -1 if text[position] == _MINUS else 1
        position += 1
    exponent, _, end = read_digits(text, position, 0, 0)
    return sign * min(exponent, 1000), end if end > position else -1


@njit(cache=True, nogil=True)
def read_any_number(text: NDArray[np.uint8], position: int) -> tuple[int, float, bool, bool]:
    """Read one number of JSON, however it is written; see `read_number`."""
    start = position
    if position < len(text) and text[position] == _MINUS:
        position += 1
    first = position
    number, count, position = read_digits(text, position, 0, 0)
    if position == first or (text[first] == FIRST_DIGIT and position > first + 1):
        return -1, 0.0, False, False
    whole, power = True, 0
    if position < len(text) and text[position] == POINT:
        point = position + 1
        number, count, position = read_digits(text, point, number, count)
        if position == point:
            return -1, 0.0, False, False
        whole, power = False, point - position
    if position < len(text) and text[position] in _EXPONENT:
        exponent, position = read_exponent(text, position + 1)
        if position < 0:
            return -1, 0.0, False, False
        whole, power = False, power + exponent
    exact = count <= MOST_DIGITS and number <= LARGEST_EXACT and -22 <= power <= 22
    value = float(number)
    if exact and power < 0:
        value /= POWERS[-power]
    elif exact:
        value *= POWERS[power]
    if text[start] == _MINUS:
        value = 0.0 - value if whole else -value  # whole numbers have no negative zero
    return position, value, whole, exact


@njit(cache=True, nogil=True)
def read_number(text: NDArray[np.uint8], position: int) -> tuple[int, float, bool, bool]:
    """Read one number of JSON.

    Returns:
        The position after it, or -1 if there is none; its value; whether it is written as a whole
        number; whether the value is exact: the float nearest to what is written.
    """
    if position < 0:
        return -1, 0.0, False, False
    # most are a few digits, a point, a few digits: read without a call, which takes longer
    start, size, number, point = position, len(text), 0, -1
    character = FIRST_DIGIT
    while position < size:
        character = text[position]
        if FIRST_DIGIT <= character <= _NINE:
            number = number * 10 + (int(character) - FIRST_DIGIT)
        elif character == POINT and point < 0:
            point = position
        else:
            break
        position += 1
    end = position if point < 0 else point  # of the whole part
    if (
        start < end
        and (text[start] != FIRST_DIGIT or end == start + 1)
        and position - start <= PLAIN_LENGTH
        and position != point + 1
        and character not in _EXPONENT
    ):
        if point < 0:
            return position, float(number), True, True
        return position, number / POWERS[position - point - 1], False, True
    number_end, value, whole, exact = read_any_number(text, start)
    return number_end, value, whole, exact


@njit(cache=True, nogil=True)
def read_integer(text: NDArray[np.uint8], position: int) -> tuple[int, int]:
    """Return the position after a whole number of at most 15 digits, and the number; or -1."""
    end, value, whole, exact = read_number(text, position)
    if end < 0 or not whole or not exact or end - position > 15:
        return -1, 0
    return end, int(value)


@njit(cache=True, nogil=True)
def read_key(
    text: NDArray[np.uint8], position: int, keys: NDArray[np.uint8], lengths: NDArray[np.int64]
) -> tuple[int, int]:
    """Return which of some keys (see `keys_of`) stands at a position, and what follows its colon.

    Returns:
        Its index, and the position after the colon; -1 and -1 if it is none of them.
    """
    for index in range(len(lengths)):
        length = lengths[index]
        end = position + 1 + length
        if position >= 0 and end < len(text) and text[position] == QUOTE == text[end]:
            place = 0
            while place < length and text[position + 1 + place] == keys[index, place]:
                place += 1
            if place == length:
                return index, take(text, end + 1, COLON)
    return -1, -1


@njit(cache=True, nogil=True)
def read_text(text: NDArray[np.uint8], position: int) -> tuple[int, int]:
    """Return begin and end of a string of plain characters at a position, or -1 and -1."""
    if position < 0 or position >= len(text) or text[position] != QUOTE:
        return -1, -1
    begin = position + 1
    end = begin
    while end < len(text) and text[end] != QUOTE:
        if text[end] < 32 or text[end] > 126 or text[end] == BACKSLASH:
            return -1, -1
        end += 1
    return (begin, end) if end < len(text) else (-1, -1)


@njit(cache=True, nogil=True)
def is_word(text: NDArray[np.uint8], begin: int, end: int, word: NDArray[np.uint8]) -> bool:
    """Tell whether a string is a word."""
    if end - begin != len(word):
        return False
    for index in range(len(word)):  # noqa: SIM110 - compiled
        if text[begin + index] != word[index]:
            return False
    return True
