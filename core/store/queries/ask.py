"""Runs the text of one question; every text also runs as it is in the DuckDB shell."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from core.store.memory import remembered

if TYPE_CHECKING:
    import pandas as pd

SQL_FOLDER = Path(__file__).resolve().parents[1] / "sql"


@cache
def sql_text(name: str) -> str:
    """Return the text of the question `name`, from `core/store/sql/<name>.sql`."""
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def ask(cursor: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> pd.DataFrame:
    """Return the answer to the question `name`; values travel only as parameters.

    A parameter of `images` or `runs` is a list of keys, or None for all.
    """
    return answer(cursor, sql_text(name), parameters)


def answer(
    cursor: duckdb.DuckDBPyConnection, text: str, parameters: dict[str, object]
) -> pd.DataFrame:
    """Return the answer to a question by its text, from memory where it is `remembered`."""

    def find() -> pd.DataFrame:
        return cursor.execute(text, parameters or None).df()

    # a copy shares the columns until one of both is written to
    return remembered(text, parameters, find, frame_bytes).copy(deep=False)


def frame_bytes(frame: pd.DataFrame) -> int:
    """Return about how many bytes a table takes."""
    return 2_000 + int(frame.memory_usage(deep=False).sum())
