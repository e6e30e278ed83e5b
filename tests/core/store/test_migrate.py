"""Older stores are brought up to date with a copy kept; newer ones are refused."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from core.store import migrate
from core.store.connection import Store
from core.store.errors import FaultyStoreError


def fill(store: Store) -> None:
    with store.write() as cursor:
        cursor.execute("INSERT INTO dataset (name) VALUES ('kept')")


def datasets(path: Path) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as foreign:
        return foreign.execute("SELECT dataset_id, name FROM dataset").fetchall()


def test_migrations_are_recorded(store):
    fill(store)
    with store.read() as cursor:
        rows = cursor.execute("SELECT number, name FROM migration ORDER BY number").fetchall()
    assert rows == [(each.number, each.path.name) for each in migrate.migrations()]
    assert rows[0] == (1, "0001_initial.sql")


def test_an_older_store_is_migrated_by_the_next_write_and_a_copy_kept(store, add_migration):
    fill(store)
    before = store.version()
    old = migrate.newest()
    new = add_migration("ALTER TABLE dataset ADD COLUMN note VARCHAR DEFAULT 'none';")
    with pytest.raises(FaultyStoreError, match=f"schema version {old}.*reads version {new}.*check"):
        store.version()
    with store.write() as cursor:
        assert cursor.execute("SELECT name, note FROM dataset").fetchall() == [("kept", "none")]
    assert store.version() != before
    (copy,) = store.path.parent.glob("evaluation.schema*.duckdb")
    assert copy.name.startswith(f"evaluation.schema{old}.")
    assert datasets(copy) == datasets(store.path) == [(1, "kept")]


def test_the_copy_keeps_keys_and_goes_on_counting(store, add_migration):
    fill(store)
    add_migration("CREATE TABLE more (a INTEGER);")
    store.upgrade()
    (copy,) = store.path.parent.glob("evaluation.schema*.duckdb")
    with duckdb.connect(str(copy)) as foreign:
        added = foreign.execute("INSERT INTO dataset (name) VALUES ('b') RETURNING dataset_id")
        assert added.fetchall() == [(2,)]
        comment = "SELECT comment FROM duckdb_tables() WHERE table_name = 'dataset'"
        assert foreign.execute(comment).fetchall()[0][0].startswith("A data set")


def test_upgrading_a_store_of_today_changes_nothing(store):
    fill(store)
    before = store.version()
    store.upgrade()
    assert store.version() == before
    assert list(store.path.parent.glob("*schema*")) == []


def test_rows_of_the_write_ahead_log_are_in_the_copy(store, add_migration):
    fill(store)
    log = store.path.with_name("evaluation.duckdb.wal")
    with duckdb.connect(config={"checkpoint_threshold": "1TB"}) as foreign:
        foreign.execute("PRAGMA disable_checkpoint_on_shutdown")
        foreign.execute(f"ATTACH '{store.path}' AS store")
        foreign.execute("INSERT INTO store.dataset (name) VALUES ('in the log')")
    assert log.exists()
    add_migration("CREATE TABLE more (a INTEGER);")
    store.upgrade()
    (copy,) = store.path.parent.glob("evaluation.schema*.duckdb")
    assert datasets(copy) == datasets(store.path) == [(1, "kept"), (2, "in the log")]


def test_a_migration_that_fails_leaves_the_store_as_it_was(store, add_migration):
    fill(store)
    old = migrate.newest()
    add_migration("CREATE TABLE more (a INTEGER); SELECT no_such_column FROM dataset;")
    with pytest.raises(duckdb.Error, match="no_such_column"):
        store.upgrade()
    with duckdb.connect(str(store.path), read_only=True) as foreign:
        assert foreign.execute("SELECT max(number) FROM migration").fetchall() == [(old,)]
        assert ("more",) not in foreign.execute("SHOW TABLES").fetchall()


def test_a_newer_store_is_refused_to_read_and_to_write(missing, add_migration, monkeypatch):
    new = add_migration("CREATE TABLE more (a INTEGER);")
    fill(missing)
    kept = datasets(missing.path)
    with monkeypatch.context() as older_program:
        older_program.setattr(migrate, "newest", lambda: new - 1)
        for use in (missing.read, missing.write):
            with pytest.raises(FaultyStoreError, match=f"version {new}.*a newer Overlook"), use():
                pass
    assert datasets(missing.path) == kept


def test_numbers_without_gaps_are_required(add_migration):
    number = add_migration("SELECT 1;")
    (migrate.FOLDER / f"{number:04d}_made_up.sql").rename(
        migrate.FOLDER / f"{number + 1:04d}_made_up.sql"
    )
    with pytest.raises(ValueError, match="expected 1, 2, 3"):
        migrate.migrations()
