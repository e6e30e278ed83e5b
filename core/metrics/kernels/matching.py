"""COCO's greedy matching of predictions with annotations, over pairs that overlap.

Forty answers at once: bit 10 * a + t stands for area range a and IoU threshold t.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def _best_pair(
    first: int,
    last: int,
    rows: NDArray[np.int32],
    overlaps: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    taken: NDArray[np.uint64],
    truth_ignored: NDArray[np.uint64],
    bit: np.uint64,
    threshold: float,
) -> int:
    """Return the pair that a prediction matches in one range and threshold, or -1.

    Annotations that count are tried before ignored ones, and a match with one of them is kept
    however well an ignored one fits. Of equal overlaps the last wins, as in pycocotools.
    """
    for ignored in (np.uint64(0), bit):
        chosen = -1
        best = threshold
        for pair in range(first, last):
            row = rows[pair]
            if not allowed[pair] or overlaps[pair] < best or truth_ignored[row] & bit != ignored:
                continue
            if taken[row] & bit:
                continue
            best = overlaps[pair]
            chosen = pair
        if chosen >= 0:
            return chosen
    return -1


@njit(cache=True, nogil=True)
def _highest_overlap(
    first: int, last: int, overlaps: NDArray[np.float64], allowed: NDArray[np.bool_]
) -> float:
    """Return the highest overlap of the allowed pairs from `first` to `last`, or 0."""
    highest = 0.0
    for pair in range(first, last):
        if allowed[pair]:
            highest = max(highest, overlaps[pair])
    return highest


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
    only the order by score among those of the same image and class matters.

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
    for prediction in order:
        first, last = starts[prediction], starts[prediction + 1]
        highest = _highest_overlap(first, last, overlaps, same_class)
        for step in range(thresholds.size):
            if highest < thresholds[step]:
                break
            for area in range(area_count):
                bit = np.uint64(1) << np.uint64(thresholds.size * area + step)
                pair = _best_pair(
                    first, last, rows, overlaps, same_class, taken, truth_ignored, bit,
                    thresholds[step],
                )  # fmt: skip
                if pair < 0:
                    continue
                if not crowd[rows[pair]]:
                    taken[rows[pair]] |= bit
                if truth_ignored[rows[pair]] & bit:
                    ignored[prediction] |= bit
                else:
                    hits[prediction] |= bit
                    ignored[prediction] &= ~bit
                if bit == 1:
                    matched[prediction] = pair
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
