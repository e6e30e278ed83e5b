"""Compiled loops over the joint runs of two label maps, row by row."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Labels = NDArray[np.uint8] | NDArray[np.uint16]
Lengths = NDArray[np.int64]
Numbers = NDArray[np.int32]

VOID = -1


@njit(cache=True, nogil=True)
def cut_by_rows(
    truth: Labels, predicted: Labels, lengths: Lengths, width: int, voids: tuple[int, int]
) -> tuple[Numbers, Numbers, Numbers, Numbers, Lengths]:
    """Cut joint runs over whole maps where rows end, and write void as -1.

    Args:
        truth: (J,) label of the truth.
        predicted: (J,) label of the prediction.
        lengths: (J,) pixels, above 0; in all H rows of W.
        width: W.
        voids: what void is in the truth and in the prediction.

    Returns:
        Truth, prediction, first column, column after the last, all (R,), and (H + 1,) the run at
        which each row begins, and R.
    """
    height = lengths.sum() // width
    most = truth.size + height
    labels = np.empty((2, most), dtype=np.int32)
    columns = np.empty((2, most), dtype=np.int32)
    rows = np.zeros(height + 1, dtype=np.int64)
    count, row, column = 0, 0, 0
    for run in range(truth.size):
        left = lengths[run]
        true = VOID if truth[run] == voids[0] else np.int32(truth[run])
        seen = VOID if predicted[run] == voids[1] else np.int32(predicted[run])
        while left > 0:
            step = min(left, width - column)
            labels[0, count], labels[1, count] = true, seen
            columns[0, count], columns[1, count] = column, column + step
            count += 1
            column += step
            left -= step
            if column == width:
                column = 0
                row += 1
                rows[row] = count
    return labels[0, :count], labels[1, :count], columns[0, :count], columns[1, :count], rows


@njit(cache=True, nogil=True)
def band_pixels(
    truth: Numbers,
    predicted: Numbers,
    starts: Numbers,
    ends: Numbers,
    rows: Lengths,
    distance: int,
    class_count: int,
) -> NDArray[np.int64]:
    """Count the pixels that have another label, or the edge of the image, within a distance.

    Args:
        truth: (R,) class index, or -1.
        predicted: (R,) class index, or -1; -1 where the truth is.
        starts: (R,) first column.
        ends: (R,) column after the last.
        rows: (H + 1,) run at which each row begins.
        distance: d, steps in rows, columns or diagonals, at least 1.
        class_count: C, above every label.

    Returns:
        (3, C) of the truth, of the prediction, and of both where they agree.
    """
    counts = np.zeros((3, class_count), dtype=np.int64)
    width, window = ends[-1], np.int32(2 * distance + 1)
    # for how many rows a column has been d steps inside runs of one label, up to the last row
    true_rows, seen_rows = np.zeros(width, np.int32), np.zeros(width, np.int32)
    true_last, seen_last = np.full(width, VOID, np.int32), np.full(width, VOID, np.int32)
    for row in range(rows.size - 1 + distance):
        if row < rows.size - 1:
            _extend(true_rows, true_last, truth, starts, ends, rows[row], rows[row + 1], distance)
            _extend(
                seen_rows, seen_last, predicted, starts, ends, rows[row], rows[row + 1], distance
            )
        else:
            true_rows[:] = 0
            seen_rows[:] = 0
        middle = row - distance
        if middle < 0:
            continue
        for run in range(rows[middle], rows[middle + 1]):
            true, seen = truth[run], predicted[run]
            if true == VOID:
                continue
            run_true = true_rows[starts[run] : ends[run]]  # from 0 on, so that it is vectorised
            run_seen = seen_rows[starts[run] : ends[run]]
            inside_true, inside_seen, inside_both = np.int32(0), np.int32(0), np.int32(0)
            for place in range(run_true.size):
                deep_true = np.int32(run_true[place] >= window)
                deep_seen = np.int32(run_seen[place] >= window)
                inside_true += deep_true
                inside_seen += deep_seen
                inside_both += deep_true & deep_seen
            pixels = ends[run] - starts[run]
            counts[0, true] += pixels - inside_true
            if seen != VOID:
                counts[1, seen] += pixels - inside_seen
            if seen == true:
                counts[2, true] += pixels - inside_true - inside_seen + inside_both
    return counts


@njit(cache=True, nogil=True)
def _extend(
    inside: Numbers,
    last: Numbers,
    labels: Numbers,
    starts: Numbers,
    ends: Numbers,
    first: int,
    stop: int,
    distance: int,
) -> None:
    """Count one more row for the columns that are inside a run of the label they had."""
    column, run = 0, first
    while run < stop:
        label, start = labels[run], starts[run]
        while run < stop and labels[run] == label:
            run += 1
        begin, end = start + distance, ends[run - 1] - distance
        if begin >= end:
            continue
        inside[column:begin] = 0
        row_inside, row_last = inside[begin:end], last[begin:end]
        for place in range(row_inside.size):
            same = np.int32(row_last[place] == label)
            row_inside[place] = row_inside[place] * same + np.int32(1)
        row_last[:] = label
        column = end
    inside[column:] = 0
