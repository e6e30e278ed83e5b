"""The schema explains itself, and lists of tables in the code are complete."""

from __future__ import annotations

from core.store.connection import Store
from core.store.removal import IMAGE_TABLES, RUN_TABLES


def tables_with(store: Store, column: str) -> set[str]:
    with store.write():
        pass
    with store.read() as cursor:
        rows = cursor.execute(
            "SELECT table_name FROM duckdb_columns() WHERE database_name = 'store' "
            "AND column_name = ?",
            [column],
        ).fetchall()
    return {name for (name,) in rows}


def test_every_table_and_column_has_a_comment(store):
    with store.write() as cursor:
        columns = cursor.execute(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE database_name = 'store' AND coalesce(comment, '') = ''"
        ).fetchall()
        tables = cursor.execute(
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = 'store' AND coalesce(comment, '') = ''"
        ).fetchall()
    assert columns == []
    assert tables == []


def test_removing_a_run_knows_every_table_of_runs(store):
    assert set(RUN_TABLES) == tables_with(store, "run_id")


def test_removing_a_split_knows_every_table_of_images(store):
    of_images = tables_with(store, "image_id") - tables_with(store, "run_id")
    assert {*IMAGE_TABLES, "image"} == of_images
