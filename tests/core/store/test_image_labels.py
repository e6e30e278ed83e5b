"""Probabilities of image labels on their way into the store, and stores from before them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.store import migrate, parts, rows
from core.store.check import check
from core.store.connection import Store
from core.store.queries import catalogue
from tests.factories import make_dataset, make_predictions, make_run

FLAGS = {"has_boxes": True, "has_masks": True, "has_label_maps": False}
# numbers that a decimal text, a float32 or a percentage would not bring back
AWKWARD = (0.0, -0.0, 1.0, 0.1, 1 / 3, np.nextafter(1, 0), np.finfo(float).tiny, 5e-324)


@pytest.fixture
def awkward(store: Store):
    """A run to be filled, and predictions whose third image has no probabilities."""
    dataset = make_dataset(classes=[f"class {number}" for number in range(len(AWKWARD))])
    predictions = [
        replace(each, probabilities=np.roll(np.array(AWKWARD), place))
        for place, each in enumerate(make_predictions(dataset))
    ]
    predictions[2] = replace(predictions[2], probabilities=None)
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset)
        run_id = rows.insert_run(
            cursor, make_run(dataset), **FLAGS, expected_images=5, status="running"
        )
    return store, run_id, predictions


def stored(store: Store, run_id: int) -> dict[int, bytes]:
    """Return the bytes of the stored probabilities by the image's id in files."""
    with store.read() as cursor:
        found = cursor.execute(
            "SELECT source_id, probabilities FROM prediction_label JOIN image USING (image_id) "
            "WHERE run_id = ?",
            [run_id],
        ).fetchall()
    return {key: np.array(values, np.float64).tobytes() for key, values in found}


def expected(predictions) -> dict[int, bytes]:
    return {
        each.image.id: each.probabilities.tobytes()
        for each in predictions
        if each.probabilities is not None
    }


def test_probabilities_come_through_a_part_to_the_last_bit(awkward, tmp_path):
    store, run_id, predictions = awkward
    path = parts.part_path(tmp_path)
    parts.write_part(path, predictions[::-1])
    assert parts.commit_part(store, run_id, path)
    assert stored(store, run_id) == expected(predictions)


def test_probabilities_are_inserted_to_the_last_bit_and_removed_with_their_run(awkward):
    store, run_id, predictions = awkward
    with store.write() as cursor:
        rows.insert_predictions(cursor, run_id, rows.image_ids(cursor, 1, "val"), predictions)
    assert stored(store, run_id) == expected(predictions)
    with store.write() as cursor:
        rows.remove_run(cursor, run_id)
    assert stored(store, run_id) == {}


def test_a_part_from_before_image_labels_is_taken_in(awkward, tmp_path):
    store, run_id, predictions = awkward
    path = parts.part_path(tmp_path)
    parts.write_part(path, predictions)
    pq.write_table(pq.read_table(path).drop_columns(["probabilities"]), path)
    assert parts.commit_part(store, run_id, path)
    assert stored(store, run_id) == {}
    with store.read() as cursor:
        assert len(rows.prediction_table(cursor, run_id)) == sum(
            len(each.objects) for each in predictions
        )


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with a run, as a program before image labels wrote it."""
    folder = tmp_path / "migrations of before"
    folder.mkdir()
    for each in migrate.migrations()[:3]:
        shutil.copy(each.path, folder)
    store = Store.at(tmp_path / "older.duckdb")
    with monkeypatch.context() as before:
        before.setattr(migrate, "FOLDER", folder)
        with store.write() as cursor:
            cursor.execute(
                "INSERT INTO run BY NAME SELECT 'old' AS name, 'tiny' AS system, 1 AS dataset_id, "
                "'val' AS split, '{}' AS settings, '' AS weights, '' AS weights_sha256, "
                "'{}' AS versions, '' AS device, true AS has_boxes, true AS has_masks, "
                "false AS has_label_maps, 5 AS expected_images, 'stopped' AS status"
            )
    return store


def test_runs_from_before_have_no_image_labels_and_the_store_takes_new_ones(older):
    older.upgrade()
    dataset = make_dataset()
    with older.write() as cursor:
        rows.insert_dataset(cursor, dataset)
    predictions = make_predictions(dataset, labels=True)
    with older.write() as cursor:
        run_id = rows.insert_run(
            cursor,
            make_run(dataset, "new"),
            **FLAGS,
            has_labels=True,
            expected_images=5,
            status="done",
        )
        rows.insert_predictions(cursor, run_id, rows.image_ids(cursor, 1, "val"), predictions)
    with older.read() as cursor:
        runs = catalogue.runs(cursor).set_index("run")["has_labels"]
    assert runs.to_dict() == {"old": False, "new": True}
    assert stored(older, run_id) == expected(predictions)
    assert check(older) == []
