"""Overlap of each prediction with the annotations of its image, in COCO's floating point.

Pairs are columns sorted by prediction, annotations in the order of the file: `starts` (P + 1,)
says where a prediction's pairs begin, `rows` names the annotation, `overlaps` how far they share.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Pairs = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]


# COCO divides by a union that may round to zero, hence numpy's division
@njit(cache=True, nogil=True, error_model="numpy")
def overlapping_boxes(
    predicted_boxes: NDArray[np.float64],
    predicted_categories: NDArray[np.int32],
    predicted_images: NDArray[np.int64],
    truth_boxes: NDArray[np.float64],
    truth_categories: NDArray[np.int32],
    truth_images: NDArray[np.int64],
    crowd: NDArray[np.bool_],
    choosy: NDArray[np.bool_],
) -> Pairs:
    """Return the pairs whose boxes overlap, and by how much; `bbIou` of COCO's maskApi.c.

    The order of additions is COCO's: another order differs in the last bit, and a threshold
    that is met to the last bit decides a match.

    Args:
        predicted_boxes: (P, 4) x, y, width, height.
        predicted_categories: (P,).
        predicted_images: (P,) ascending.
        truth_boxes: (N, 4) x, y, width, height.
        truth_categories: (N,).
        truth_images: (N,) ascending.
        crowd: (N,).
        choosy: (N,) annotations that pair with predictions of their own class only.
    """
    count = predicted_images.size
    starts = np.zeros(count + 1, np.int64)
    rows = np.empty(count + 16, np.int32)
    overlaps = np.empty(count + 16, np.float64)
    end, first, last = 0, 0, 0
    for prediction in range(count):
        image = predicted_images[prediction]
        while first < truth_images.size and truth_images[first] < image:
            first += 1
        last = max(first, last)
        while last < truth_images.size and truth_images[last] == image:
            last += 1
        # no call for each pair: passing arrays on costs numba ten times this arithmetic
        x, y, width, height = predicted_boxes[prediction]
        category = predicted_categories[prediction]
        for row in range(first, last):
            if choosy[row] and truth_categories[row] != category:
                continue
            truth_x, truth_y = truth_boxes[row, 0], truth_boxes[row, 1]
            truth_width, truth_height = truth_boxes[row, 2], truth_boxes[row, 3]
            shared_width = min(width + x, truth_width + truth_x) - max(x, truth_x)
            shared_height = min(height + y, truth_height + truth_y) - max(y, truth_y)
            if shared_width <= 0 or shared_height <= 0:
                continue
            union = width * height
            if not crowd[row]:
                union = union + truth_width * truth_height - shared_width * shared_height
            overlap = shared_width * shared_height / union
            # leaves out 0/0, of boxes so small that their area is zero in floating point
            if overlap > 0:
                if end == rows.size:
                    rows = np.concatenate((rows, np.empty(end, np.int32)))
                    overlaps = np.concatenate((overlaps, np.empty(end, np.float64)))
                rows[end] = row
                overlaps[end] = overlap
                end += 1
        starts[prediction + 1] = end
    return starts, rows[:end].copy(), overlaps[:end].copy()


@njit(cache=True, nogil=True)
def meet_own_class(
    predicted_categories: NDArray[np.int32],
    predicted_images: NDArray[np.int64],
    truth_categories: NDArray[np.int32],
    truth_images: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Return which of P predictions have an annotation of their class in their image.

    Args:
        predicted_categories: (P,).
        predicted_images: (P,) ascending.
        truth_categories: (N,).
        truth_images: (N,) ascending.
    """
    meets = np.zeros(predicted_images.size, np.bool_)
    first = 0
    for prediction in range(predicted_images.size):
        image = predicted_images[prediction]
        while first < truth_images.size and truth_images[first] < image:
            first += 1
        row = first
        while row < truth_images.size and truth_images[row] == image and not meets[prediction]:
            meets[prediction] = truth_categories[row] == predicted_categories[prediction]
            row += 1
    return meets


@njit(cache=True, nogil=True)
def _shared_pixels(predicted: NDArray[np.int32], truth: NDArray[np.int32]) -> int:
    """Return how many pixels two masks share; each is start, end, start, end, ... ascending."""
    i, j, shared = 0, 0, 0
    while i < predicted.size and j < truth.size:
        predicted_end, truth_end = predicted[i + 1], truth[j + 1]
        shared += max(0, min(predicted_end, truth_end) - max(predicted[i], truth[j]))
        if predicted_end < truth_end:
            i += 2
        else:
            j += 2
    return shared


@njit(cache=True, nogil=True)
def overlapping_masks(
    starts: NDArray[np.int64],
    rows: NDArray[np.int32],
    predicted_intervals: NDArray[np.int32],
    predicted_starts: NDArray[np.int64],
    predicted_areas: NDArray[np.int64],
    truth_intervals: NDArray[np.int32],
    truth_starts: NDArray[np.int64],
    truth_areas: NDArray[np.int64],
    crowd: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the overlap of the masks of each pair; `rleIou` of COCO's maskApi.c.

    Args:
        starts: (P + 1,) of the pairs.
        rows: of the pairs.
        predicted_intervals: masks as `run_lengths.decode_masks` returns them.
        predicted_starts: (P + 1,).
        predicted_areas: (P,) pixels.
        truth_intervals: masks of the annotations.
        truth_starts: (N + 1,).
        truth_areas: (N,) pixels.
        crowd: (N,).
    """
    overlaps = np.zeros(rows.size, np.float64)
    for prediction in range(starts.size - 1):
        mask = predicted_intervals[predicted_starts[prediction] : predicted_starts[prediction + 1]]
        for pair in range(starts[prediction], starts[prediction + 1]):
            row = rows[pair]
            truth = truth_intervals[truth_starts[row] : truth_starts[row + 1]]
            shared = _shared_pixels(mask, truth)
            if shared > 0:
                union = predicted_areas[prediction]
                if not crowd[row]:
                    union += truth_areas[row] - shared
                overlaps[pair] = shared / union
    return overlaps
