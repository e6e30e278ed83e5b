"""The ten digits as classes, named alike in every data set of digits."""

from __future__ import annotations

from core.structures import Category

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digit_categories(zero: int = 0) -> tuple[Category, ...]:
    """Return the ten digits; a class is its digit.

    Args:
        zero: by which number the files of the data set mean the digit 0.
    """
    ids = (zero, *range(1, len(DIGIT_NAMES)))
    return tuple(
        Category(name, "digit", number) for name, number in zip(DIGIT_NAMES, ids, strict=True)
    )
