"""What was measured of photographs, into the store."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from core.store import columns

Figures = tuple[float, float]


def put_properties(
    cursor: duckdb.DuckDBPyConnection, measured: Mapping[int, Figures | None]
) -> None:
    """Store what was measured of some images in place of what was known of them.

    Images that were removed meanwhile are left out.

    Args:
        cursor: a cursor of `Store.write`.
        measured: image_id to brightness and contrast, None where the photograph could not be read.
    """
    keys = [int(key) for key in measured]
    known = cursor.execute(
        "SELECT image_id FROM image WHERE image_id IN (SELECT unnest($images::INTEGER[]))",
        {"images": keys},
    ).fetchall()
    there = [key for (key,) in known]
    cursor.execute(
        "DELETE FROM image_property WHERE image_id IN (SELECT unnest($images::INTEGER[]))",
        {"images": there},
    )
    figures = [measured[key] or (None, None) for key in there]
    table = {
        "image_id": pa.array(there, pa.int64()),
        "brightness": pa.array([brightness for brightness, _ in figures], pa.float64()),
        "contrast": pa.array([contrast for _, contrast in figures], pa.float64()),
    }
    columns.append(cursor, "image_property", pa.table(table))
