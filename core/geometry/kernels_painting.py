"""Compiled loops that paint masks from their run lengths."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Labels = NDArray[np.uint8] | NDArray[np.uint16]


@njit(cache=True, nogil=True)
def fill_runs(flat: Labels, runs: NDArray[np.int64], label: int) -> None:
    """Write `label` over the pixels of a mask.

    Args:
        flat: pixels in the order of the runs; changed in place.
        runs: lengths, background first, then in turn; they sum to the size of `flat`.
        label: a class index that the dtype of `flat` holds.
    """
    end = 0
    for index in range(runs.size):
        start = end
        end += runs[index]
        if index % 2 == 1:
            flat[start:end] = label
