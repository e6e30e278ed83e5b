"""Stored predictions come back as they were."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from core.geometry import confidence
from core.store.connection import Store
from core.store.rows import (
    image_ids,
    insert_dataset,
    insert_predictions,
    insert_run,
    load_predictions,
)
from tests.factories import make_dataset, make_predictions, make_run

PARTS = [
    {"objects": True, "masks": True, "label_maps": True},
    {"objects": True, "masks": False},
    {"objects": True, "masks": True},
    {"objects": False, "label_maps": True},
]


def stored(tmp_path, predictions, dataset, parts):
    store = Store.at(tmp_path / "evaluation.duckdb")
    with store.write() as cursor:
        insert_dataset(cursor, dataset)
        run_id = insert_run(
            cursor,
            make_run(dataset),
            has_boxes=parts["objects"],
            has_masks=parts.get("masks", False),
            has_label_maps=parts.get("label_maps", False),
            expected_images=len(dataset.images),
            status="done",
        )
        keys = image_ids(cursor, dataset.name, dataset.split)
        insert_predictions(cursor, run_id, keys, predictions)
    return store, run_id, keys


def same(one, other):
    if one is None or other is None:
        return one is other
    return one.dtype == other.dtype and np.array_equal(one, other)


@pytest.mark.parametrize("parts", PARTS)
def test_predictions_come_back_as_they_were(tmp_path, parts):
    dataset = make_dataset(label_maps=True)
    rng = np.random.default_rng(2)
    given = [
        replace(
            each,
            confidence=confidence.quantise(rng.random((each.image.height, each.image.width)))
            if each.label_map is not None and position % 2
            else None,
            probabilities=rng.random(3) if position % 2 else None,
        )
        for position, each in enumerate(make_predictions(dataset, **parts))
    ]
    store, run_id, keys = stored(tmp_path, given[1:], dataset, parts)
    wanted = {keys[image.id]: image for image in dataset.images[:4]}
    with store.read() as cursor:
        found = load_predictions(cursor, run_id, wanted)
    assert sorted(found) == [keys[each.image.id] for each in given[1:4]]
    for each in given[1:4]:
        back = found[keys[each.image.id]]
        assert (back.image, back.seconds) == (each.image, each.seconds)
        assert same(back.label_map, each.label_map)
        assert same(back.confidence, each.confidence)
        assert same(back.probabilities, each.probabilities)
        if each.objects is None:
            assert back.objects is None
            continue
        for name in ("boxes", "categories", "areas", "crowd", "scores"):
            assert same(getattr(back.objects, name), getattr(each.objects, name)), name
        assert back.objects.masks == each.objects.masks


def test_a_run_that_there_is_not_is_refused(tmp_path):
    dataset = make_dataset()
    store, _, keys = stored(tmp_path, [], dataset, PARTS[1])
    with store.read() as cursor, pytest.raises(UsageError, match="no run with the key 99"):
        load_predictions(cursor, 99, {keys[image.id]: image for image in dataset.images})
