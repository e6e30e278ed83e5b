"""An evaluation replaces the one before, and what is removed leaves nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from core.errors import UsageError
from core.store import rows
from tests.core.store.same import assert_same_dataset
from tests.factories import make_dataset, make_run
from tests.filling import FLAGS, put, put_run


def evaluation_blocks(stored, seed):
    rng = np.random.default_rng(seed)
    with stored.store.read() as cursor:
        table = rows.prediction_table(cursor, stored.run_id)
        keys = list(rows.image_ids(cursor, "shapes", "val").values())
    zeros = np.zeros(len(table), np.int32)
    matches = {
        "image_id": table.images,
        "geometry": ["box"] * len(table),
        "object_index": table.indices,
        "class": table.categories,
        "score": table.scores,
        "area": table.areas,
        "rank": zeros,
        "hits": rng.integers(0, 2**63, len(table), dtype=np.uint64) * np.uint64(2) + np.uint64(1),
        "ignored": zeros.astype(np.uint64),
        "matched": zeros - 1,
        "iou": rng.random(len(table)),
        "nearest": zeros - 1,
        "nearest_iou": rng.random(len(table)),
        "kind": ["hit"] * len(table),
    }
    counts = {
        "image_id": np.array(keys),
        "truth": np.zeros(len(keys), np.int64),
        "predicted": np.full(len(keys), -1),
        "pixels": rng.integers(1, 2**40, len(keys)),
    }
    return pa.table(counts), pa.table(matches)


def evaluate(stored, counts, matches, version="0.1.0"):
    with stored.store.write() as cursor:
        rows.replace_evaluation(
            cursor,
            stored.run_id,
            pixel_source="label maps",
            paint_threshold=None,
            threshold_origin=None,
            code_version=version,
            seconds=1.5,
            pixel_counts=counts,
            matches=matches,
        )


def test_an_evaluation_replaces_the_one_before(stored):
    counts, matches = evaluation_blocks(stored, 1)
    evaluate(stored, [counts], [matches])
    counts, matches = evaluation_blocks(stored, 2)
    for _ in range(2):
        evaluate(stored, [counts[:2], counts[2:]], [matches[:3], matches[3:]], version="0.2.0")
    with stored.store.read() as cursor:
        ours = cursor.sql("SELECT * EXCLUDE (run_id) FROM match").to_arrow_table()
        pixels = cursor.sql("SELECT * EXCLUDE (run_id) FROM pixel_count").to_arrow_table()
        header = cursor.execute("SELECT code_version, seconds, pixel_source FROM evaluation")
        assert header.fetchall() == [("0.2.0", 1.5, "label maps")]
    for name in matches.column_names:
        assert ours[name].to_pylist() == matches[name].to_pylist(), name
    for name in counts.column_names:
        assert pixels[name].to_pylist() == counts[name].to_pylist(), name


def test_columns_of_an_evaluation_are_checked_and_nothing_is_lost(stored):
    counts, matches = evaluation_blocks(stored, 1)
    evaluate(stored, [counts], [matches])
    before = stored.store.version()
    with pytest.raises(ValueError, match="match takes the columns"):
        evaluate(stored, [counts], [matches.drop_columns(["iou"])])
    assert stored.store.version() == before


def rows_left(store) -> dict[str, int]:
    with store.read() as cursor:
        tables = cursor.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'store'"
        ).fetchall()
        return {
            name: cursor.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0]
            for (name,) in tables
            if name not in ("migration", "store_state")
        }


def test_removing_a_run_leaves_the_others(stored):
    evaluate(stored, *([each] for each in evaluation_blocks(stored, 1)))
    before = rows_left(stored.store)
    other = put_run(stored.store, stored.dataset, stored.predictions, name="other")
    with stored.store.write() as cursor:
        rows.insert_rejected(cursor, other, [rows.Rejected("a", "b")])
        rows.remove_run(cursor, other)
    assert rows_left(stored.store) == before


def test_a_removed_name_is_free_again_at_once(stored):
    with stored.store.write() as cursor:
        rows.remove_run(cursor, stored.run_id)
        rows.insert_run(
            cursor, make_run(stored.dataset), **FLAGS, expected_images=0, status="running"
        )


def test_removing_the_last_split_leaves_nothing(stored):
    put(stored.store, make_dataset(split="train"), rejected=[rows.Rejected("a", "b")])
    with stored.store.write() as cursor:
        with pytest.raises(UsageError, match="still has runs: tiny-net"):
            rows.remove_dataset_split(cursor, "shapes", "val")
        rows.remove_run(cursor, stored.run_id)
        rows.remove_dataset_split(cursor, "shapes", "val")
    train = rows.load_dataset(stored.store, "shapes", "train")
    assert_same_dataset(train, make_dataset(split="train"))
    with stored.store.write() as cursor:
        rows.remove_dataset_split(cursor, "shapes", "train")
    assert not any(rows_left(stored.store).values())
