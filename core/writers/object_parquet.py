"""Predicted objects as a table of typed columns: the rows of `object_csv` in Parquet."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.writers.contents import RunContents, told_of
from core.writers.object_csv import COLUMNS, object_rows

ROWS_AT_ONCE = 50_000
_TYPES = {
    **dict.fromkeys(("image_id", "object", "class_id"), pa.int64()),
    **dict.fromkeys(("file", "class"), pa.string()),
}
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.float64())) for name in COLUMNS])


def write_parquet(contents: RunContents, target: Path) -> str:
    """Write a row an object; masks are left out, see coco-results.

    Args:
        contents: of a run that predicts objects.
        target: the file to write.
    """
    count = 0
    held: list[list[object]] = []
    with pq.ParquetWriter(target, SCHEMA) as file:
        for row in object_rows(contents):
            held.append(row)
            count += 1
            if len(held) == ROWS_AT_ONCE:
                file.write_table(_table(held))
                held = []
        file.write_table(_table(held))
    return told_of(count, contents)


def _table(rows: list[list[object]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    arrays = [pa.array(column, each.type) for column, each in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
