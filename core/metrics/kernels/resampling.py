"""Scores of many weighted sets of images: sums of counts, and average precision."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

SPACING = np.spacing(1)


@njit(cache=True, nogil=True)
def weighted_sums(
    weights: NDArray[np.float64],
    places: NDArray[np.int32],
    columns: NDArray[np.int32],
    amounts: NDArray[np.float64],
    width: int,
) -> NDArray[np.float64]:
    """Return (K, R): the sum of each column over the images, each as often as it weighs.

    Args:
        weights: (I, R) how often each image is in each of R sets; one row an image, so that the
            inner loop runs along memory.
        places: (E,) image of each amount.
        columns: (E,) column of each amount.
        amounts: (E,) what an image adds to a column once.
        width: K.
    """
    sums = np.zeros((width, weights.shape[1]))
    for entry in range(places.size):
        row, total, amount = weights[places[entry]], sums[columns[entry]], amounts[entry]
        for index in range(row.size):
            total[index] += amount * row[index]
    return sums


@njit(cache=True, nogil=True)
def least_counts(positives: int, recall_points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return (R,) how many of `positives` must be found to reach each recall, as divided."""
    needed = np.empty(recall_points.size, np.int64)
    for point in range(recall_points.size):
        count = int(recall_points[point] * positives)
        while count / positives < recall_points[point]:
            count += 1
        needed[point] = count
    return needed


@njit(cache=True, nogil=True)
def _precision_sum(
    found: NDArray[np.int64],
    precision: NDArray[np.float64],
    length: int,
    needed: NDArray[np.int64],
) -> float:
    """Add up, over the recall points, the highest precision at that recall or beyond."""
    for index in range(length - 1, 0, -1):
        precision[index - 1] = max(precision[index - 1], precision[index])
    total, index = 0.0, 0
    for point in range(needed.size):
        while index < length and found[index] < needed[point]:
            index += 1
        if index == length:
            break
        total += precision[index]
    return total


@njit(cache=True, nogil=True)
def _class_precision(
    weight: NDArray[np.int64],
    rows: tuple[int, int],
    places: NDArray[np.int32],
    hits: NDArray[np.uint16],
    ignored: NDArray[np.uint16],
    ends: NDArray[np.int32],
    needed: NDArray[np.int64],
    found: NDArray[np.int64],
    precision: NDArray[np.float64],
) -> float:
    """Return the average precision of the class whose predictions stand in `rows`.

    `found` and `precision`, (T, room), take the points of the curve at its true positives:
    recall rises only there, and between two of them precision only falls.
    """
    threshold_count = found.shape[0]
    true_count = np.zeros(threshold_count, np.int64)
    false_count = np.zeros(threshold_count, np.int64)
    length = np.zeros(threshold_count, np.int64)
    false_at_all = 0  # of most predictions, which are wrong at every threshold
    start, stop = rows
    while start < stop:
        end, copies = ends[start], weight[places[start]]
        if end - start == 1 and hits[start] == 0 and ignored[start] == 0:
            false_at_all += copies
            start = end
            continue
        # the last copy of a single prediction is the best of its points: the others go unseen
        rounds, size = (copies, 1) if end - start > 1 else (min(copies, 1), copies)
        for _ in range(rounds):
            for row in range(start, end):
                for step in range(threshold_count):
                    bit = np.uint16(1 << step)
                    if hits[row] & bit:
                        true_count[step] += size
                        count, place = true_count[step], length[step]
                        wrong = false_count[step] + false_at_all
                        found[step, place] = count
                        precision[step, place] = count / (wrong + count + SPACING)
                        length[step] += 1
                    elif not ignored[row] & bit:
                        false_count[step] += size
        start = end
    total = 0.0
    for step in range(threshold_count):
        total += _precision_sum(found[step], precision[step], length[step], needed)
    return float(total / (threshold_count * needed.size))


@njit(cache=True, nogil=True)
def mean_precisions(
    weights: NDArray[np.int64],
    class_starts: NDArray[np.int64],
    places: NDArray[np.int32],
    hits: NDArray[np.uint16],
    ignored: NDArray[np.uint16],
    ends: NDArray[np.int32],
    positives: NDArray[np.int64],
    threshold_count: int,
    recall_points: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return (R, C) average precision of each class in each set; NaN without positives.

    It is what `accumulate` of pycocotools 2.0.11 gives where an image that weighs w is in the
    data set w times, its copies one after the other. Equal scores of one image and class are a
    group: its copies follow each other, not the copies of each prediction.

    Args:
        weights: (R, I) how often each image is in each set.
        class_starts: (C + 1,) where each class begins in the rows below, and the end.
        places: (P,) image of each prediction; sorted by class, then descending score.
        hits: (P,) bit t: a true positive at threshold t.
        ignored: (P,) bit t: neither a true nor a false positive.
        ends: (P,) end of the group that begins at a row.
        positives: (R, C) annotations that count.
        threshold_count: T.
        recall_points: ascending from 0.
    """
    means = np.full(positives.shape, np.nan)
    room = (np.count_nonzero(hits) + 1) * max(weights.max(), 1)
    found = np.empty((threshold_count, room), np.int64)
    precision = np.empty((threshold_count, room), np.float64)
    for index in range(positives.shape[0]):
        for class_index in range(positives.shape[1]):
            if positives[index, class_index] > 0:
                means[index, class_index] = _class_precision(
                    weights[index],
                    (class_starts[class_index], class_starts[class_index + 1]),
                    places,
                    hits,
                    ignored,
                    ends,
                    least_counts(positives[index, class_index], recall_points),
                    found,
                    precision,
                )
    return means


@njit(cache=True, nogil=True)
def label_precisions(
    weights: NDArray[np.int64],
    class_starts: NDArray[np.int64],
    places: NDArray[np.int32],
    shown: NDArray[np.bool_],
    tied: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return (R, C) average precision of image labels, not interpolated; NaN if none is shown.

    Args:
        weights: (R, I) how often each image is in each set.
        class_starts: (C + 1,) where each class begins in the rows below, and the end.
        places: (P,) image of each label; sorted by class, then descending probability.
        shown: (P,) whether the image shows the class.
        tied: (P,) whether the next label of the class is as probable: such count together.
    """
    class_count = class_starts.size - 1
    scores = np.full((weights.shape[0], class_count), np.nan)
    for index in range(weights.shape[0]):
        for class_index in range(class_count):
            said, right, before, area = 0, 0, 0, 0.0
            for row in range(class_starts[class_index], class_starts[class_index + 1]):
                copies = weights[index, places[row]]
                said += copies
                if shown[row]:
                    right += copies
                if not tied[row] and right > before:
                    area += (right - before) * (right / said)
                    before = right
            if right > 0:
                scores[index, class_index] = area / right
    return scores
