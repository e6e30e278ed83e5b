"""Rows out of the store: a whole run, or a whole split."""

from __future__ import annotations

import duckdb

from core.errors import UsageError
from core.store.keys import split_key

EVALUATION_TABLES = (
    *("evaluation", "pixel_count", "boundary_count", "pixel_error_count", "segment_count"),
    "match",
)
RUN_TABLES = (
    *EVALUATION_TABLES,
    "rejected",
    "prediction_map",
    "prediction_label",
    "prediction_stage",
    "prediction_object",
    "prediction_image",
    "part",
    "run_attempt",
    "training",
    "run",
)
IMAGE_TABLES = (
    "image_tag",
    "image_property",
    "annotation_object",
    "annotation_map",
    "annotation_pixel",
)


def remove_run(cursor: duckdb.DuckDBPyConnection, run_id: int) -> None:
    """Remove a run and all that is stored of it."""
    for table in ("training_epoch", "training_class"):
        cursor.execute(
            f"DELETE FROM {table} "
            "WHERE training_id IN (SELECT training_id FROM training WHERE run_id = ?)",
            [run_id],
        )
    for table in RUN_TABLES:
        cursor.execute(f"DELETE FROM {table} WHERE run_id = ?", [run_id])


def remove_dataset_split(cursor: duckdb.DuckDBPyConnection, dataset: int | str, split: str) -> None:
    """Remove a split that has no runs, and its data set if this was the last split.

    Args:
        cursor: a cursor of `Store.write`.
        dataset: dataset_id or name.
        split: name of the split.

    Raises:
        UsageError: the store does not have it, or runs on it are still there.
    """
    key = split_key(cursor, dataset, split)
    runs = cursor.execute(
        "SELECT name FROM run WHERE dataset_id = ? AND split = ? ORDER BY name", key
    ).fetchall()
    if runs:
        names = ", ".join(name for (name,) in runs)
        raise UsageError(
            f"The split {split!r} still has runs: {names}. Remove them first with "
            "`python -m core remove`, then the split."
        )
    images = "(SELECT image_id FROM image WHERE dataset_id = ? AND split = ?)"
    for table in IMAGE_TABLES:
        cursor.execute(f"DELETE FROM {table} WHERE image_id IN {images}", key)
    for table in ("rejected", "image", "split"):
        cursor.execute(f"DELETE FROM {table} WHERE dataset_id = ? AND split = ?", key)
    if not cursor.execute("SELECT 1 FROM split WHERE dataset_id = ?", key[:1]).fetchall():
        for table in ("category", "dataset"):
            cursor.execute(f"DELETE FROM {table} WHERE dataset_id = ?", key[:1])
