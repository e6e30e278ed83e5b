"""Scores of any multiset of images, fast enough to ask for thousands of them.

A measure is one run's score on I images, and those of its classes, as a function of how often
each image counts. A bootstrap asks for sets that hold images several times or not at all; a
permutation for sets that take some images from one run and the others from another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from core.metrics.ratios import mean_of_classes, ratio

Scores = NDArray[np.float64]
Weights = NDArray[np.integer]
Formula = Callable[[Scores], Scores]


class Measure(Protocol):
    """One run's score on I images, and those of its classes: F figures, the score first."""

    @property
    def images(self) -> int:
        """Return I."""

    def scores(self, weights: Weights) -> Scores:
        """Return (R, F) scores; NaN where there is none.

        Args:
            weights: (R, I) how often each image is in each of R sets; 0 or more.
        """

    def joined(self, other: Self) -> Self:
        """Return the measure on 2·I images: these answers, then the other run's."""


@dataclass(frozen=True, eq=False)
class Amounts:
    """What each of I images adds to each of K columns; most add nothing to most.

    Attributes:
        images: I.
        width: K.
        places: (E,) int32 image of each amount, from 0 to I - 1.
        columns: (E,) int32 column that it is added to, from 0 to K - 1.
        amounts: (E,) float64; counts are exact as long as their sums stay below 2**53.
    """

    images: int
    width: int
    places: NDArray[np.int32]
    columns: NDArray[np.int32]
    amounts: Scores

    @classmethod
    def of_table(cls, table: NDArray[np.generic]) -> Amounts:
        """Return the amounts of a dense table, shape (I, K)."""
        places, columns = np.nonzero(table)
        amounts = table[places, columns].astype(np.float64)
        images, width = table.shape
        return cls(images, width, places.astype(np.int32), columns.astype(np.int32), amounts)

    def sums(self, weights: Weights) -> Scores:
        """Return (R, K) sums of the columns; weights as in `Measure`."""
        from core.metrics.kernels import resampling

        by_image = np.ascontiguousarray(weights.T, np.float64)
        sums = resampling.weighted_sums(
            by_image, self.places, self.columns, self.amounts, self.width
        )
        return np.ascontiguousarray(sums.T)

    def joined(self, other: Amounts) -> Amounts:
        """Return the amounts of these images, then of the others."""
        return Amounts(
            self.images + other.images,
            self.width,
            np.concatenate([self.places, other.places + np.int32(self.images)]),
            np.concatenate([self.columns, other.columns]),
            np.concatenate([self.amounts, other.amounts]),
        )


@dataclass(frozen=True, eq=False)
class Sums:
    """A score that is a formula of sums over the images: all but average precision.

    Attributes:
        amounts: what each image adds.
        formula: (R, K) sums to (R, F) scores. A function of a module, or a partial of one, so
            that a measure can be pickled.
    """

    amounts: Amounts
    formula: Formula

    @property
    def images(self) -> int:
        """Return I."""
        return self.amounts.images

    def scores(self, weights: Weights) -> Scores:
        """Return (R, F) scores, see `Measure`."""
        return self.formula(self.amounts.sums(weights))

    def joined(self, other: Sums) -> Sums:
        """Return the measure on the images of both, see `Measure`."""
        return Sums(self.amounts.joined(other.amounts), self.formula)


@dataclass(frozen=True, eq=False)
class Overall:
    """A measure without its classes: one figure."""

    measure: Measure

    @property
    def images(self) -> int:
        """Return I."""
        return self.measure.images

    def scores(self, weights: Weights) -> Scores:
        """Return (R, 1) scores, see `Measure`."""
        return self.measure.scores(weights)[:, :1]

    def joined(self, other: Overall) -> Overall:
        """Return the measure on the images of both, see `Measure`."""
        return Overall(self.measure.joined(other.measure))


def image_means(scores: Scores) -> Sums:
    """Return the measure that is the mean over the images of F scores of each, (I, F).

    An image without a score (NaN) is left out of that mean.
    """
    present = ~np.isnan(scores)
    table = np.hstack([np.where(present, scores, 0.0), present])
    return Sums(Amounts.of_table(table), _means)


def with_mean(classes: Scores) -> Scores:
    """Return (R, 1 + C): before the scores of the classes, (R, C), the mean of those there are."""
    return np.hstack([mean_of_classes(classes)[:, np.newaxis], classes])


def _means(sums: Scores) -> Scores:
    scored = sums.shape[1] // 2
    return ratio(sums[:, :scored], sums[:, scored:])
