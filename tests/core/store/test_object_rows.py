"""Objects and label maps of many images come out of the store in order."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from core.errors import UsageError
from core.geometry import label_runs
from core.store import columns, object_rows, rows
from core.structures import Objects
from tests.core.store.same import assert_same_array
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run


def expected_table(parts: list[Objects]) -> dict[str, np.ndarray]:
    return {
        "indices": np.concatenate([np.arange(len(each), dtype=np.int32) for each in parts]),
        "categories": np.concatenate([each.categories for each in parts]),
        "boxes": np.concatenate([each.boxes for each in parts]),
        "areas": np.concatenate([each.areas for each in parts]),
        "crowd": np.concatenate([each.crowd for each in parts]),
    }


def test_the_truth_is_a_table_in_order(stored):
    images = stored.dataset.images
    parts = [stored.dataset.annotations[image.id].objects for image in images]
    with stored.store.read() as cursor:
        keys = list(rows.image_ids(cursor, "shapes", "val").values())
        table = rows.truth_table(cursor, stored.dataset_id, "val")
    for name, wanted in expected_table(parts).items():
        assert_same_array(getattr(table, name), wanted)
    counts = [len(each) for each in parts]
    assert_same_array(table.images, np.repeat(np.array(keys), counts))
    heights = np.array([image.height for image in images], np.int32)
    assert_same_array(table.heights, np.repeat(heights, counts))
    assert table.scores is None
    assert table.masks == [mask.counts for each in parts for mask in each.masks]


def test_the_truth_of_a_split_is_its_own(stored):
    with stored.store.read() as cursor:
        alone = rows.truth_table(cursor, "shapes", "val")
    put(stored.store, make_dataset(split="train", masks=False, seed=4))
    put(stored.store, make_dataset(name="other", seed=5))
    with stored.store.read() as cursor:
        table = rows.truth_table(cursor, "shapes", "val")
        train = rows.truth_table(cursor, "shapes", "train")
    assert_same_array(table.boxes, alone.boxes)
    assert train.masks is None
    parts = [
        each.objects
        for each in make_dataset(split="train", seed=4, masks=False).annotations.values()
    ]
    assert_same_array(train.boxes, expected_table(parts)["boxes"])


def test_predictions_are_a_table_in_order_whatever_the_order_of_insertion(stored):
    backwards = stored.predictions[::-1]
    run_id = put_run(stored.store, stored.dataset, backwards, name="backwards")
    parts = [each.objects for each in stored.predictions]
    with stored.store.read() as cursor:
        table = rows.prediction_table(cursor, run_id)
    for name, wanted in expected_table(parts).items():
        assert_same_array(getattr(table, name), wanted)
    assert_same_array(table.scores, np.concatenate([each.scores for each in parts]))
    assert table.masks == [mask.counts for each in parts for mask in each.masks]


def test_tables_of_some_images(stored):
    with stored.store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        wanted = np.array([keys[13], keys[2]])
        for whole, some in (
            (
                rows.truth_table(cursor, "shapes", "val"),
                rows.truth_table(cursor, "shapes", "val", wanted),
            ),
            (
                rows.prediction_table(cursor, stored.run_id),
                rows.prediction_table(cursor, stored.run_id, wanted),
            ),
        ):
            assert_same_array(some.boxes, whole.boxes[np.isin(whole.images, wanted)])
        nothing = rows.prediction_table(cursor, stored.run_id, [])
    assert (len(nothing), nothing.boxes.shape, nothing.masks) == (0, (0, 4), [])


def test_without_masks_the_tables_say_so(store):
    dataset = make_dataset(masks=False)
    put(store, dataset)
    run_id = put_run(store, dataset, make_predictions(dataset, masks=False), has_masks=False)
    with store.read() as cursor:
        assert rows.truth_table(cursor, "shapes", "val").masks is None
        assert rows.prediction_table(cursor, run_id).masks is None


@pytest.mark.parametrize("at_once", [1, 12, 20_000])
@pytest.mark.parametrize("chosen", [None, (), (2,), (4, 0, 3)])
def test_tables_of_several_runs_are_those_of_each(stored, monkeypatch, at_once, chosen):
    monkeypatch.setattr(columns, "MOST_TOGETHER", at_once)
    put_run(stored.store, stored.dataset, make_predictions(stored.dataset, seed=8), name="other")
    unmasked = make_predictions(stored.dataset, masks=False, seed=9)
    put_run(stored.store, stored.dataset, unmasked[3:6], name="boxes", has_masks=False)
    put_run(stored.store, stored.dataset, [], name="empty")
    with stored.store.read() as cursor:
        places = rows.image_ids(cursor, "shapes", "val")
        images = None if chosen is None else [list(places.values())[place] for place in chosen]
        runs = [run for (run,) in cursor.execute("SELECT run_id FROM run").fetchall()][::-1]
        tables = rows.prediction_tables(cursor, runs, images)
        assert list(tables) == runs
        for run in runs:
            alone = rows.prediction_table(cursor, run, images)
            for field in fields(alone):
                ours, theirs = (getattr(each, field.name) for each in (tables[run], alone))
                if isinstance(theirs, np.ndarray):
                    assert_same_array(ours, theirs)
                else:
                    assert ours == theirs, field.name
        assert len(runs) == 4
        assert rows.prediction_tables(cursor, [], images) == {}


def test_unknown_keys_are_told(stored):
    with stored.store.read() as cursor:
        with pytest.raises(UsageError, match="no run with the key 77"):
            rows.prediction_table(cursor, 77)
        with pytest.raises(UsageError, match="no run with the key 77"):
            rows.prediction_tables(cursor, [stored.run_id, 77], [1])
        with pytest.raises(UsageError, match="no image with the key 77"):
            rows.load_objects(cursor, stored.run_id, 77)


def test_label_maps_come_in_blocks_and_ranges(stored, monkeypatch):
    monkeypatch.setattr(object_rows, "MAPS_PER_BLOCK", 2)
    with stored.store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        everything = dict(rows.annotation_map_blobs(cursor, "shapes", "val"))
        some = list(rows.annotation_map_blobs(cursor, "shapes", "val", keys[3], keys[8]))
        meanwhile = [
            (key, cursor.execute("SELECT 1").fetchall())
            for key, _ in rows.prediction_map_blobs(cursor, stored.run_id, first=keys[5])
        ]
    assert list(everything) == list(keys.values())
    for image_id, annotation in stored.dataset.annotations.items():
        assert everything[keys[image_id]] == label_runs.encode(annotation.label_map)
    assert some == [(keys[each], everything[keys[each]]) for each in (3, 5, 8)]
    assert [key for key, _ in meanwhile] == [keys[each] for each in (5, 8, 13)]
