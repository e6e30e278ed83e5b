"""Files that are no store are told, and left as they are."""

from __future__ import annotations

import sqlite3

import duckdb
import pytest

from core.store.errors import FaultyStoreError
from tests.core.store.names import add, names


def damaged_copies(sound: bytes) -> dict[str, bytes]:
    middle = bytearray(sound)
    for place in range(4096 * 3, len(middle), 501):
        middle[place] ^= 0xFF
    return {
        "empty": b"",
        "text": b"hello",
        "header only": sound[:5000],
        "cut short": sound[: len(sound) // 4],
        "flipped bytes": bytes(middle),
    }


@pytest.mark.parametrize("kind", ["empty", "text", "header only", "cut short", "flipped bytes"])
def test_a_damaged_file_is_told_in_one_paragraph(store, kind):
    with store.write() as cursor:
        cursor.execute(
            "INSERT INTO dataset (name) SELECT i || repeat('x', 200) FROM range(3000) t(i)"
        )
    store.path.write_bytes(damaged_copies(store.path.read_bytes())[kind])
    with pytest.raises(FaultyStoreError, match="cannot be read as a store") as told:
        names(store)
    assert str(store.path) in str(told.value)
    assert "\n" not in str(told.value)
    store.path.unlink()
    add(store, "the same process goes on")
    assert names(store) == ["the same process goes on"]


def test_a_damaged_file_is_not_written_over(missing):
    missing.path.parent.mkdir()
    missing.path.write_bytes(b"hello")
    with pytest.raises(FaultyStoreError), missing.write():
        pass
    assert missing.path.read_bytes() == b"hello"


def test_a_database_of_sqlite_is_refused(missing):
    missing.path.parent.mkdir()
    with sqlite3.connect(missing.path) as lite:
        lite.execute("CREATE TABLE dataset (name)")
    lite.close()
    with pytest.raises(FaultyStoreError, match="cannot be read as a store"):
        names(missing)


def test_a_foreign_duckdb_database_is_refused_and_left_alone(missing):
    missing.path.parent.mkdir()
    with duckdb.connect(str(missing.path)) as foreign:
        foreign.execute("CREATE TABLE mine AS SELECT 1 AS a")
    with pytest.raises(FaultyStoreError, match="not a store of Overlook"):
        names(missing)
    with pytest.raises(FaultyStoreError, match="not a store of Overlook"), missing.write():
        pass
    with duckdb.connect(str(missing.path)) as foreign:
        assert foreign.execute("SHOW TABLES").fetchall() == [("mine",)]
