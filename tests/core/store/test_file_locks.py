"""Forks, and the trap that closing any descriptor of a file drops its locks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.store import connection
from core.store.connection import Store
from tests.core.store.names import add, names

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_reads_writes_and_keeps_no_lock_of_its_parent(store):
    script = f"""
import os, sys, warnings
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from core.store.connection import Store
store = Store.at(Path({str(store.path)!r}))
with store.write() as cursor:
    cursor.execute("INSERT INTO dataset (name) VALUES ('parent')")
ready, go = os.pipe(), os.pipe()
with store.read():
    child = os.fork()
    if child == 0:
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        with store.write(timeout=5) as cursor:
            cursor.execute("INSERT INTO dataset (name) VALUES ('child')")
        with Store.at(store.path).read(timeout=5) as cursor:
            os._exit(len(cursor.execute("SELECT name FROM dataset").fetchall()))
    os.read(ready[0], 1)
with store.write(timeout=5) as cursor:  # while the child, a copy of a reader, is alive
    cursor.execute("INSERT INTO dataset (name) VALUES ('parent again')")
os.write(go[1], b"x")
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
with store.read() as cursor:
    print(len(cursor.execute("SELECT name FROM dataset").fetchall()))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.stdout, done.returncode) == ("3\n3\n", 0), done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_may_end_like_any_program(store):
    script = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from core.store.connection import Store
store = Store.at(Path({str(store.path)!r}))
with store.write():
    pass
if (child := os.fork()) == 0:
    sys.exit(store.exists() - 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.stdout == "0\n", done.stderr


def test_no_code_of_ours_opens_the_file_of_the_store(store, monkeypatch):
    """Closing any descriptor of the file drops DuckDB's lock on it for the whole process."""
    opened = []

    def note(event, arguments):
        if event == "open":
            opened.append(str(arguments[0]))

    watching = threading.local()
    watching.on = True
    sys.addaudithook(lambda *event: note(*event) if getattr(watching, "on", False) else None)
    add(store, "a")
    assert names(store) == ["a"]
    assert store.version()
    with monkeypatch.context() as patch:
        next_version = connection.migrate.newest() + 1
        patch.setattr(connection.migrate, "newest", lambda: next_version)
        patch.setattr(connection.migrate, "apply", lambda cursor, applied: None)
        store.upgrade()
    watching.on = False
    assert any(path.endswith(".gate") for path in opened)
    assert [path for path in opened if path.endswith(".duckdb")] == []


def test_a_copy_of_the_file_beside_it_is_no_trap(store, tmp_path):
    add(store, "a")
    shutil.copy(store.path, tmp_path / "copy.duckdb")
    assert names(Store.at(tmp_path / "copy.duckdb")) == ["a"]
