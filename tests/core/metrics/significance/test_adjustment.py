"""Corrected p values against their definitions and SciPy; letters against what they mean."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from core.metrics.significance import CORRECTIONS, letters
from core.metrics.significance.adjustment import benjamini_hochberg, holm

P = [
    pytest.param([0.01, 0.04, 0.03, 0.005], id="distinct"),
    pytest.param([0.02, 0.02, 0.5, 0.02, 1.0], id="ties"),
    pytest.param([0.9, 0.8, 0.7], id="nothing found"),
    pytest.param([0.0301], id="one"),
    pytest.param([], id="none"),
]


def plain_holm(p: list[float]) -> list[float]:
    """Return for each the largest, over those no larger, of p times those not yet rejected."""
    order = sorted(range(len(p)), key=lambda index: p[index])
    adjusted = [0.0] * len(p)
    for place, index in enumerate(order):
        steps = [(len(p) - before) * p[order[before]] for before in range(place + 1)]
        adjusted[index] = min(1.0, max(steps))
    return adjusted


@pytest.mark.parametrize("p", P)
def test_holm_is_its_definition(p):
    assert holm(np.array(p)) == pytest.approx(np.array(plain_holm(p)))


@pytest.mark.parametrize("p", P[:-1])
def test_benjamini_hochberg_is_that_of_scipy(p):
    expected = false_discovery_control(p, method="bh")
    assert benjamini_hochberg(np.array(p)) == pytest.approx(expected)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_what_was_not_compared_neither_counts_nor_gets_a_value(name):
    adjusted = CORRECTIONS[name](np.array([np.nan, 0.01, np.nan, 0.02]))
    assert np.isnan(adjusted[[0, 2]]).all()
    assert adjusted[[1, 3]] == pytest.approx(CORRECTIONS[name](np.array([0.01, 0.02])))


def test_benjamini_hochberg_finds_what_holm_misses():
    p = np.array([0.01, 0.02, 0.03, 0.04])
    assert (benjamini_hochberg(p) <= 0.05).all()
    assert (holm(p) <= 0.05).sum() == 1


@pytest.mark.parametrize("seed", range(30))
def test_two_share_a_letter_exactly_if_they_cannot_be_told_apart(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 8))
    apart = np.triu(rng.random((count, count)) < rng.random(), 1)
    apart = apart | apart.T
    order = rng.permutation(count).tolist()
    words = letters(order, apart)
    for one, other in combinations(range(count), 2):
        assert bool(set(words[one]) & set(words[other])) == (not apart[one, other])
    assert all(words)
    members = {
        letter: {i for i, word in enumerate(words) if letter in word} for letter in "".join(words)
    }
    assert not any(one < other for one in members.values() for other in members.values())
    assert words[order[0]].startswith("a")


def test_letters_are_no_more_than_needed():
    assert letters([2, 0, 1], np.zeros((3, 3), bool)) == ["a", "a", "a"]
    assert letters([2, 0, 1], ~np.eye(3, dtype=bool)) == ["b", "c", "a"]
