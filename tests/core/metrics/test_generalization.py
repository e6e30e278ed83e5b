"""What is lost on images that were not learnt from."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.generalization import (
    OVERFIT_GAP,
    OVERFIT_IMAGES,
    generalization_gap,
    overfits,
)


def test_a_gap_is_positive_where_the_system_does_worse_elsewhere():
    assert generalization_gap(0.75, 0.5) == 0.25
    assert generalization_gap(0.5, 0.75, higher_is_better=False) == 0.25
    assert generalization_gap(np.array([0.5, 1.0]), np.array([1.0, 0.5])).tolist() == [-0.5, 0.5]


@pytest.mark.parametrize(
    ("gap", "sure", "learnt", "elsewhere", "expected"),
    [
        (OVERFIT_GAP, True, OVERFIT_IMAGES, OVERFIT_IMAGES, True),
        (OVERFIT_GAP - 1e-9, True, 99, 99, False),
        (0.9, False, 99, 99, False),
        (0.9, True, OVERFIT_IMAGES - 1, 99, False),
        (0.9, True, 99, OVERFIT_IMAGES - 1, False),
        (-0.9, True, 99, 99, False),
        (np.nan, True, 99, 99, False),
    ],
    ids=["at both limits", "narrow", "chance", "few learnt", "few elsewhere", "better", "no score"],
)
def test_what_overfits(gap, sure, learnt, elsewhere, expected):
    assert overfits([gap], [sure], [learnt], [elsewhere]).tolist() == [expected]
