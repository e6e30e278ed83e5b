"""What runs get right together, held against counting one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr

from core.metrics.agreement import best_of, correlations, only_one, pair_counts, picks
from core.metrics.matching import annotations_hit
from tests.core.metrics.test_label_errors import table

RIGHT = np.random.default_rng(5).random((4, 57)) < [[0.2], [0.5], [0.9], [0.0]]


def test_pairs_are_counted_as_one_by_one():
    counts = pair_counts(RIGHT)
    for row in range(4):
        for column in range(4):
            both = alone = neither = 0
            for first, second in zip(RIGHT[row], RIGHT[column], strict=True):
                both += first and second
                alone += first and not second
                neither += not first and not second
            assert counts.both[row, column] == both
            assert counts.alone[row, column] == alone
            assert counts.neither[row, column] == neither
    assert counts.both.dtype == counts.neither.dtype == np.int64


def test_nothing_to_count_counts_nothing():
    counts = pair_counts(np.zeros((2, 0), bool))
    assert counts.both.tolist() == counts.neither.tolist() == [[0, 0], [0, 0]]


def test_only_one_counts_what_no_other_gets_right():
    expected = [
        sum(
            bool(column[run]) and not any(column[other] for other in range(4) if other != run)
            for column in RIGHT.T
        )
        for run in range(4)
    ]
    assert only_one(RIGHT).tolist() == expected
    assert expected[2] > 0 == expected[3]


def test_correlation_is_that_of_scipy_where_both_have_a_score():
    rng = np.random.default_rng(6)
    scores = rng.random((3, 40))
    scores[1] += scores[0]
    scores[0, :7] = scores[1, 5:9] = np.nan
    scores[2] = 0.25
    correlation, images = correlations(scores)
    both = ~np.isnan(scores[0]) & ~np.isnan(scores[1])
    expected = pearsonr(scores[0][both], scores[1][both]).statistic
    assert correlation[0, 1] == correlation[1, 0] == pytest.approx(expected)
    assert images.tolist() == [[33, 31, 33], [31, 36, 36], [33, 36, 40]]
    assert np.isnan(correlation[2]).all()


def test_two_images_have_no_correlation():
    correlation, _ = correlations(np.array([[0.1, 0.2, np.nan], [0.5, 0.4, 0.3]]))
    assert np.isnan(correlation[0, 1])


def test_best_and_picks_tell_ties_apart():
    scores = np.array(
        [[0.5, 0.2, np.nan, np.nan, 0.0], [0.5, 0.3, 0.1, np.nan, 0.0], [0.4, 0.3, 0, np.nan, 0.0]]
    )
    assert best_of(scores).sum(axis=0).tolist() == [2, 2, 1, 0, 3]
    assert picks(scores, np.array([0.1, 0.2, 0.9])).tolist() == [1, 2, 1, 2, 2]
    assert picks(scores, np.array([np.nan, 0.2, 0.2])).tolist() == [1, 1, 1, 1, 1]


def test_a_hit_is_on_an_object_before_the_crowd_around_it():
    boxes = [[0, 0, 10, 10], [0, 0, 40, 40]]
    truth = table([1, 1], boxes, [0, 0], None, [False, True])
    predicted = table([1, 1], [[0, 0, 10, 8], [20, 20, 9, 9]], [0, 0], [0.9, 0.8])
    assert annotations_hit(truth, predicted, "box", 0).tolist() == [0, -1]
    assert annotations_hit(truth, predicted, "box", 6).tolist() == [0, -1]
    assert annotations_hit(truth, predicted, "box", 7).tolist() == [-1, -1]
