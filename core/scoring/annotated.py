"""Annotated objects of a split, read once for all runs that are held against them."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from core.store import rows
from core.store.memory import remembered
from core.store.queries.ask import answer_bytes
from core.structures import ObjectTable


def annotated_objects(
    cursor: duckdb.DuckDBPyConnection,
    dataset: int,
    split: str,
    images: Sequence[int] | None = None,
) -> ObjectTable:
    """Return what `rows.truth_table` does; nobody may change it.

    Args:
        cursor: of `Store.read()`.
        dataset: dataset_id.
        split: its name.
        images: image_id of the images to take, or None for all.
    """

    def find() -> ObjectTable:
        return rows.truth_table(cursor, dataset, split, images)

    return remembered("annotated objects", (dataset, split, images), find, _table_bytes)


def _table_bytes(table: ObjectTable) -> int:
    return answer_bytes(table) + sum(map(len, table.masks or ()))
