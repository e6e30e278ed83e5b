"""Precision and recall of ranked predictions, `accumulate` of pycocotools 2.0.11."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

SPACING = np.spacing(1)


@njit(cache=True, nogil=True)
def _fill_curve(
    hits: NDArray[np.uint64],
    ignored: NDArray[np.uint64],
    bit: np.uint64,
    positives: int,
    recall_points: NDArray[np.float64],
    envelope: NDArray[np.float64],
    precision: NDArray[np.float64],
) -> float:
    """Fill (R,) `precision` for one class, range, limit and threshold; return the final recall.

    Precision is needed at true positives alone: recall rises only there, and between two of
    them precision only falls. `envelope` is room for one number a prediction.
    """
    true_count, false_count = 0, 0
    for prediction in range(hits.size):
        if hits[prediction] & bit:
            envelope[true_count] = (true_count + 1) / (false_count + true_count + 1 + SPACING)
            true_count += 1
        elif not ignored[prediction] & bit:
            false_count += 1
    for index in range(true_count - 1, 0, -1):
        envelope[index - 1] = max(envelope[index - 1], envelope[index])
    index = 0
    for point in range(recall_points.size):
        while index < true_count and (index + 1) / positives < recall_points[point]:
            index += 1
        precision[point] = envelope[index] if index < true_count else 0.0
    return true_count / positives


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
    envelope = np.empty(ranks.size, np.float64)
    for index in range(class_count):
        rows = slice(class_starts[index], class_starts[index + 1])
        for limit in range(limits.size):
            kept = ranks[rows] < limits[limit]
            kept_hits, kept_ignored = hits[rows][kept], ignored[rows][kept]
            for area in range(area_count):
                if positives[index, area] == 0:
                    continue
                for step in range(threshold_count):
                    recall[index, area, limit, step] = _fill_curve(
                        kept_hits,
                        kept_ignored,
                        np.uint64(1) << np.uint64(threshold_count * area + step),
                        positives[index, area],
                        recall_points,
                        envelope,
                        precision[index, area, limit, step],
                    )
    return precision, recall
