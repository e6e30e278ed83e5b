"""The version of the store tells each change, whoever made it."""

from __future__ import annotations

import duckdb

from core.store.connection import Store
from tests.core.store.names import add, names


def test_the_version_changes_with_each_commit_and_only_then(missing):
    seen = [missing.version()]
    for name in "abc":
        add(missing, name)
        assert missing.version() == missing.version()
        seen.append(missing.version())
    with missing.write():
        pass
    seen.append(missing.version())
    assert len(set(seen)) == len(seen)


def test_a_replaced_file_is_seen_at_once(store, tmp_path):
    other = Store.at(tmp_path / "other.duckdb")
    add(store, "old")
    add(other, "new")
    before = store.version()
    assert names(store) == ["old"]
    other.path.replace(store.path)
    assert names(store) == ["new"]
    assert store.version() != before


def test_a_change_by_a_foreign_program_changes_the_version(store):
    add(store, "a")
    before = store.version()
    with duckdb.connect(str(store.path)) as foreign:
        foreign.execute("INSERT INTO dataset (name) VALUES ('b')")
    assert store.version() != before
