"""Order of predictions by score, of many images and classes at once.

A comparison of two rows costs a lexical sort three look-ups. Scores are sorted by their digits
instead, eleven bits at a time, which keeps equal scores in their order.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_DIGIT_BITS = 11
_DIGITS = 6  # of 64 bits
_VALUES = 1 << _DIGIT_BITS
_SIGN = np.uint64(1 << 63)


@njit(cache=True, nogil=True)
def _descending_keys(scores: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return whole numbers that ascend where scores descend.

    The bits of floats above zero ascend with them, those of floats below zero descend.
    """
    keys = (scores + 0.0).view(np.uint64)  # of both zeros the same
    for row in range(keys.size):
        if not keys[row] & _SIGN:
            keys[row] = ~keys[row] ^ _SIGN
    return keys


@njit(cache=True, nogil=True)
def _count_digits(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how often each value occurs at each digit, shape (digits, values)."""
    counts = np.zeros((_DIGITS, _VALUES), np.int64)
    for key in keys:
        for digit in range(_DIGITS):
            counts[digit, (key >> np.uint64(_DIGIT_BITS * digit)) & np.uint64(_VALUES - 1)] += 1
    return counts


@njit(cache=True, nogil=True)
def _begins(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each value begins in sorted order."""
    begins = np.empty(counts.size, np.int64)
    begin = 0
    for value in range(counts.size):
        begins[value] = begin
        begin += counts[value]
    return begins


@njit(cache=True, nogil=True)
def _order_by_score(scores: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return rows by descending score; of equal scores the first comes first."""
    keys = _descending_keys(scores)
    counts = _count_digits(keys)
    order = np.arange(keys.size).astype(np.int32)
    sorted_keys, sorted_order = np.empty_like(keys), np.empty_like(order)
    for digit in range(_DIGITS):
        if counts[digit].max() == keys.size:
            continue  # all the same
        begins = _begins(counts[digit])
        shift = np.uint64(_DIGIT_BITS * digit)
        for place in range(keys.size):
            value = (keys[place] >> shift) & np.uint64(_VALUES - 1)
            sorted_keys[begins[value]] = keys[place]
            sorted_order[begins[value]] = order[place]
            begins[value] += 1
        keys, sorted_keys = sorted_keys, keys
        order, sorted_order = sorted_order, order
    return order


@njit(cache=True, nogil=True)
def order_by_class_and_score(
    categories: NDArray[np.int32], scores: NDArray[np.float64], class_count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sort P rows by class, then descending score, then place.

    Args:
        categories: (P,) in 0..C - 1.
        scores: (P,) no NaN.
        class_count: C.

    Returns:
        order: (P,) rows.
        starts: (C + 1,) where each class begins in `order`, and the end.
    """
    starts = np.zeros(class_count + 1, np.int64)
    for category in categories:
        starts[category + 1] += 1
    starts = np.cumsum(starts)
    free = starts[:-1].copy()
    order = np.empty(categories.size, np.int64)
    for row in _order_by_score(scores):
        order[free[categories[row]]] = row
        free[categories[row]] += 1
    return order, starts


@njit(cache=True, nogil=True)
def breaks_ties_by_image(
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    scores: NDArray[np.float64],
    images: NDArray[np.int64],
    rank: NDArray[np.int32],
) -> bool:
    """Tell whether rows of the same class and score come by image, then by rank.

    Args:
        order: (P,) rows by class, then descending score.
        starts: (C + 1,) where each class begins in `order`, and the end.
        scores: (P,).
        images: (P,).
        rank: (P,).
    """
    for index in range(starts.size - 1):
        for place in range(starts[index] + 1, starts[index + 1]):
            row, last = order[place], order[place - 1]
            if scores[row] == scores[last] and (
                images[row] < images[last]
                or (images[row] == images[last] and rank[row] < rank[last])
            ):
                return False
    return True


@njit(cache=True, nogil=True)
def rank_in_images(
    images: NDArray[np.int64], categories: NDArray[np.int32], order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rank P rows in their image and class.

    Args:
        images: (P,) ascending.
        categories: (P,).
        order: (P,) rows by class, then by what ranks them.

    Returns:
        by_image: (P,) rows by image, then class, then rank.
        rank: (P,) from 0 in each image and class.
    """
    free = np.empty(images.size, np.int64)  # at the first row of an image, its next free place
    first = np.empty(images.size, np.int64)
    for row in range(images.size):
        first[row] = first[row - 1] if row and images[row] == images[row - 1] else row
        free[row] = row
    by_image = np.empty(images.size, np.int64)
    for row in order:
        by_image[free[first[row]]] = row
        free[first[row]] += 1
    rank = np.zeros(images.size, np.int32)
    for place in range(1, images.size):
        row, last = by_image[place], by_image[place - 1]
        if first[row] == first[last] and categories[row] == categories[last]:
            rank[row] = rank[last] + 1
    return by_image, rank
