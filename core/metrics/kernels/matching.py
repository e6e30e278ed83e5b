"""COCO's greedy matching of predictions with annotations, over pairs that overlap.

Forty answers at once: bit 10 * a + t stands for area range a and IoU threshold t.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def _next_pair(
    first: int,
    last: int,
    overlaps: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    least: float,
    before: int,
) -> int:
    """Return the allowed pair that fits best after the pair `before`, or -1.

    Pairs come by descending overlap, of equal overlaps the last first, as pycocotools picks them;
    with `before` -1 the first of them all. None overlaps by less than `least`.
    """
    chosen = -1
    for pair in range(first, last):
        if not allowed[pair] or overlaps[pair] < least:
            continue
        if before >= 0 and (
            overlaps[pair] > overlaps[before]
            or (overlaps[pair] == overlaps[before] and pair >= before)
        ):
            continue
        if chosen < 0 or overlaps[pair] >= overlaps[chosen]:
            chosen = pair
    return chosen


@njit(cache=True, nogil=True)
def _reached(overlap: float, thresholds: NDArray[np.float64], every_area: np.uint64) -> np.uint64:
    """Return the bits of the thresholds that an overlap meets, in every area range."""
    steps = 0
    while steps < thresholds.size and overlap >= thresholds[steps]:
        steps += 1
    return ((np.uint64(1) << np.uint64(steps)) - np.uint64(1)) * every_area


@njit(cache=True, nogil=True)
def match_predictions(
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    rows: NDArray[np.int32],
    overlaps: NDArray[np.float64],
    same_class: NDArray[np.bool_],
    crowd: NDArray[np.bool_],
    truth_ignored: NDArray[np.uint64],
    predicted_ignored: NDArray[np.uint64],
    thresholds: NDArray[np.float64],
    area_count: int,
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """Match P predictions with N annotations, `evaluateImg` of pycocotools 2.0.11.

    An annotation belongs to one image and class, so one pass over all images and classes does:
    only the order by score among those of the same image and class matters. In each range and
    threshold a prediction takes the best annotation that is free; one that counts goes before
    all that are ignored, however well those fit. All bits are decided at once.

    Args:
        order: predictions that take part; inside an image and class by descending score.
        starts: (P + 1,) where the pairs of each prediction begin, and the end.
        rows: the annotation of each pair, in the order of the file.
        overlaps: IoU of each pair.
        same_class: whether the two of each pair are of one class.
        crowd: (N,) crowd regions match any number of predictions.
        truth_ignored: (N,) bits in which an annotation does not count.
        predicted_ignored: (P,) bits in which a prediction does not count if unmatched.
        thresholds: (T,) least IoU of a match, ascending.
        area_count: number of area ranges.

    Returns:
        hits: (P,) bits in which a prediction matches an annotation that counts.
        ignored: (P,) bits in which it is neither right nor wrong.
        matched: (P,) its pair in bit 0, or -1.
    """
    hits = np.zeros(predicted_ignored.size, np.uint64)
    ignored = predicted_ignored.copy()
    matched = np.full(predicted_ignored.size, -1, np.int64)
    taken = np.zeros(crowd.size, np.uint64)
    every_area = np.uint64(0)
    for area in range(area_count):
        every_area |= np.uint64(1) << np.uint64(thresholds.size * area)
    for prediction in order:
        first, last = starts[prediction], starts[prediction + 1]
        best = _next_pair(first, last, overlaps, same_class, thresholds[0], -1)
        if best < 0:
            continue
        open_bits = _reached(overlaps[best], thresholds, every_area)
        for ignoring in (False, True):
            pair = best
            while pair >= 0 and open_bits:
                row = rows[pair]
                free = open_bits & _reached(overlaps[pair], thresholds, every_area)
                free &= truth_ignored[row] if ignoring else ~truth_ignored[row]
                if not crowd[row]:
                    free &= ~taken[row]
                    taken[row] |= free
                open_bits &= ~free
                if ignoring:
                    ignored[prediction] |= free
                else:
                    hits[prediction] |= free
                if free & np.uint64(1):
                    matched[prediction] = pair
                pair = _next_pair(first, last, overlaps, same_class, thresholds[0], pair)
        ignored[prediction] &= ~hits[prediction]
    return hits, ignored, matched


@njit(cache=True, nogil=True)
def nearest_annotations(
    starts: NDArray[np.int64],
    rows: NDArray[np.int32],
    overlaps: NDArray[np.float64],
    same_class: NDArray[np.bool_],
    crowd: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return what each of P predictions overlaps most, crowd regions left out.

    Returns:
        nearest: (P,) pair with the highest overlap, the first of equals, or -1.
        same: (P,) highest overlap with an annotation of the prediction's class, or 0.
        other: (P,) highest overlap with one of another class, or 0.
    """
    nearest = np.full(starts.size - 1, -1, np.int64)
    same = np.zeros(starts.size - 1, np.float64)
    other = np.zeros(starts.size - 1, np.float64)
    for prediction in range(starts.size - 1):
        for pair in range(starts[prediction], starts[prediction + 1]):
            if crowd[rows[pair]]:
                continue
            if overlaps[pair] > max(same[prediction], other[prediction]):
                nearest[prediction] = pair
            if same_class[pair]:
                same[prediction] = max(same[prediction], overlaps[pair])
            else:
                other[prediction] = max(other[prediction], overlaps[pair])
    return nearest, same, other
