"""Compiled loops over pixels and over runs of pixels."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Labels = NDArray[np.uint8] | NDArray[np.uint16]
Lengths = NDArray[np.int64]

_CHUNK = 2048  # pixels whose cells stay in the nearest cache


@njit(cache=True, nogil=True)
def pixel_pairs(truth: Labels, predicted: Labels, class_count: int) -> NDArray[np.int64]:
    """Count the pairs of labels of two flat maps of equal size.

    Returns:
        (C + 1, C + 1) pixels, [truth, predicted]; the last row and column take every label
        from C on, which are void or out of range.
    """
    # Which cell a pixel counts in is worked out for many pixels by one instruction. Neighbours
    # mostly fall in the same cell: four tables spare an addition from waiting for the last one.
    width = class_count + 1
    truth_most = truth.dtype.type(min(class_count, np.iinfo(truth.dtype).max))
    predicted_most = predicted.dtype.type(min(class_count, np.iinfo(predicted.dtype).max))
    tables = np.zeros((4, width * width), dtype=np.uint32)
    cells = np.zeros(_CHUNK, dtype=np.uint32)
    for start in range(0, truth.size, _CHUNK):
        rows, columns = truth[start : start + _CHUNK], predicted[start : start + _CHUNK]
        for pixel in range(rows.size):
            row, column = min(rows[pixel], truth_most), min(columns[pixel], predicted_most)
            cells[pixel] = np.uint32(row) * np.uint32(width) + np.uint32(column)
        whole = rows.size - rows.size % 4
        for pixel in range(0, whole, 4):
            for lane in range(4):
                tables[lane, cells[pixel + lane]] += np.uint32(1)
        for pixel in range(whole, rows.size):
            tables[0, cells[pixel]] += np.uint32(1)
    pairs = np.zeros(width * width, dtype=np.int64)
    for lane in range(4):
        pairs += tables[lane]
    return pairs.reshape(width, width)


@njit(cache=True, nogil=True)
def run_pairs(
    truth: Labels,
    truth_lengths: Lengths,
    predicted: Labels,
    predicted_lengths: Lengths,
    class_count: int,
) -> NDArray[np.int64]:
    """Count the pairs of labels of two lists of runs over the same pixels, at least one.

    Returns:
        (C + 1, C + 1) pixels, as of `pixel_pairs`.
    """
    pairs = np.zeros((class_count + 1, class_count + 1), dtype=np.int64)
    row, column = 0, 0
    truth_left, predicted_left = truth_lengths[0], predicted_lengths[0]
    while True:
        step = min(truth_left, predicted_left)
        pairs[min(int(truth[row]), class_count), min(int(predicted[column]), class_count)] += step
        truth_left -= step
        predicted_left -= step
        if truth_left == 0:
            row += 1
            if row == truth.size:
                return pairs
            truth_left = truth_lengths[row]
        if predicted_left == 0:
            column += 1
            predicted_left = predicted_lengths[column]


@njit(cache=True, nogil=True)
def merge_runs(
    truth: Labels, truth_lengths: Lengths, predicted: Labels, predicted_lengths: Lengths
) -> tuple[Labels, Labels, Lengths]:
    """Cut two lists of runs over the same pixels into runs in which neither changes.

    All lengths are above 0 and both lists cover the same number of pixels, at least one.

    Returns:
        The label of the truth, the label of the prediction and the length of each joint run.
    """
    most = truth.size + predicted.size
    truth_labels = np.empty(most, dtype=truth.dtype)
    predicted_labels = np.empty(most, dtype=predicted.dtype)
    lengths = np.empty(most, dtype=np.int64)
    row, column, count = 0, 0, 0
    truth_left, predicted_left = truth_lengths[0], predicted_lengths[0]
    while row < truth.size:
        step = min(truth_left, predicted_left)
        truth_labels[count], predicted_labels[count] = truth[row], predicted[column]
        lengths[count] = step
        count += 1
        truth_left -= step
        predicted_left -= step
        if truth_left == 0:
            row += 1
            truth_left = truth_lengths[row] if row < truth.size else 0
        if predicted_left == 0:
            column += 1
            predicted_left = predicted_lengths[column] if column < predicted.size else 0
    return truth_labels[:count], predicted_labels[:count], lengths[:count]
