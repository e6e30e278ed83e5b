"""Precision and recall of ranked predictions, `accumulate` of pycocotools 2.0.11."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

SPACING = np.spacing(1)


@njit(cache=True, nogil=True)
def _count_ranked(
    ranks: NDArray[np.int32],
    hits: NDArray[np.uint64],
    ignored: NDArray[np.uint64],
    limit: int,
    threshold_count: int,
    precision: NDArray[np.float64],
    true_counts: NDArray[np.int64],
) -> None:
    """Write precision at each true positive of one class, (A * T, hits), and their number (A * T,).

    Precision is needed there alone: recall rises only there, and between two of them precision
    only falls. A prediction that hits nothing is mostly wrong, or ignored, at all thresholds of
    a range alike, so it is one count for all of them.
    """
    every_step = (np.uint64(1) << np.uint64(threshold_count)) - np.uint64(1)
    area_count = true_counts.size // threshold_count
    wrong_at_all = np.zeros(area_count, np.int64)
    wrong_at_some = np.zeros(true_counts.size, np.int64)
    true_counts[:] = 0
    for prediction in range(hits.size):
        if ranks[prediction] >= limit:
            continue
        for area in range(area_count):
            first = area * threshold_count
            right = (hits[prediction] >> np.uint64(first)) & every_step
            wrong = ~((ignored[prediction] >> np.uint64(first)) | right) & every_step
            if wrong == every_step:
                wrong_at_all[area] += 1
                continue
            if not right | wrong:
                continue
            for bit in range(first, first + threshold_count):
                wrong_at_some[bit] += np.int64(wrong & np.uint64(1))
                if right & np.uint64(1):
                    true = true_counts[bit]
                    false = wrong_at_all[area] + wrong_at_some[bit]
                    precision[bit, true] = (true + 1) / (false + true + 1 + SPACING)
                    true_counts[bit] += 1
                right >>= np.uint64(1)
                wrong >>= np.uint64(1)


@njit(cache=True, nogil=True)
def _first_reaching(positives: int, recall_points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the true positive, counted from 0, with which each recall is reached, shape (R,)."""
    reaching = np.empty(recall_points.size, np.int64)
    index = 0
    for point in range(recall_points.size):
        while index < positives and (index + 1) / positives < recall_points[point]:
            index += 1
        reaching[point] = index
    return reaching


@njit(cache=True, nogil=True)
def _fill_curve(
    found: NDArray[np.float64], reaching: NDArray[np.int64], precision: NDArray[np.float64]
) -> None:
    """Fill (R,) `precision` with the highest at each recall or beyond, 0 where not reached.

    Args:
        found: precision at each true positive; is made monotone.
        reaching: (R,) see `_first_reaching`.
        precision: (R,) is filled.
    """
    for index in range(found.size - 1, 0, -1):
        found[index - 1] = max(found[index - 1], found[index])
    for point in range(reaching.size):
        index = reaching[point]
        precision[point] = found[index] if index < found.size else 0.0


@njit(cache=True, nogil=True)
def accumulate_classes(
    class_starts: NDArray[np.int64],
    ranks: NDArray[np.int32],
    hits: NDArray[np.uint64],
    ignored: NDArray[np.uint64],
    positives: NDArray[np.int64],
    limits: NDArray[np.int64],
    threshold_count: int,
    recall_points: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return precision (C, A, M, T, R) and recall (C, A, M, T); -1 without positives.

    Args:
        class_starts: (C + 1,) where each class begins in the columns below, and the end.
        ranks: (P,) position among the predictions of the same image and class.
        hits: (P,) bits T * a + t, sorted by class, then descending score.
        ignored: (P,) same bits.
        positives: (C, A) annotations that count.
        limits: (M,) how many predictions of an image and class count.
        threshold_count: T.
        recall_points: (R,) ascending from 0.
    """
    class_count, area_count = positives.shape
    shape = (class_count, area_count, limits.size, threshold_count)
    precision = np.full((*shape, recall_points.size), -1.0)
    recall = np.full(shape, -1.0)
    true_counts = np.zeros(area_count * threshold_count, np.int64)
    for index in range(class_count):
        if not positives[index].any():
            continue
        rows = slice(class_starts[index], class_starts[index + 1])
        found = np.empty((true_counts.size, np.count_nonzero(hits[rows])), np.float64)
        for limit in range(limits.size):
            _count_ranked(
                ranks[rows], hits[rows], ignored[rows], limits[limit], threshold_count, found,
                true_counts,
            )  # fmt: skip
            for area in range(area_count):
                asked = positives[index, area]
                if asked == 0:
                    continue
                reaching = _first_reaching(asked, recall_points)
                for step in range(threshold_count):
                    bit = threshold_count * area + step
                    curve = precision[index, area, limit, step]
                    _fill_curve(found[bit, : true_counts[bit]], reaching, curve)
                    recall[index, area, limit, step] = true_counts[bit] / asked
    return precision, recall
