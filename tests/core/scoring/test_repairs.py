"""Repairs of a stored run are those of the same objects matched anew."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.repairs import Repair, repaired
from core.scoring.repairs import error_repairs
from tests.core.metrics.test_repairs import judged
from tests.core.scoring.conftest import some_of


def assert_same(ours, expected):
    assert np.array_equal(ours.before, expected.before, equal_nan=True)
    for repair in Repair:
        assert ours.errors[repair].tolist() == expected.errors[repair].tolist()
        assert np.array_equal(ours.after[repair], expected.after[repair], equal_nan=True)


@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_repairs_of_a_stored_run(erring, geometry):
    expected = repaired(judged(*erring.tables(), geometry), 4)
    with erring.store.read() as cursor:
        assert_same(error_repairs(cursor, erring.run, geometry), expected)
    kinds = [Repair.CLASSIFICATION, Repair.LOCALISATION, Repair.DUPLICATE, Repair.MISSED]
    assert all(expected.errors[kind].sum() for kind in kinds)
    assert expected.gain(Repair.CLASSIFICATION) > 0


def test_repairs_of_some_images(erring):
    places = [1, 2, 5, 8]
    expected = repaired(judged(*some_of(erring, places), "box"), 4)
    with erring.store.read() as cursor:
        ours = error_repairs(cursor, erring.run, "box", images=[place + 1 for place in places])
    assert_same(ours, expected)
