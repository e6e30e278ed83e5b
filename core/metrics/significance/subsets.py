"""Whether a score on some of the images falls short of that on the rest by more than chance."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics.significance.measures import Measure, Scores
from core.metrics.significance.study import BLOCK, LEVEL

# after so many draws that fall as short, more would not make a finding of it
ENOUGH_EXTREMES: Final = 20
LEAST_DRAWS: Final = 2000
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, eq=False)
class Shortfalls:
    """S subsets of the images, each held against the images outside it.

    Attributes:
        measure: of I images; its first figure counts.
        members: (S, I) which images are in each subset.
        sign: 1 where higher scores are better, -1 where lower ones are.
        seed: of all draws.
        inside: (S,) score on the subset; NaN where there is none.
        outside: (S,) score on all other images, likewise.
        p: (S,) how often as many images drawn at random fall short as much, one-sided; NaN where
            a score is missing, or its size was not drawn yet.
        sizes: those of the subsets to test, ascending; subsets of one size share the draws.
        tested: how many of the sizes were drawn.
        draws: most draws that are made for one subset.
    """

    measure: Measure
    members: NDArray[np.bool_]
    sign: int
    seed: int
    inside: Scores
    outside: Scores
    p: Scores
    sizes: tuple[int, ...]
    tested: int
    draws: int

    @property
    def difference(self) -> Scores:
        """Return (S,) the score inside minus that outside."""
        return self.inside - self.outside

    def extended(self, tested: int, threads: int | None = None) -> Shortfalls:
        """Return them with at least so many sizes tested, or all.

        Args:
            tested: number of sizes.
            threads: how many to use; by default one for each processor.
        """
        sizes = self.sizes[self.tested : tested]
        if not sizes:
            return self
        observed = self.sign * self.difference
        own = self.members.sum(axis=1)
        places = [np.flatnonzero((own == size) & ~np.isnan(observed)) for size in sizes]

        def values(of_size: NDArray[np.int64]) -> Scores:
            size = int(own[of_size[0]])
            return _p_values(
                self.measure, size, self.sign, observed[of_size], self.draws, self.seed
            )

        p = self.p.copy()
        with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
            for of_size, found in zip(places, pool.map(values, places), strict=True):
                p[of_size] = found
        return replace(self, p=p, tested=self.tested + len(sizes))


def begin_shortfalls(
    measure: Measure, members: NDArray[np.bool_], sign: int, seed: int
) -> Shortfalls:
    """Return how far a score falls short on subsets of its images; nothing is drawn yet.

    Under the null hypothesis which images are in a subset has nothing to do with how well they
    are answered, so that every subset of its size is as likely: these are drawn. A subset is
    drawn for until `ENOUGH_EXTREMES` draws fall short as much (Besag and Clifford, Biometrika 78,
    1991: p is then their share), or as often as the smallest p needs to survive a correction
    over all subsets twice over.

    Args:
        measure: of I images; its first figure counts.
        members: (S, I) which images are in each subset; neither none nor all of them.
        sign: 1 where higher scores are better, -1 where lower ones are.
        seed: of all draws.
    """
    weights = members.astype(np.int64)
    inside, outside = measure.scores(weights)[:, 0], measure.scores(1 - weights)[:, 0]
    known = ~np.isnan(inside - outside)
    most = max(LEAST_DRAWS, int(np.ceil(2 * len(members) / LEVEL)))
    return Shortfalls(
        measure,
        members,
        sign,
        seed,
        inside,
        outside,
        p=np.full(len(members), np.nan),
        sizes=tuple(np.unique(members.sum(axis=1)[known]).tolist()),
        tested=0,
        draws=-(-most // BLOCK) * BLOCK,
    )


def shortfalls(measure: Measure, members: NDArray[np.bool_], sign: int, seed: int) -> Shortfalls:
    """Return `begin_shortfalls` with all that is to be drawn."""
    begun = begin_shortfalls(measure, members, sign, seed)
    return begun.extended(len(begun.sizes))


def _p_values(
    measure: Measure, size: int, sign: int, observed: Scores, most: int, seed: int
) -> Scores:
    """Return (S,) p values of subsets of one size."""
    p = np.full(len(observed), np.nan)
    extremes = np.zeros(len(observed), np.int64)
    for block in range(most // BLOCK):
        drawn = _drawn(measure, size, sign, seed, block)
        short = drawn <= observed[:, np.newaxis] + _ROUNDING
        reached = extremes[:, np.newaxis] + np.cumsum(short, axis=1)
        stopped = np.isnan(p) & (reached[:, -1] >= ENOUGH_EXTREMES)
        at = np.argmax(reached >= ENOUGH_EXTREMES, axis=1)
        p[stopped] = ENOUGH_EXTREMES / (BLOCK * block + at[stopped] + 1)
        extremes = reached[:, -1]
        if not np.isnan(p).any():
            return p
    going = np.isnan(p)
    p[going] = (extremes[going] + 1) / (most + 1)
    return p


def _drawn(measure: Measure, size: int, sign: int, seed: int, block: int) -> Scores:
    """Return (BLOCK,) differences of subsets drawn at random; none to test counts as short."""
    weights = drawn_members((seed, size, block), size, measure.images)
    differences = measure.scores(weights)[:, 0] - measure.scores(1 - weights)[:, 0]
    return np.where(np.isnan(differences), -np.inf, sign * differences)


def drawn_members(seed: tuple[int, ...], size: int, images: int) -> NDArray[np.int64]:
    """Return (BLOCK, I) of each draw 1 for as many of the images as its size, 0 for the others."""
    order = np.argsort(np.random.default_rng(seed).random((BLOCK, images)), axis=1)
    weights = np.zeros((BLOCK, images), np.int64)
    np.put_along_axis(weights, order[:, :size], 1, axis=1)
    return weights
