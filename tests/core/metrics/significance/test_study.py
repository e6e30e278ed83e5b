"""Intervals and p values: against SciPy, against enumeration, and by what they promise."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from core.metrics.detection import MatchRows
from core.metrics.significance import Amounts, Sums, begin, extended, image_means, object_measure
from core.metrics.significance.study import BLOCK, interval
from core.structures import ObjectTable


def of_means(first: np.ndarray, second: np.ndarray, seed: int = 0):
    """Return a study of two runs whose score is a mean over images."""
    measures = [image_means(scores[:, np.newaxis]) for scores in (first, second)]
    return begin(measures, [(0, 1)], seed)


def ratio(sums: np.ndarray) -> np.ndarray:
    """Shared pixels by pixels of either, summed over the images first; two classes and a mean."""
    classes = sums[:, :2] / sums[:, 2:]
    return np.hstack([classes.mean(axis=1, keepdims=True), classes])


def of_ratios(first: np.ndarray, second: np.ndarray, seed: int = 0):
    """Return a study of two runs whose score is a ratio of sums, tables (I, 4)."""
    tables = [Sums(Amounts.of_table(table), ratio) for table in (first, second)]
    return begin(tables, [(0, 1)], seed)


def ratios(rng: np.random.Generator, images: int) -> np.ndarray:
    """Return how many pixels are shared and in either, of two classes: a few images weigh most."""
    union = rng.pareto(1.5, (images, 2)).round(3) * 1000 + 10
    return np.hstack([union * rng.beta(4, 2, (images, 2)), union]).round()


@pytest.mark.parametrize("images", [1, 2, 5, 9])
def test_few_images_are_tested_by_every_swap(images):
    rng = np.random.default_rng(images)
    first, second = ratios(rng, images), ratios(rng, images)
    study = of_ratios(first, second)
    differences = []
    for swap in product([False, True], repeat=images):
        one, other = (
            np.where(np.array(swap)[:, None], *pair) for pair in ((second, first), (first, second))
        )
        differences.append((ratio(other.sum(0)[None]) - ratio(one.sum(0)[None]))[0])
    larger = np.abs(differences) >= np.abs(study.difference(0)) - 1e-12
    assert study.exact
    assert study.swaps == 2**images
    assert study.p(0) == pytest.approx(larger.mean(axis=0))


def test_exact_p_is_that_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.random((2, 10)).round(2)
    expected = stats.permutation_test(
        (first, second), lambda a, b: np.mean(b - a), permutation_type="samples"
    )
    assert of_means(first, second).p(0)[0] == expected.pvalue


def test_drawn_p_is_near_that_of_scipy_and_never_zero():
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 40))
    second += 0.05
    expected = stats.permutation_test(
        (first, second), lambda a, b: np.mean(b - a), permutation_type="samples",
        n_resamples=20_000, rng=2, vectorized=False,
    )  # fmt: skip
    study = extended(of_means(first, second), 5000)
    assert study.p(0)[0] == pytest.approx(expected.pvalue, abs=0.02)
    certain = extended(of_means(first, first + 1), 100)
    assert certain.p(0)[0] == pytest.approx(1 / 101)


def test_without_a_draw_nothing_is_known_of_many_images():
    study = of_means(*np.random.default_rng(0).random((2, 20)))
    assert np.isnan(study.p(0)).all()
    assert np.isnan(study.difference_interval(0)).all()


def test_interval_is_near_that_of_scipy():
    first, second = np.random.default_rng(3).normal(size=(2, 60))  # no skew: no acceleration
    study = extended(of_means(first, second), 10_000)
    expected = stats.bootstrap(
        (first, second), lambda a, b: np.mean(b - a), paired=True, vectorized=False,
        method="BCa", n_resamples=10_000, rng=4,
    ).confidence_interval  # fmt: skip
    near = 0.05 * (expected.high - expected.low)
    assert study.difference_interval(0)[:, 0] == pytest.approx(list(expected), abs=near)
    of_first = stats.bootstrap((first,), np.mean, method="BCa", rng=5).confidence_interval
    assert study.score_interval(0)[:, 0] == pytest.approx(list(of_first), abs=near)


@pytest.mark.parametrize("observed", [0.3, 0.5, 0.62, -1.0, 2.0])
def test_interval_is_its_definition(observed):
    resampled = np.random.default_rng(5).random(500)
    share = min(max(np.mean(resampled < observed), 0.001), 0.999)
    levels = stats.norm.cdf(2 * stats.norm.ppf(share) + stats.norm.ppf([0.025, 0.975]))
    found = interval(resampled[:, np.newaxis], np.array([observed]))
    assert found[:, 0] == pytest.approx(np.quantile(resampled, levels))


def test_runs_are_resampled_together():
    hard = np.random.default_rng(6).random(50)
    study = extended(of_means(hard, hard + 0.25), 200)
    assert study.difference_interval(0)[:, 0] == pytest.approx([0.25, 0.25])
    assert np.ptp(study.score_interval(0)[:, 0]) > 0.05


def test_draws_depend_on_the_seed_alone():
    rng = np.random.default_rng(7)
    tables = ratios(rng, 30), ratios(rng, 30)
    once = extended(of_ratios(*tables), 4 * BLOCK, threads=1)
    steps = extended(extended(of_ratios(*tables), 1, threads=3), 4 * BLOCK, threads=2)
    other = extended(of_ratios(*tables, seed=1), 4 * BLOCK)
    assert steps.resamples == once.resamples == 4 * BLOCK
    assert np.array_equal(once.resampled, steps.resampled)
    assert np.array_equal(once.p(0), steps.p(0))
    assert not np.array_equal(once.resampled, other.resampled)
    assert extended(once, 3 * BLOCK) is once


def test_blocks_differ():
    runs = [image_means(scores) for scores in np.random.default_rng(8).random((2, 20, 6))]
    first = extended(begin(runs, [(0, 1)]), BLOCK)
    both = extended(first, 2 * BLOCK)
    assert not np.array_equal(both.resampled[:, :BLOCK], both.resampled[:, BLOCK:])
    assert not np.array_equal(both.extremes, 2 * first.extremes)


def test_identical_runs_do_not_differ():
    scores = np.random.default_rng(9).random(30)
    study = extended(of_means(scores, scores), 100)
    assert study.p(0)[0] == 1
    assert study.difference_interval(0)[:, 0].tolist() == [0, 0]


def test_a_score_that_is_not_has_neither_interval_nor_p():
    none = np.full(20, np.nan)
    study = extended(of_means(none, none), 100)
    assert np.isnan(study.p(0)[0])
    assert np.isnan(study.difference_interval(0)).all()


def test_a_class_that_most_resamples_lack_has_no_interval():
    rare = np.full(40, np.nan)
    rare[0] = 0.5  # drawn into 1 - 1/e of the resamples
    assert not np.isnan(extended(of_means(rare, rare), 500).score_interval(0)).any()
    ends = [image_means(np.stack([rare], axis=1)), image_means(np.stack([rare[::-1]], axis=1))]
    both = extended(begin(ends, [(0, 1)]), 500)  # both ends: in four of ten
    assert np.isnan(both.difference_interval(0)).all()


def test_measures_must_speak_of_the_same_images():
    with pytest.raises(ValueError, match=r"\[3, 4\] images"):
        begin([image_means(np.ones((3, 1))), image_means(np.ones((4, 1)))], [(0, 1)])
    with pytest.raises(ValueError, match=r"\[0\] images"):
        begin([image_means(np.ones((0, 1)))], [])


def precisions(rng: np.random.Generator, images: int):
    """Return two runs of equal worth that are answers of the same kind to the same objects."""
    places = np.repeat(np.arange(images), 6)
    count = len(places)
    none, zeros = np.zeros((0, 4)), np.zeros(images)
    truth = ObjectTable(
        np.arange(images), zeros.astype(np.int32), zeros.astype(np.int32), none,
        np.full(images, 50.0), zeros.astype(bool), None, None, zeros.astype(np.int32),
    )  # fmt: skip
    for _ in range(2):
        first = np.arange(count) % 6 == 0  # at most one answer finds the object
        hits = np.where(first & (rng.random(count) < 0.7), 1023, 0).astype(np.uint64)
        scores = rng.random(count) + 0.3 * (hits > 0)
        rank = np.arange(count, dtype=np.int32) % 6
        rows = MatchRows(places, np.zeros(count, np.int32), scores, rank, hits, 0 * hits)
        yield object_measure("ap", rows, truth, images, 1)


KINDS = {
    "means": lambda rng, seed: of_means(*rng.random((2, 25)) ** 4, seed),
    "sums": lambda rng, seed: of_ratios(ratios(rng, 25), ratios(rng, 25), seed),
    "average precision": lambda rng, seed: begin(list(precisions(rng, 25)), [(0, 1)], seed),
}


@pytest.mark.parametrize("kind", KINDS)
def test_runs_of_equal_worth_are_told_apart_as_rarely_as_promised(kind):
    trials, resamples, level = 300, 99, 0.1
    p = [
        extended(KINDS[kind](np.random.default_rng([seed, 11]), seed), resamples, 1).p(0)[0]
        for seed in range(trials)
    ]
    low, high = stats.binom.ppf([0.001, 0.999], trials, level)
    assert low <= np.sum(np.array(p) <= level) <= high


def test_intervals_cover_the_true_difference_as_often_as_promised():
    trials, covered = 300, 0
    for seed in range(trials):
        rng = np.random.default_rng([seed, 12])
        hard = rng.random(80)
        study = of_means(hard + rng.normal(0, 0.2, 80), hard + rng.normal(0.1, 0.2, 80), seed)
        low, high = extended(study, 400, 1).difference_interval(0)[:, 0]
        covered += low <= 0.1 <= high
    # a percentile interval of 80 images is a little short: about 94 %
    low, high = stats.binom.ppf([0.001, 0.999], trials, [0.93, 0.95])
    assert low <= covered <= high
