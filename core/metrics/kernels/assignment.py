"""Which annotation each prediction takes when classes are ignored."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def assign_predictions(
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    rows: NDArray[np.int32],
    overlaps: NDArray[np.float64],
    same_class: NDArray[np.bool_],
    crowd: NDArray[np.bool_],
    threshold: float,
) -> NDArray[np.int64]:
    """Return the pair with the annotation that each of P predictions takes, or -1.

    Args:
        order: predictions that take part; inside an image by descending score.
        starts: (P + 1,) where the pairs of each prediction begin, and the end.
        rows: the annotation of each pair, in the order of the file.
        overlaps: IoU of each pair.
        same_class: whether the two of each pair are of one class.
        crowd: (N,) crowd regions are never taken.
        threshold: least IoU.
    """
    assigned = np.full(starts.size - 1, -1, np.int64)
    taken = crowd.copy()
    for prediction in order:
        chosen = -1
        for pair in range(starts[prediction], starts[prediction + 1]):
            if taken[rows[pair]] or overlaps[pair] < threshold:
                continue
            if chosen >= 0 and overlaps[pair] < overlaps[chosen]:
                continue
            equal = chosen >= 0 and overlaps[pair] == overlaps[chosen]
            if equal and same_class[chosen] and not same_class[pair]:
                continue
            chosen = pair
        if chosen >= 0:
            assigned[prediction] = chosen
            taken[rows[chosen]] = True
    return assigned
