"""Shortfalls of subsets: against all subsets there are, and at their nominal rate."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from core.metrics.significance import image_means, shortfalls
from core.metrics.significance.subsets import ENOUGH_EXTREMES, LEAST_DRAWS


def noise(images: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((images, 1))


def test_p_is_the_share_of_all_subsets_of_the_size():
    values = noise(12, 1)
    inside = np.zeros((1, 12), bool)
    inside[0, np.argsort(values[:, 0])[[0, 3]]] = True
    found = shortfalls(image_means(values), inside, 1, seed=4)
    total, column = values.sum(), values[:, 0]
    every = [column[list(some)].sum() for some in combinations(range(12), 2)]
    short = [s / 2 - (total - s) / 10 for s in every]
    exact = np.mean(np.array(short) <= found.difference[0] + 1e-12)
    assert found.inside[0] == pytest.approx(column[inside[0]].mean())
    assert found.outside[0] == pytest.approx(column[~inside[0]].mean())
    # a p estimated until 20 draws are as extreme has a standard error of about p / sqrt(20)
    assert found.p[0] == pytest.approx(exact, rel=3 / np.sqrt(ENOUGH_EXTREMES))


def test_the_smallest_p_counts_the_subset_itself_among_the_draws():
    values = np.ones((40, 1))
    values[:12] = 0
    inside = np.zeros((1, 40), bool)
    inside[0, :12] = True
    found = shortfalls(image_means(values), inside, 1, seed=0)
    assert found.draws == LEAST_DRAWS
    assert found.p[0] == 1 / (LEAST_DRAWS + 1)
    # where lower is better nothing falls short here
    assert shortfalls(image_means(values), inside, -1, seed=0).p[0] > 0.9


def test_where_lower_is_better_large_values_fall_short():
    values, inside = np.zeros((40, 1)), np.zeros((1, 40), bool)
    values[0], inside[0, :12] = 9, True
    # as short fall all subsets that hold the one large value: 12 of 40
    p = shortfalls(image_means(values), inside, -1, seed=0).p[0]
    assert p == pytest.approx(12 / 40, rel=3 / np.sqrt(ENOUGH_EXTREMES))


def test_chance_finds_at_its_nominal_rate():
    p = []
    for seed in range(40):
        members = np.random.default_rng([7, seed]).random((10, 60)) < 0.3
        p += shortfalls(image_means(noise(60, seed)), members, 1, seed).p.tolist()
    # of 400, about 20 below .05; subsets of one data set share its images
    assert 8 <= np.sum(np.array(p) < 0.05) <= 34
    assert 0.44 < np.mean(p) < 0.56


def test_draws_depend_on_the_seed_alone():
    members = np.random.default_rng(3).random((6, 50)) < 0.4
    measure = image_means(noise(50, 2))
    first = shortfalls(measure, members, 1, seed=9)
    again = shortfalls(measure, members[::-1], 1, seed=9)
    assert first.p.tolist() == again.p[::-1].tolist()
    assert first.p.tolist() != shortfalls(measure, members, 1, seed=10).p.tolist()


def test_a_subset_without_a_score_has_no_p():
    values = noise(30, 5)
    values[:12] = np.nan
    members = np.zeros((2, 30), bool)
    members[0, :12], members[1, 5:20] = True, True
    found = shortfalls(image_means(values), members, 1, seed=0)
    assert np.isnan(found.p[0])
    assert 0 < found.p[1] <= 1
