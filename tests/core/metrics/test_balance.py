"""How evenly classes occur."""

from __future__ import annotations

import math

import pytest
from scipy.stats import entropy

from core.metrics.balance import class_balance


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
