"""Annotated objects of a split, read once for all runs that are held against them."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.scoring.by_image import found_by_image
from core.store import rows
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

    return found_by_image("annotated objects", (dataset, split), images, find, _part, _table_bytes)


def _part(table: ObjectTable, images: NDArray[np.int64]) -> ObjectTable:
    return table.where(np.isin(table.images, images))


def _table_bytes(table: ObjectTable) -> int:
    return answer_bytes(table) + sum(map(len, table.masks or ()))
