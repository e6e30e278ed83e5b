"""Divisions and means that leave out what has no score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


def ratio(part: NDArray[np.generic], whole: NDArray[np.generic]) -> Scores:
    """Divide; NaN where there is nothing to divide by. One number for zero dimensions."""
    scores = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=scores, where=np.asarray(whole) > 0)
    divided: Scores = scores[()]
    return divided


def mean_of_classes(scores: Scores) -> Scores:
    """Return the mean over the last axis of the scores there are; NaN where there are none."""
    present = ~np.isnan(scores)
    return ratio(np.where(present, scores, 0.0).sum(axis=-1), present.sum(axis=-1))
