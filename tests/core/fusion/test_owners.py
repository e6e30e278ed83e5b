"""Which object is on top: the one whose class is painted there."""

from __future__ import annotations

import numpy as np
import pytest

from core import fusion
from core.geometry import rle
from core.structures import Objects

SIZE = (7, 9)


def objects(count, *, scored):
    rng = np.random.default_rng(count)
    masks = [rle.encode(np.asfortranarray(rng.random(SIZE) < 0.4)) for _ in range(count)]
    return Objects(
        boxes=np.zeros((count, 4)),
        categories=np.arange(count, dtype=np.int32),
        areas=np.array([rle.area(mask) for mask in masks], np.float64),
        crowd=np.arange(count) % 3 == 1,
        scores=np.round(rng.random(count), 1) if scored else None,
        masks=tuple(masks),
    )


@pytest.mark.parametrize("count", [0, 1, 8])
def test_owners_are_painted_as_classes_are(count):
    # of objects that are each of its own class, the class tells the object
    annotated = objects(count, scored=False)
    expected = fusion.paint_annotation(annotated, *SIZE, max(count, 1), None)
    there = expected < count
    owners = fusion.paint_owners(annotated, *SIZE)
    np.testing.assert_array_equal(owners[there], expected[there])
    assert (owners[~there] == count).all()
    predicted = objects(count, scored=True)
    for threshold in (None, 0.4):
        expected = fusion.paint(predicted, *SIZE, max(count, 1), threshold=threshold)
        there = expected < count
        owners = fusion.paint_owners(predicted, *SIZE, threshold=threshold)
        np.testing.assert_array_equal(owners[there], expected[there])
        assert (owners[~there] == count).all()
