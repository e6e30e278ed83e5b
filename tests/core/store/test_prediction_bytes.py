"""A prediction comes back from its bytes as it was, to the last bit."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from core.geometry import rle
from core.store.prediction_bytes import from_bytes, to_bytes
from core.structures import ImageRecord, Objects, Prediction

IMAGE = ImageRecord(7, "a", "a.png", 12, 16)
GENERATOR = np.random.default_rng(3)


def some_objects(count: int, *, masks: bool) -> Objects:
    return Objects(
        boxes=GENERATOR.uniform(0, 9, (count, 4)),
        categories=GENERATOR.integers(0, 5, count).astype(np.int32),
        areas=GENERATOR.uniform(0, 99, count),
        crowd=np.zeros(count, bool),
        scores=np.nextafter(GENERATOR.uniform(0, 1, count), 1),
        masks=tuple(rle.encode(GENERATOR.random((12, 16)) > 0.6) for _ in range(count))
        if masks
        else None,
    )


PREDICTIONS = {
    "nothing": Prediction(IMAGE),
    "boxes": Prediction(IMAGE, 0.1, some_objects(5, masks=False)),
    "masks": Prediction(IMAGE, 1 / 3, some_objects(4, masks=True)),
    "no boxes found": Prediction(IMAGE, 0.1, some_objects(0, masks=False)),
    "no masks found": Prediction(IMAGE, 0.1, some_objects(0, masks=True)),
    "map": Prediction(
        IMAGE,
        label_map=GENERATOR.integers(0, 300, (12, 16)).astype(np.uint16),
        confidence=GENERATOR.integers(0, 255, (3, 4)).astype(np.uint8),
    ),
    "labels": Prediction(IMAGE, probabilities=GENERATOR.uniform(0, 1, 6)),
    "stages": Prediction(IMAGE, 0.3, stage_seconds={"sam": 0.2, "clip": 1 / 7}),
}


def same(one: object, other: object) -> bool:
    if isinstance(one, Objects):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(Objects))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and (one == other).all()
    return one == other


@pytest.mark.parametrize("name", PREDICTIONS)
def test_all_comes_back(name):
    prediction = PREDICTIONS[name]
    found = from_bytes(to_bytes(prediction), IMAGE)
    for each in fields(Prediction):
        assert same(getattr(prediction, each.name), getattr(found, each.name)), each.name


def test_the_comparison_sees_a_changed_bit():
    objects = PREDICTIONS["boxes"].objects
    assert not same(objects, replace(objects, scores=np.nextafter(objects.scores, 0)))
