"""The tables of the store as docs/data-flow.md shows them; as a module it writes them there."""

from __future__ import annotations

import tempfile
from itertools import groupby
from pathlib import Path

from core.store.connection import Store
from tests.documents.reading import ROOT, text_of

DOCUMENT = "docs/data-flow.md"
START = "from the comments in `core/store/migrations`.\n"

TABLES = """
SELECT t.table_name, t.comment, c.column_name, c.data_type, c.comment
FROM duckdb_tables() t JOIN duckdb_columns() c USING (database_name, schema_name, table_name)
WHERE database_name = 'store'
ORDER BY t.table_name, c.column_index
"""


def described(folder: Path) -> str:
    """Return a table of Markdown for each table of a new store."""
    store = Store.at(folder / "evaluation.duckdb")
    with store.write() as cursor:
        rows = cursor.execute(TABLES).fetchall()
    return "".join(
        f"\n### {table}\n\n{comment}.\n\n| column | type | |\n|---|---|---|\n"
        + "".join(f"| `{name}` | {kind} | {about} |\n" for _, _, name, kind, about in columns)
        for (table, comment), columns in groupby(rows, key=lambda row: row[:2])
    )


def written(folder: Path) -> str:
    """Return the document with the tables as they are."""
    head, start, _ = text_of(DOCUMENT).partition(START)
    return f"{head}{start}{described(folder)}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        (ROOT / DOCUMENT).write_text(written(Path(name)), encoding="utf-8")
