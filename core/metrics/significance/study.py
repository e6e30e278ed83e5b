"""How sure scores and their differences are: a bootstrap and permutations, block by block.

All runs are scored on the same drawn images, so that what makes an image hard is hard for all
of them and drops out of their differences.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.metrics.significance.measures import Measure, Scores

BLOCK: Final = 50
LEVEL: Final = 0.05
EXACT_IMAGES: Final = 12
_BOOTSTRAP, _SWAPS = range(2)
# two ways of adding the same numbers may differ in their last bits; that is no difference
_ROUNDING: Final = 1e-12
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, eq=False)
class Study:
    """Scores of N runs on the same I images, and what chance makes of them; F figures each.

    Attributes:
        measures: of the N runs.
        pairs: (first, second) runs whose differences, second minus first, are tested.
        seed: of everything that is drawn.
        observed: (N, F) scores on the images as they are.
        resampled: (N, R, F) scores on R times I images drawn with replacement.
        extremes: (len(pairs), F) how many swaps differ as much as what was observed, or more.
        swaps: how many were tried.
        exact: whether these are all there are.
    """

    measures: tuple[Measure, ...]
    pairs: tuple[tuple[int, int], ...]
    seed: int
    observed: Scores
    resampled: Scores
    extremes: NDArray[np.int64]
    swaps: int
    exact: bool

    @property
    def resamples(self) -> int:
        """Return R."""
        return int(self.resampled.shape[1])

    def difference(self, pair: int) -> Scores:
        """Return (F,) the second run's scores minus the first's."""
        first, second = self.pairs[pair]
        difference: Scores = self.observed[second] - self.observed[first]
        return difference

    def difference_interval(
        self, pair: int, figures: NDArray[np.int64] | slice = slice(None)
    ) -> Scores:
        """Return (2, F) the 95 % interval of `difference`, of some of the figures alone."""
        first, second = self.pairs[pair]
        resampled = self.resampled[second][:, figures] - self.resampled[first][:, figures]
        return interval(resampled, self.difference(pair)[figures])

    def score_interval(self, run: int) -> Scores:
        """Return (2, F) the 95 % interval of a run's scores."""
        return interval(self.resampled[run], self.observed[run])

    def p(self, pair: int) -> Scores:
        """Return (F,) how often chance alone makes a difference at least as large, two-sided.

        NaN where there is no difference to test, or nothing was swapped yet. Drawn swaps count
        with the observed one among them, so that p is never 0 (Phipson and Smyth, Statistical
        Applications in Genetics and Molecular Biology 9, 2010).
        """
        drawn = 0 if self.exact else 1
        p = (self.extremes[pair] + drawn) / (self.swaps + drawn)
        unknown = np.isnan(self.difference(pair)) | (self.swaps == 0)
        return np.where(unknown, np.nan, p)


def begin(measures: Sequence[Measure], pairs: Sequence[tuple[int, int]], seed: int = 0) -> Study:
    """Return a study of which nothing is drawn yet.

    With at most `EXACT_IMAGES` images all 2^I swaps are tried here and p is exact.

    Raises:
        ValueError: the measures speak of different numbers of images, or of none.
    """
    images = {measure.images for measure in measures}
    if len(images) != 1 or 0 in images:
        raise ValueError(f"measures speak of {sorted(images)} images, expected one number above 0")
    (count,) = images
    observed = np.stack([m.scores(np.ones((1, count), np.int64))[0] for m in measures])
    study = Study(
        measures=tuple(measures),
        pairs=tuple(pairs),
        seed=seed,
        observed=observed,
        resampled=np.empty((len(measures), 0, observed.shape[1])),
        extremes=np.zeros((len(pairs), observed.shape[1]), np.int64),
        swaps=0,
        exact=count <= EXACT_IMAGES,
    )
    if not study.exact or not pairs:
        return study
    every = np.arange(2**count)[:, np.newaxis] >> np.arange(count) & 1
    extremes = [
        _extremes(study, pair, _joined(study, pair), every) for pair in range(len(study.pairs))
    ]
    return replace(study, extremes=np.stack(extremes), swaps=len(every))


