"""How evenly classes occur."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import entropy

from core.metrics.balance import class_balance, expected_draws


def test_hand_counted_balance():
    balance = class_balance([100, 9, 10, 0, 1], limit=10)
    assert (balance.ratio, balance.few, balance.absent) == (100, 2, 1)


def test_evenness_agrees_with_scipy():
    counts = [402, 77, 76, 3, 1]
    assert class_balance(counts, 10).evenness == pytest.approx(entropy(counts) / math.log(5))


def test_equal_classes_are_even_and_a_lone_one_is_not():
    assert class_balance([7, 7, 7], 10).evenness == pytest.approx(1)
    assert str(class_balance([7, 0, 0], 10).evenness) == "0.0"


@pytest.mark.parametrize("counts", [[], [5], [0, 0]], ids=["no class", "one class", "nothing"])
def test_evenness_is_undefined(counts):
    assert math.isnan(class_balance(counts, 10).evenness)


def test_ratio_of_nothing_is_undefined():
    assert math.isnan(class_balance([0, 0], 10).ratio)


def test_draws_of_hand_counted_images():
    shown = np.array([[True, True, False], [True, False, False], [True, False, False]])
    images, drawn = expected_draws(shown, np.array([0.5, 0.25, 0.25]))
    assert images.tolist() == [3, 1, 0]
    assert drawn.tolist() == [3, 1.5, 0]


def test_draws_agree_with_fractions_and_without_weights_with_the_images():
    generator = np.random.default_rng(5)
    shown = generator.random((40, 6)) < 0.3
    parts = generator.integers(1, 50, 40).tolist()
    _, drawn = expected_draws(shown, np.array(parts) / sum(parts))
    for column, found in zip(shown.T.tolist(), drawn, strict=True):
        of_class = [part for part, there in zip(parts, column, strict=True) if there]
        assert found == pytest.approx(float(Fraction(40 * sum(of_class), sum(parts))))
    images, drawn = expected_draws(shown, np.full(40, 1 / 40))
    assert drawn == pytest.approx(images)
