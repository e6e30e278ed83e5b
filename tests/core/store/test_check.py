"""Every rule of a sound store is seen to be broken, and told."""

from __future__ import annotations

import contextlib
import shutil

import numpy as np
import pyarrow as pa
import pytest

from core.geometry import label_runs
from core.store import rows
from core.store.check import check, find_faults
from core.store.check_rules import RULES
from core.store.connection import Store
from core.store.errors import StoreMissingError
from core.structures import void_of
from tests.core.store.damages import DAMAGES

BANDS = {"class": 1, "truth": 3, "predicted": 5, "shared": 2}
SEGMENTS = {"class": 0, "tp": 1, "fp": 0, "fn": 2, "iou": 0.75}


@pytest.fixture(scope="module")
def evaluated_once(stored_once, tmp_path_factory):
    """The stored run with counts and matches as an evaluation makes them."""
    path = tmp_path_factory.mktemp("evaluated") / "evaluation.duckdb"
    shutil.copy(stored_once.store.path, path)
    stored = stored_once._replace(store=Store.at(path))
    with stored.store.write() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        table = rows.prediction_table(cursor, stored.run_id)
        counts = []
        for each in stored.predictions:
            truth = stored.dataset.annotations[each.image.id].label_map
            labelled = truth != void_of(truth)
            pairs, pixels = np.unique(
                np.stack([truth[labelled], each.label_map[labelled]]), axis=1, return_counts=True
            )
            for (true, predicted), number in zip(pairs.T.tolist(), pixels.tolist(), strict=True):
                counts.append((keys[each.image.id], true, predicted, number))
        zeros = np.zeros(len(table), np.int32)
        matches = {
            "image_id": table.images,
            "geometry": ["mask"] * len(table),
            "object_index": table.indices,
            "class": table.categories,
            "score": table.scores,
            "area": table.areas,
            **dict.fromkeys(("rank", "hits", "ignored"), zeros),
            **dict.fromkeys(("matched", "nearest"), zeros - 1),
            **dict.fromkeys(("iou", "nearest_iou"), np.zeros(len(table))),
            "kind": ["other"] * len(table),
        }
        names = ("image_id", "truth", "predicted", "pixels")
        rows.replace_evaluation(
            cursor,
            stored.run_id,
            pixel_source="label maps",
            paint_threshold=None,
            threshold_origin=None,
            code_version="0.1.0",
            seconds=0.1,
            pixel_counts=[pa.table(dict(zip(names, zip(*counts, strict=True), strict=True)))],
            matches=[pa.table(matches)],
            boundary_counts=[
                pa.Table.from_pylist([{"image_id": key} | BANDS for key in keys.values()])
            ],
            segment_counts=[
                pa.Table.from_pylist([{"image_id": key} | SEGMENTS for key in keys.values()])
            ],
            pixel_errors=[
                pa.Table.from_pylist(
                    [
                        {"image_id": key, "class": true, "kind": "extent", "added": 0}
                        | dict.fromkeys(("missed", "wrong"), number)
                        for key, true, predicted, number in counts
                        if true != predicted
                    ]
                )
            ],
        )
    return stored


@pytest.fixture
def damaged(evaluated_once):
    """Return a function that tells the faults after some statements, which are then undone."""

    def find(*statements, parameters=()):
        with contextlib.suppress(Undo), evaluated_once.store.write() as cursor:
            for statement in statements:
                cursor.execute(statement, parameters)
            faults = find_faults(cursor)
            raise Undo
        return faults

    return find


class Undo(Exception):  # noqa: N818 - no error
    """Ends a transaction without keeping it."""


def test_a_sound_store_has_no_faults(evaluated_once):
    assert check(evaluated_once.store) == []


def test_a_missing_store_cannot_be_checked(missing):
    with pytest.raises(StoreMissingError):
        check(missing)


def test_an_empty_store_is_sound(store):
    with store.write():
        pass
    assert check(store) == []


@pytest.mark.parametrize("violation", DAMAGES)
def test_damage_is_told(damaged, violation):
    told = [fault for fault in damaged(*DAMAGES[violation]) if violation in fault]
    assert len(told) == 1, violation
    assert "; the first: " in told[0]


def test_every_rule_is_seen_broken():
    told = {rule.violation: [each for each in DAMAGES if each in rule.violation] for rule in RULES}
    assert [violation for violation, by in told.items() if len(by) != 1] == []
    assert len(told) == len(RULES) == len(DAMAGES)


@pytest.mark.parametrize(
    ("status", "rejected", "sound"),
    [("done", 1, True), ("done_with_rejects", 0, False), ("stopped", 0, True)],
)
def test_a_done_run_may_lack_only_what_was_rejected(damaged, status, rejected, sound):
    faults = damaged(
        f"UPDATE run SET expected_images = 6, status = '{status}'",
        "INSERT INTO rejected BY NAME SELECT run_id, dataset_id, split, '' AS place, "
        f"'infer' AS stage, '' AS message FROM run, range({rejected})",
    )
    assert (faults == []) is sound


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("annotation_map", "The annotated label map of image_id 1"),
        ("prediction_map", "The predicted label map of image_id 1 in run_id 1"),
    ],
)
@pytest.mark.parametrize(
    ("blob", "told"),
    [
        (b"no label runs at all", "cannot be read: these bytes are not"),
        (label_runs.encode(np.zeros((2, 2), np.uint8)), "cannot be read: label runs hold 4 pixels"),
        (
            label_runs.encode(np.full((12, 17), 4, np.uint8)),
            "holds the class index 4, but the data",
        ),
    ],
    ids=["no runs", "another size", "no such class"],
)
def test_label_maps_that_are_wrong_are_told(damaged, table, place, blob, told):
    statement = f"UPDATE {table} SET label_map = ? WHERE image_id = 1"
    faults = damaged(statement, parameters=[blob])
    assert len([fault for fault in faults if fault.startswith(f"{place} {told}")]) == 1


def test_the_background_of_painted_maps_is_no_fault(damaged):
    painted = label_runs.encode(np.full((12, 17), 3, np.uint8))
    faults = damaged(
        "UPDATE prediction_map SET label_map = ? WHERE image_id = 1", parameters=[painted]
    )
    assert faults == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pixel_count SET pixels = pixels + 1 WHERE image_id = 3",
        "DELETE FROM pixel_count WHERE image_id = 3",
    ],
)
def test_counts_that_do_not_add_up_are_told(damaged, statement):
    (fault,) = damaged(statement)
    assert "another number of counted pixels than of labelled ones" in fault
    assert "image_id 3" in fault


def test_a_run_whose_pixels_cannot_be_counted_has_none(damaged):
    faults = damaged("UPDATE evaluation SET pixel_source = NULL", "DELETE FROM pixel_count")
    assert faults == []
