"""What a run says comes out of the store as it went in, or is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.errors import UsageError
from core.geometry import label_runs
from core.store import rows
from core.structures import Prediction
from tests.core.store.same import assert_same_array, assert_same_objects
from tests.factories import make_dataset, make_image, make_predictions, make_run
from tests.filling import put, put_run


@pytest.mark.parametrize(
    "parts",
    [
        {"masks": True},
        {"masks": False},
        {"objects": False, "label_maps": True},
        {"masks": True, "label_maps": True},
    ],
    ids=["masks", "boxes", "label maps", "all"],
)
def test_predictions_come_back_as_they_were(store, monkeypatch, parts):
    monkeypatch.setattr("core.store.run_rows.PREDICTIONS_PER_BLOCK", 2)
    dataset = make_dataset()
    put(store, dataset)
    predictions = make_predictions(dataset, **parts)
    has_masks = parts.get("masks", False)
    run_id = put_run(store, dataset, predictions, has_masks=has_masks)
    with store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        maps = dict(rows.prediction_map_blobs(cursor, run_id))
        seconds = dict(cursor.execute("SELECT image_id, seconds FROM prediction_image").fetchall())
        for each in predictions:
            key = keys[each.image.id]
            if each.objects is not None:
                assert_same_objects(rows.load_objects(cursor, run_id, key), each.objects)
            if each.label_map is not None:
                size = (each.image.height, each.image.width)
                assert_same_array(label_runs.decode(maps[key], *size), each.label_map)
            assert seconds[key] == each.seconds
    assert len(maps) == (len(predictions) if parts.get("label_maps") else 0)


def test_what_is_known_of_a_run_comes_back(stored):
    run = make_run(stored.dataset)
    with stored.store.read() as cursor:
        (found,) = cursor.execute(
            "SELECT name, system, split, weights, weights_sha256, device, settings, versions, "
            "status, expected_images, finished IS NOT NULL FROM run"
        ).fetchall()
    assert found[:6] == (run.name, "tiny", "val", "tiny.pt", "f" * 64, "cpu")
    assert json.loads(found[6]) == run.settings
    assert json.loads(found[7]) == run.versions
    assert found[8:] == ("done", 5, True)


def test_a_running_run_has_no_end(stored):
    def state():
        with stored.store.read() as cursor:
            return cursor.execute("SELECT status, finished IS NULL FROM run").fetchall()

    for status, endless in (("running", True), ("stopped", False)):
        with stored.store.write() as cursor:
            rows.set_run_status(cursor, stored.run_id, status)
        assert state() == [(status, endless)]


def test_the_name_of_a_run_is_taken_once(stored):
    with pytest.raises(UsageError, match="already has a run named 'tiny-net'"):
        put_run(stored.store, stored.dataset, [])


def test_a_run_on_an_unknown_split_is_refused(stored):
    with pytest.raises(UsageError, match="no split 'train'"):
        put_run(stored.store, replace(stored.dataset, split="train"), [], name="other")


def test_predictions_of_unknown_images_are_refused(stored):
    foreign = Prediction(make_image(99))
    with pytest.raises(UsageError, match=r"image 99 .* not in the run's split of 5 images"):
        put_run(stored.store, stored.dataset, [foreign], name="other")


def test_an_image_is_answered_once(stored):
    twice = [stored.predictions[0], *stored.predictions]
    with pytest.raises(UsageError, match="Two predictions are of image 2"):
        put_run(stored.store, stored.dataset, twice, name="other")
    with stored.store.write() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        with pytest.raises(UsageError, match="Two predictions are of image 13"):
            rows.insert_predictions(cursor, stored.run_id, keys, stored.predictions[-1:])


def test_predicted_objects_need_scores(stored):
    image = stored.dataset.images[0]
    objects = stored.dataset.annotations[image.id].objects
    with pytest.raises(ValueError, match="predicted on image 2 have no scores"):
        put_run(stored.store, stored.dataset, [Prediction(image, objects=objects)], name="other")


def test_rejects_of_a_run_are_recorded(stored):
    with stored.store.write() as cursor:
        left_out = [rows.Rejected("a.jpg", "broken", stage="decode", image_id=3)]
        rows.insert_rejected(cursor, stored.run_id, left_out)
        found = cursor.execute(
            "SELECT run_id, image.split, source_id, stage FROM rejected JOIN image USING (image_id)"
        ).fetchall()
    assert found == [(stored.run_id, "val", 3, "decode")]
