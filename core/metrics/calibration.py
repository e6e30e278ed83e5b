"""Calibration: whether answers given with a probability of p are right p of the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.ratios import ratio

BINS = 15


@dataclass(frozen=True, eq=False)
class Reliability:
    """Answers gathered in bins of equal width by their probability: the reliability diagram.

    Sums, not means, so that the bins of parts add up.

    Attributes:
        counts: (B,) int64 answers in each bin.
        right: (B,) int64 of these, right ones.
        certainty: (B,) float64 sum of their probabilities.
    """

    counts: NDArray[np.int64]
    right: NDArray[np.int64]
    certainty: NDArray[np.float64]

    def __add__(self, other: Reliability) -> Reliability:
        """Return the bins of both together."""
        return Reliability(
            self.counts + other.counts, self.right + other.right, self.certainty + other.certainty
        )


def reliability(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS
) -> Reliability:
    """Gather answers in bins ((b - 1) / B, b / B], 0 in the first.

    Args:
        probabilities: (N,) that each answer was given with.
        right: (N,) whether it is right.
        bins: B.

    Raises:
        ValueError: the lengths differ, or a probability is not of 0 to 1.
    """
    probabilities, right = np.asarray(probabilities, np.float64), np.asarray(right, bool)
    if probabilities.shape != right.shape or probabilities.ndim != 1:
        raise ValueError(f"{probabilities.shape} probabilities for {right.shape} answers")
    if len(probabilities) and not (probabilities.min() >= 0 and probabilities.max() <= 1):
        raise ValueError("probabilities must be of 0 to 1")
    places = bin_places(probabilities, bins)
    return Reliability(
        counts=np.bincount(places, minlength=bins).astype(np.int64),
        right=np.bincount(places[right], minlength=bins).astype(np.int64),
        certainty=np.bincount(places, weights=probabilities, minlength=bins).astype(np.float64),
    )


def bin_places(probabilities: NDArray[np.float64], bins: int = BINS) -> NDArray[np.intp]:
    """Return (N,) the bin, from 0, that each probability falls in."""
    edges = np.linspace(0, 1, bins + 1)
    return np.searchsorted(edges[1:-1], probabilities, side="left")


def ece(found: Reliability) -> NDArray[np.float64]:
    """Return the expected calibration error, NaN for no answers; one number for bins (B,).

    Bins of shape (..., B) give errors of shape (...).

    The mean distance between the share of right answers and the mean probability of a bin,
    weighted by the bin's answers (Naeini et al. 2015; Guo et al. 2017, 15 bins).

    Example:
        >>> round(float(ece(reliability(np.array([0.9, 0.9]), np.array([True, False])))), 3)
        0.4
    """
    distance = np.abs(found.right - found.certainty).sum(axis=-1)
    return ratio(distance, found.counts.sum(axis=-1))