def extended(study: Study, resamples: int, threads: int | None = None) -> Study:
    """Return the study with at least so many resamples and swaps, whole blocks of `BLOCK`.

    What is drawn depends on the seed alone: neither on the number of threads nor on the steps
    in which a study was extended.

    Args:
        study: to go on from.
        resamples: of the images, and swaps of each pair.
        threads: how many work; None for the processors of this machine.
    """
    blocks = range(study.resamples // BLOCK, -(-resamples // BLOCK))
    if not blocks:
        return study
    workers = threads or len(os.sched_getaffinity(0))
    if workers == 1:
        return _extended(study, blocks, map)
    with ThreadPoolExecutor(workers) as pool:
        return _extended(study, blocks, pool.map)


def drawn_places(seed: tuple[int, ...], block: int, images: int) -> NDArray[np.int32]:
    """Return (BLOCK, I) places of the images that each resample of a block draws."""
    generator = np.random.default_rng([*seed, _BOOTSTRAP, block])
    return generator.integers(0, images, (BLOCK, images), dtype=np.int32)


def drawn_weights(seed: tuple[int, ...], block: int, images: int) -> NDArray[np.int64]:
    """Return (BLOCK, I) how often each resample of a block draws each image."""
    cells = drawn_places(seed, block, images) + images * np.arange(BLOCK)[:, np.newaxis]
    return np.bincount(cells.ravel(), minlength=BLOCK * images).reshape(BLOCK, images)


def interval(resampled: Scores, observed: Scores) -> Scores:
    """Return (2, F) the bias-corrected percentile interval of level 95 %.

    The range of the central 95 % of the resampled scores, moved by as much as their median lies
    beside the observed score (Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
    chapter 14, with an acceleration of 0): means over rare classes resample to one side, because
    a class that is not drawn has no score. Resamples without a score are left out; where they
    are more than half, there is no interval.

    Args:
        resampled: (R, F) scores of the resamples.
        observed: (F,) scores of the images as they are.
    """
    low, high = np.full((2, len(observed)), np.nan)
    for figure, drawn in enumerate(resampled.T):
        there = drawn[~np.isnan(drawn)]
        if 2 * len(there) > len(drawn):
            levels = _corrected_levels(there, observed[figure])
            low[figure], high[figure] = np.quantile(there, levels)
    return np.stack([low, high])


def _corrected_levels(resampled: Scores, observed: float) -> list[float]:
    """Return the levels of the quantiles that bound the interval; ties count half."""
    below = np.sum(resampled < observed - _ROUNDING) + np.sum(resampled <= observed + _ROUNDING)
    share = np.clip(below / 2, 0.5, len(resampled) - 0.5) / len(resampled)
    bias, normal = _NORMAL.inv_cdf(float(share)), _NORMAL.inv_cdf(1 - LEVEL / 2)
    return [_NORMAL.cdf(2 * bias - normal), _NORMAL.cdf(2 * bias + normal)]


def _extended(study: Study, blocks: range, mapped: Callable[..., Iterable[Any]]) -> Study:
    """Return the study with more blocks; `mapped` is `map`, or that of a pool."""
    drawn = mapped(partial(_resampled, study), blocks)
    extended = replace(study, resampled=np.concatenate([study.resampled, *drawn], axis=1))
    if study.exact:
        return extended
    extremes = study.extremes.copy()
    for pair in range(len(study.pairs)):
        both = _joined(study, pair)
        extremes[pair] += sum(mapped(partial(_drawn_extremes, study, pair, both), blocks))
    return replace(extended, extremes=extremes, swaps=study.swaps + BLOCK * len(blocks))


def _resampled(study: Study, block: int) -> Scores:
    """Return (N, BLOCK, F) scores of one block of resamples."""
    weights = drawn_weights((study.seed,), block, study.measures[0].images)
    return np.stack([measure.scores(weights) for measure in study.measures])


def _drawn_extremes(study: Study, pair: int, both: Measure, block: int) -> NDArray[np.int64]:
    """Return `_extremes` of one block of swaps."""
    generator = np.random.default_rng([study.seed, _SWAPS, block])
    swapped = generator.integers(0, 2, (BLOCK, both.images // 2), dtype=np.int64)
    return _extremes(study, pair, both, swapped)


def _extremes(
    study: Study, pair: int, both: Measure, swapped: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return (F,) in how many of (R, I) swaps a pair differs as much as observed.

    A swap takes the answers of the images where it is 1 from the other run. Where it leaves a
    class without a score, it counts as large: that can only make p larger.
    """
    kept, taken = 1 - swapped, swapped
    first = both.scores(np.hstack([kept, taken]))
    second = both.scores(np.hstack([taken, kept]))
    smaller = np.abs(second - first) < np.abs(study.difference(pair)) - _ROUNDING
    extremes: NDArray[np.int64] = len(swapped) - smaller.sum(axis=0)
    return extremes


def _joined(study: Study, pair: int) -> Measure:
    first, second = study.pairs[pair]
    return study.measures[first].joined(study.measures[second])
