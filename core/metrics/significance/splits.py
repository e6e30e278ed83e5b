"""How sure the gaps of one system between splits are, whose images are others on each.

Paired draws are of no use here: no image of one split has a partner on another. So the images of
each split are drawn anew by themselves, and a gap is tested by sharing out the images of both
splits anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.metrics.generalization import generalization_gap
from core.metrics.significance.measures import Measure, Scores
from core.metrics.significance.study import BLOCK, drawn_weights, interval
from core.metrics.significance.subsets import drawn_members

_SHARES: Final = 1  # beside the draws of `study`
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, eq=False)
class SplitStudy:
    """Scores of one system on N splits, and what chance makes of the gaps to one of them.

    Attributes:
        measures: on the N splits; F figures each. One measure for each image of a split.
        reference: place of the split that the others are held against.
        higher_is_better: the direction of the scores.
        seed: of everything that is drawn.
        observed: (N, F) scores on the images as they are.
        resampled: (N, R, F) scores on as many images of each split, drawn with replacement and
            independently of the other splits.
        extremes: (N, F) how many of R shares have a gap as wide as what was observed, or wider.
    """

    measures: tuple[Measure, ...]
    reference: int
    higher_is_better: bool
    seed: int
    observed: Scores
    resampled: Scores
    extremes: NDArray[np.int64]

    @property
    def resamples(self) -> int:
        """Return R."""
        return int(self.resampled.shape[1])

    def gap(self, split: int) -> Scores:
        """Return (F,) how much better the scores on a split are than on the reference."""
        return self._gaps(self.observed[split], self.observed[self.reference])

    def gap_interval(self, split: int) -> Scores:
        """Return (2, F) the 95 % interval of `gap`: of the differences of independent draws."""
        drawn = self._gaps(self.resampled[split], self.resampled[self.reference])
        return interval(drawn, self.gap(split))

    def p(self, split: int) -> Scores:
        """Return (F,) how often a gap as wide comes of sharing out the images anew, two-sided.

        If the system answers images of both splits alike, it is chance alone which of them lie on
        which split: all ways to share out their images are as likely (Good, Permutation,
        Parametric and Bootstrap Tests of Hypotheses, 2005, section 3.2). NaN where there is no
        gap, or nothing was drawn yet; never 0, see `Study.p`.
        """
        p = (self.extremes[split] + 1) / (self.resamples + 1)
        unknown = np.isnan(self.gap(split)) | (self.resamples == 0)
        return np.where(unknown, np.nan, p)

    def extended(self, resamples: int, threads: int | None = None) -> SplitStudy:
        """Return the study with at least so many resamples, whole blocks of `BLOCK`.

        What is drawn depends on the seed alone.

        Args:
            resamples: of the images of each split, and shares of each pair of splits.
            threads: how many work; None for the processors of this machine.
        """
        blocks = range(self.resamples // BLOCK, -(-resamples // BLOCK))
        if not blocks:
            return self
        workers = threads or len(os.sched_getaffinity(0))
        if workers == 1:
            return self._extended(blocks, map)
        with ThreadPoolExecutor(workers) as pool:
            return self._extended(blocks, pool.map)

    def _gaps(self, learnt: Scores, elsewhere: Scores) -> Scores:
        gaps: Scores = generalization_gap(learnt, elsewhere, higher_is_better=self.higher_is_better)
        return gaps

    def _extended(self, blocks: range, mapped: Callable[..., Iterable[Any]]) -> SplitStudy:
        resampled, extremes = [], self.extremes.copy()
        for split, measure in enumerate(self.measures):
            resampled.append(
                np.concatenate(list(mapped(_drawn(measure, self.seed, split), blocks)))
            )
            if split != self.reference:
                both = measure.joined(self.measures[self.reference])
                extremes[split] += sum(mapped(self._shares(split, both), blocks))
        drawn = np.concatenate([self.resampled, np.stack(resampled)], axis=1)
        return replace(self, resampled=drawn, extremes=extremes)

    def _shares(self, split: int, both: Measure) -> Callable[[int], NDArray[np.int64]]:
        """Return the function of a block to (F,) how many of its shares are as extreme."""
        size, observed = self.measures[split].images, np.abs(self.gap(split))

        def extremes(block: int) -> NDArray[np.int64]:
            weights = drawn_members((self.seed, split, _SHARES, block), size, both.images)
            gaps = both.scores(weights) - both.scores(1 - weights)
            # where a share leaves a class without a score it counts as wide
            count: NDArray[np.int64] = BLOCK - (np.abs(gaps) < observed - _ROUNDING).sum(axis=0)
            return count

        return extremes


def begin_splits(
    measures: Sequence[Measure], reference: int, *, higher_is_better: bool, seed: int = 0
) -> SplitStudy:
    """Return a study of splits of which nothing is drawn yet; see `SplitStudy`."""
    observed = np.stack([m.scores(np.ones((1, m.images), np.int64))[0] for m in measures])
    return SplitStudy(
        measures=tuple(measures),
        reference=reference,
        higher_is_better=higher_is_better,
        seed=seed,
        observed=observed,
        resampled=np.empty((len(measures), 0, observed.shape[1])),
        extremes=np.zeros(observed.shape, np.int64),
    )


def _drawn(measure: Measure, seed: int, split: int) -> Callable[[int], Scores]:
    """Return the function of a block to (BLOCK, F) scores of images drawn from one split."""
    return lambda block: measure.scores(drawn_weights((seed, split), block, measure.images))
