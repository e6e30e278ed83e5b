"""Average precision of image labels, and calibration, of any multiset of images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics import calibration
from core.metrics.image_labels import ImageLabels
from core.metrics.ratios import mean_of_classes
from core.metrics.significance.measures import Amounts, Scores, Sums, Weights


@dataclass(frozen=True, eq=False)
class LabelPrecision:
    """Average precision of image labels, `image_labels.average_precision` of each set of images.

    Attributes:
        labels: of I images and C classes.
        averaged: indices of the classes whose mean is the score.
    """

    labels: ImageLabels
    averaged: tuple[int, ...]

    @property
    def images(self) -> int:
        """Return I."""
        return len(self.labels.shown)

    @cached_property
    def _tables(self) -> tuple[NDArray[Any], ...]:
        """Return class starts, places, whether shown, and whether a tie goes on, all sorted."""
        places, classes = np.nonzero(self.labels.known)
        probabilities = self.labels.probabilities[places, classes]
        order = np.lexsort((-probabilities, classes))
        places, classes, ranked = places[order], classes[order], probabilities[order]
        tied = np.zeros(len(places), np.bool_)
        tied[:-1] = (classes[1:] == classes[:-1]) & (ranked[1:] == ranked[:-1])
        starts = np.searchsorted(classes, np.arange(self.labels.shown.shape[1] + 1))
        return starts, places.astype(np.int32), self.labels.shown[places, classes], tied

    def scores(self, weights: Weights) -> Scores:
        """Return (R, 1 + C) scores, see `Measure`."""
        from core.metrics.kernels import resampling

        classes: Scores = resampling.label_precisions(
            np.ascontiguousarray(weights, np.int64), *self._tables
        )
        mean = mean_of_classes(classes[:, list(self.averaged)])
        return np.hstack([mean[:, np.newaxis], classes])

    def joined(self, other: LabelPrecision) -> LabelPrecision:
        """Return the measure on the images of both, see `Measure`."""
        ours, theirs = self.labels, other.labels
        both = ImageLabels(
            np.vstack([ours.shown, theirs.shown]),
            np.vstack([ours.probabilities, theirs.probabilities]),
            np.vstack([ours.known, theirs.known]),
        )
        return LabelPrecision(both, self.averaged)


def calibration_measure(
    images: int,
    places: NDArray[np.int64],
    probabilities: Scores,
    right: NDArray[np.bool_],
) -> Sums:
    """Return the calibration error of N answers as a measure; see `calibration.ece`.

    Args:
        images: I.
        places: (N,) image of each answer, from 0 to I - 1.
        probabilities: (N,) that it was given with.
        right: (N,) whether it is right.
    """
    bins = calibration.bin_places(probabilities).astype(np.int32)
    columns = [bins, bins + calibration.BINS, bins + 2 * calibration.BINS]
    amounts = Amounts(
        images,
        3 * calibration.BINS,
        np.tile(places.astype(np.int32), 3),
        np.concatenate(columns).astype(np.int32),
        np.concatenate([np.ones(len(bins)), right.astype(np.float64), probabilities]),
    )
    return Sums(amounts, _ece)


def _ece(sums: Scores) -> Scores:
    counts, right, certainty = np.split(sums, 3, axis=1)
    found = calibration.Reliability(counts.astype(np.int64), right.astype(np.int64), certainty)
    return calibration.ece(found)[:, np.newaxis]
