"""Compiled code that every page of scores needs, loaded before somebody waits for it."""

from __future__ import annotations

import numpy as np

from core.metrics.detection import MatchRows, accumulate
from core.scoring.pixel_sums import HeldCounts

NO_IMAGES = np.empty(0, np.int64)


def load() -> None:
    """Let numba read what it has compiled, or compile it, for scores of no images at all."""
    nothing = MatchRows(
        images=NO_IMAGES,
        categories=np.empty(0, np.int32),
        scores=np.empty(0),
        rank=np.empty(0, np.int32),
        hits=np.empty(0, np.uint64),
        ignored=np.empty(0, np.uint64),
    )
    accumulate(nothing, np.zeros((1, 4), np.int64))
    classes = np.empty(0, np.int16)
    HeldCounts(NO_IMAGES, np.zeros(1, np.int64), classes, classes, NO_IMAGES, 1).over([])
