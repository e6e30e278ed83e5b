"""Trainings with their curves, and confidence, come out of the store as they went in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.errors import UsageError
from core.geometry import confidence
from core.store import parts, rows
from core.store.check import find_faults
from core.store.queries.confidence import prediction_confidence
from core.store.queries.trainings import training_curves, training_draws, trainings
from core.store.run_rows import prediction_columns
from core.store.training_rows import ClassDraws, TrainingRecord, replace_training

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RECORD = TrainingRecord(
    training_id="a",
    system="unet-torch",
    dataset="shapes",
    train_split="train",
    val_split="val",
    seed=2**40,
    settings={"lr": 0.1, "flip": False},
    versions={"torch": "2"},
    weights="a.safetensors",
    weights_sha256="1" * 64,
    goal="val_miou",
    best_epoch=2,
    planned_epochs=3,
    seconds=7.5,
    status="stopped",
    started=STARTED,
    finished=STARTED.replace(hour=4),
)
CURVES = [(1, {"loss": 1.5, "val_miou": 0.1}), (2, {"loss": 1 / 3, "val_miou": 0.2})]


@pytest.fixture
def trained(store):
    with store.write() as cursor:
        replace_training(cursor, RECORD, CURVES)
        other = replace(RECORD, training_id="b", weights_sha256="2" * 64, finished=STARTED)
        replace_training(cursor, other, CURVES[:1])
    return store


def points(store, *ids: str) -> list[tuple]:
    with store.read() as cursor:
        return list(training_curves(cursor, ids).itertuples(index=False, name=None))


def test_a_training_comes_back_as_it_was(trained):
    with trained.read() as cursor:
        found = trainings(cursor)
        assert find_faults(cursor) == []
    assert found["training_id"].tolist() == ["a", "b"]  # newest first
    row = found.iloc[0].to_dict()
    assert json.loads(row.pop("settings")) == RECORD.settings
    assert json.loads(row.pop("versions")) == RECORD.versions
    for name in ("started", "finished"):
        assert row.pop(name).to_pydatetime() == getattr(RECORD, name)
    assert row == {name: getattr(RECORD, name) for name in row}


def test_curves_come_back_in_order(trained):
    assert points(trained, "a") == [
        ("a", 1, "loss", 1.5),
        ("a", 2, "loss", 1 / 3),
        ("a", 1, "val_miou", 0.1),
        ("a", 2, "val_miou", 0.2),
    ]
    assert {row[0] for row in points(trained, "a", "b")} == {"a", "b"}
    assert points(trained) == []


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ("1" * 64, ["a"]),
        ("2" * 64, ["b"]),
        (f"{'1' * 64} + {'2' * 64}", ["a", "b"]),
        ("1" * 63, []),
        ("", []),
    ],
    ids=["one", "the other", "two stages", "a part of it", "no weights"],
)
def test_a_run_finds_the_trainings_of_its_weights(trained, weights, found):
    with trained.read() as cursor:
        assert trainings(cursor, weights)["training_id"].tolist() == found


def test_a_training_that_went_on_replaces_what_was_stored_of_it(trained):
    longer = replace(RECORD, status="done", best_epoch=3)
    with trained.write() as cursor:
        replace_training(cursor, longer, [*CURVES, (3, {"loss": 0.2, "val_miou": 0.3})])
    with trained.read() as cursor:
        assert trainings(cursor)["status"].tolist() == ["done", "stopped"]
    assert len(points(trained, "a")) == 6
    assert len(points(trained, "b")) == 2


DRAWS = [ClassDraws(0, "7", 9, 4.5), ClassDraws(1, "background", 9, 9.0)]


def drawn(store, split: str) -> list[tuple]:
    with store.read() as cursor:
        found = training_draws(cursor, "shapes", split)
    return list(
        found[["training_id", "name", "images", "drawn"]].itertuples(index=False, name=None)
    )


def test_draws_come_back_with_their_training_newest_first(trained):
    other = replace(RECORD, training_id="b", finished=STARTED)
    with trained.write() as cursor:
        replace_training(cursor, other, CURVES, DRAWS[:1])
        replace_training(cursor, RECORD, CURVES, DRAWS)
        replace_training(cursor, RECORD, CURVES, DRAWS)
    assert drawn(trained, "train") == [
        ("a", "7", 9, 4.5),
        ("a", "background", 9, 9.0),
        ("b", "7", 9, 4.5),
    ]
    assert drawn(trained, "val") == []
    with trained.read() as cursor:
        assert find_faults(cursor) == []


def certain(predictions):
    """Give every label map a confidence but the last one's."""
    generator = np.random.default_rng(3)
    with_maps = [each for each in predictions if each.label_map is not None]
    return [
        replace(each, confidence=confidence.quantise(generator.random(each.label_map.shape)))
        for each in with_maps[:-1]
    ] + [with_maps[-1]]


@pytest.mark.parametrize("way", ["part", "insert"])
def test_confidence_comes_back_as_it_was(stored, tmp_path, way):
    predictions = certain(stored.predictions)
    with stored.store.write() as cursor:
        for table in (
            "prediction_map",
            "prediction_label",
            "prediction_object",
            "prediction_image",
        ):
            cursor.execute(f"DELETE FROM {table}")
        keys = rows.image_ids(cursor, stored.dataset_id, stored.dataset.split)
        if way == "insert":
            rows.insert_predictions(cursor, stored.run_id, keys, predictions)
    if way == "part":
        path = parts.part_path(tmp_path)
        parts.write_part(path, predictions)
        parts.commit_part(stored.store, stored.run_id, path)
    with stored.store.read() as cursor:
        found = prediction_confidence(cursor, [stored.run_id], list(keys.values()))
        assert prediction_confidence(cursor, [99], list(keys.values())).empty
    assert found["image_id"].tolist() == [keys[each.image.id] for each in predictions[:-1]]
    for row, each in zip(found.itertuples(), predictions, strict=False):
        there = confidence.decode(bytes(row.confidence), row.height, row.width)
        np.testing.assert_array_equal(there, each.confidence)


def test_confidence_of_another_size_is_refused(stored):
    prediction = certain(stored.predictions)[0]
    wrong = replace(prediction, confidence=prediction.confidence[:-1])
    with pytest.raises(UsageError, match=r"confidence of image .* has the shape"):
        prediction_columns({1: wrong})


def test_damaged_confidence_is_a_fault(stored):
    with stored.store.write() as cursor:
        cursor.execute("UPDATE prediction_map SET confidence = 'OVLC' WHERE image_id = 1")
    with stored.store.read() as cursor:
        faults = find_faults(cursor)
    assert [fault for fault in faults if fault.startswith("The confidence of image_id 1 in run_id")]
