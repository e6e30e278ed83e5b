"""Gaps between splits: against SciPy, against plain recomputation, and by what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.metrics.significance import Amounts, Sums, begin_splits, image_means
from core.metrics.significance.study import BLOCK
from tests.core.metrics.significance.test_study import ratio, ratios


def of_means(*splits: np.ndarray, reference: int = -1, seed: int = 0, higher: bool = True):
    """Return a study of splits whose score is a mean over images."""
    measures = [image_means(np.reshape(each, (-1, 1))) for each in splits]
    place = reference % len(splits)
    return begin_splits(measures, place, higher_is_better=higher, seed=seed)


def test_gaps_are_how_much_better_than_on_the_reference():
    study = of_means(np.array([1.0, 0.5]), np.array([0.5, 0.0, 1.0]), np.array([0.25]))
    assert [study.gap(split)[0] for split in range(3)] == [0.5, 0.25, 0.0]
    lower = of_means(np.array([0.5]), np.array([0.75]), higher=False)
    assert lower.gap(0)[0] == 0.25


def test_interval_and_p_are_near_those_of_scipy():
    rng = np.random.default_rng(3)
    learnt, elsewhere = rng.normal(0.4, 1, 45), rng.normal(0, 1.5, 70)
    study = of_means(learnt, elsewhere).extended(10_000)

    def gap(one, other, axis=-1):
        return np.mean(one, axis) - np.mean(other, axis)

    expected = stats.bootstrap(
        (learnt, elsewhere), gap, method="BCa", n_resamples=10_000, rng=4
    ).confidence_interval
    near = 0.05 * (expected.high - expected.low)
    assert study.gap_interval(0)[:, 0] == pytest.approx(list(expected), abs=near)
    tested = stats.permutation_test((learnt, elsewhere), gap, n_resamples=10_000, rng=5)
    assert study.p(0)[0] == pytest.approx(tested.pvalue, abs=0.02)


def test_a_score_of_sums_is_made_anew_of_each_draw():
    rng = np.random.default_rng(8)
    tables = [ratios(rng, images) for images in (40, 90)]
    measures = [Sums(Amounts.of_table(table), ratio) for table in tables]
    study = begin_splits(measures, 1, higher_is_better=True, seed=5).extended(3000)
    plain = []
    for _ in range(3000):
        one, other = (
            ratio(table[rng.integers(0, len(table), len(table))].sum(axis=0)[np.newaxis])[0]
            for table in tables
        )
        plain.append(one - other)
    spread = np.ptp(np.quantile(plain, [0.025, 0.975], axis=0), axis=0)
    assert np.ptp(study.gap_interval(0), axis=0) == pytest.approx(spread, rel=0.15)
    both, wide = np.vstack(tables), np.zeros(3)
    for _ in range(3000):
        order = rng.permutation(len(both))
        one, other = (
            ratio(both[rows].sum(axis=0)[np.newaxis])[0] for rows in (order[:40], order[40:])
        )
        wide += np.abs(one - other) >= np.abs(study.gap(0))
    assert study.p(0) == pytest.approx(wide / 3000, abs=0.04)


def test_splits_of_as_many_images_are_drawn_independently():
    scores = np.random.default_rng(6).random(50)
    study = of_means(scores, scores, scores).extended(2000)
    one, other, reference = study.resampled[:, :, 0]
    assert abs(np.corrcoef(one, reference)[0, 1]) < 0.1
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1
    # variances of independent draws add up
    assert np.var(one - reference) == pytest.approx(2 * scores.var() / 50, rel=0.15)


def test_the_smallest_p_counts_what_was_observed():
    learnt, elsewhere = np.ones(30), np.zeros(30)
    assert of_means(learnt, elsewhere).extended(100).p(0)[0] == 1 / 101
    assert of_means(learnt, learnt).extended(100).p(0)[0] == 1


def test_without_a_draw_or_a_score_nothing_is_known():
    study = of_means(np.ones(3), np.zeros(4))
    assert np.isnan(study.p(0)).all()
    assert np.isnan(study.gap_interval(0)).all()
    silent = of_means(np.full(3, np.nan), np.zeros(4)).extended(50)
    assert np.isnan(silent.p(0)).all()
    assert np.isnan(silent.gap_interval(0)).all()


def test_draws_depend_on_the_seed_alone():
    splits = np.random.default_rng(7).random((2, 30))
    once = of_means(*splits).extended(4 * BLOCK, threads=1)
    steps = of_means(*splits).extended(1, threads=3).extended(4 * BLOCK, threads=2)
    assert np.array_equal(once.resampled, steps.resampled)
    assert np.array_equal(once.extremes, steps.extremes)
    other = of_means(*splits, seed=1).extended(4 * BLOCK)
    assert not np.array_equal(once.resampled, other.resampled)


def test_intervals_hold_the_true_gap_as_often_as_they_say():
    held, found, times = 0, 0, 250
    rng = np.random.default_rng(11)
    for seed in range(times):
        # skewed scores of two kinds of images, as IoUs are; the true means are .8 and .6
        learnt, elsewhere = rng.beta(8, 2, 40), rng.beta(3, 2, 70)
        low, high = of_means(learnt, elsewhere, seed=seed).extended(400, 1).gap_interval(0)[:, 0]
        held += low <= 0.2 <= high
        alike = of_means(rng.beta(3, 2, 40), rng.beta(3, 2, 70), seed=seed).extended(200, 1)
        found += alike.p(0)[0] < 0.05
    # binomial limits of three standard errors around 95 % and 5 %
    assert 0.90 <= held / times <= 0.99
    assert found / times <= 0.095
