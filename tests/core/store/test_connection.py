"""Reading and writing in one process: turns, transactions, freshness, and files that are wrong."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from core.errors import UsageError
from core.store import connection
from core.store.connection import Store, store_path
from core.store.errors import FaultyStoreError, StoreBusyError, StoreMissingError
from core.store.locks import holders

ROOT = Path(__file__).resolve().parents[3]


def add(store: Store, *names: str) -> None:
    with store.write() as cursor:
        for name in names:
            cursor.execute("INSERT INTO dataset (name) VALUES (?)", [name])


def names(store: Store) -> list[str]:
    with store.read() as cursor:
        rows = cursor.execute("SELECT name FROM dataset ORDER BY name").fetchall()
    return [name for (name,) in rows]


# Where the store is


def test_the_path_is_the_argument_then_the_environment_then_results(monkeypatch, tmp_path):
    monkeypatch.setenv("EVALUATION_STORE", str(tmp_path / "there.duckdb"))
    assert store_path(tmp_path / "here.duckdb") == tmp_path / "here.duckdb"
    assert store_path(None) == tmp_path / "there.duckdb"
    monkeypatch.delenv("EVALUATION_STORE")
    assert store_path(None) == ROOT / "results" / "evaluation.duckdb" == connection.DEFAULT_PATH


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(UsageError, match="is a folder, expected the store's file"):
        store_path(tmp_path)


def test_one_store_for_all_names_of_a_file(tmp_path):
    (tmp_path / "linked").symlink_to(tmp_path, target_is_directory=True)
    here = Store.at(tmp_path / "a.duckdb")
    assert Store.at(tmp_path / "linked" / "a.duckdb") is here
    assert Store.at(tmp_path / "b.duckdb") is not here
    assert pickle.loads(pickle.dumps(here)) is here


@pytest.mark.parametrize("name", ["it's; here.duckdb", 'say "a".duckdb', "größer.duckdb", "a b.db"])
def test_any_file_name_will_do(tmp_path, name):
    store = Store.at(tmp_path / name)
    add(store, "a")
    assert names(store) == ["a"]


# Reading and writing


def test_a_missing_store_says_what_to_do(missing):
    assert not missing.exists()
    assert missing.version() == ""
    with pytest.raises(StoreMissingError, match="python -m core import"), missing.read():
        pass
    with pytest.raises(StoreMissingError):
        missing.upgrade()
    assert not missing.path.parent.exists()


def test_what_was_written_is_read(store):
    add(store, "b", "a")
    assert store.exists()
    assert names(store) == ["a", "b"]


def test_only_the_store_and_its_lock_files_are_left(missing):
    add(missing, "a")
    assert names(missing) == ["a"]
    left = {path.name for path in missing.path.parent.iterdir()}
    assert left == {f"evaluation.duckdb{ending}" for ending in ("", ".gate", ".rw")}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_undoes_the_whole_transaction(store, error):
    add(store, "a")
    before = store.version()

    def fail():
        with store.write() as cursor:
            cursor.execute("INSERT INTO dataset (name) VALUES ('b')")
            raise error

    with pytest.raises(error):
        fail()
    assert names(store) == ["a"]
    assert store.version() == before


def test_a_failed_statement_undoes_the_whole_transaction(store):
    add(store, "a")
    with pytest.raises(duckdb.ConstraintException):
        add(store, "b", "a")
    assert names(store) == ["a"]


def test_a_failed_first_write_leaves_an_empty_store(missing):
    with pytest.raises(ValueError, match="too early"), missing.write():
        raise ValueError("too early")
    assert names(missing) == []


def test_a_read_cannot_write(store):
    add(store, "a")
    with pytest.raises(duckdb.Error, match="read-only"), store.read() as cursor:
        cursor.execute("INSERT INTO dataset (name) VALUES ('b')")
    assert names(store) == ["a"]


def test_no_python_variable_stands_in_for_a_table(store):
    add(store, "a")
    pandas = pytest.importorskip("pandas")
    no_such_table = pandas.DataFrame({"name": ["from Python"]})
    assert len(no_such_table) == 1
    with pytest.raises(duckdb.CatalogException), store.read() as cursor:
        cursor.execute("SELECT * FROM no_such_table")


def test_a_read_inside_a_read_shares_its_turn_while_a_writer_waits(store):
    add(store, "a")
    with store.read():
        writer = threading.Thread(target=add, args=(store, "b"))
        writer.start()
        time.sleep(0.1)  # the writer holds the gate by now
        with store.read(timeout=1) as inner:
            assert inner.execute("SELECT count(*) FROM dataset").fetchall() == [(1,)]
    writer.join()
    assert names(store) == ["a", "b"]


def test_a_read_inside_a_write_sees_what_was_committed(store):
    add(store, "a")
    with store.write() as cursor:
        cursor.execute("INSERT INTO dataset (name) VALUES ('b')")
        assert names(store) == ["a"]
    assert names(store) == ["a", "b"]


def test_a_write_inside_a_read_or_write_is_refused_at_once(store):
    add(store, "a")
    with store.read(), pytest.raises(RuntimeError, match="waits for itself"), store.write():
        pass
    with store.write(), pytest.raises(RuntimeError, match="waits for itself"), store.write():
        pass
    add(store, "b")


def test_a_writer_is_waited_for_and_named_in_vain(store):
    add(store, "a")
    with store.write(), ThreadPoolExecutor(1) as pool:
        failed = pool.submit(lambda: store.version(timeout=0.05)).exception()
    assert isinstance(failed, StoreBusyError)
    assert "another part of this process" in str(failed)


def test_readers_that_keep_coming_do_not_starve_a_writer(store):
    add(store, "a")
    stop = threading.Event()

    def keep_reading():
        while not stop.is_set():
            with store.read():
                time.sleep(0.02)

    with ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(keep_reading) for _ in range(4)]
        started = time.monotonic()
        for name in "bcd":
            add(store, name)
        waited = time.monotonic() - started
        stop.set()
    assert [each.result() for each in reading] == [None] * 4
    assert waited < 3
    assert names(store) == ["a", "b", "c", "d"]


def test_eight_threads_read_at_once_and_get_their_own_answers(store):
    add(store, *(f"name {number:03d}" for number in range(200)))

    def ask(number: int) -> bool:
        wanted = f"name {number % 200:03d}"
        with store.read() as cursor:
            rows = cursor.execute("SELECT name FROM dataset WHERE name = ?", [wanted]).fetchall()
        return rows == [(wanted,)]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(400)))


def test_lock_holders_are_told_by_process(store):
    add(store, "a")
    lock_file = store.path.with_name("evaluation.duckdb.rw")
    if not Path("/proc/locks").exists():
        pytest.skip("this kernel does not list locks")
    assert holders(lock_file) == set()
    with store.read():
        assert holders(lock_file) == {os.getpid()}


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(UsageError, match="the folder cannot be made"),
        Store.at(tmp_path / "file" / "a.duckdb").write(),
    ):
        pass


def test_lock_files_that_cannot_be_written_are_told(store):
    add(store, "a")
    gate = store.path.with_name("evaluation.duckdb.gate")
    gate.unlink()
    gate.mkdir()
    with pytest.raises(UsageError, match=r"take turns by locking evaluation\.duckdb\.gate"):
        store.version()


def test_a_signal_right_after_attaching_does_not_lock_the_process_out(store, monkeypatch):
    attach = store._attachment._attach

    def interrupted(*given, **named):
        attach(*given, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as signal:
        signal.setattr(store._attachment, "_attach", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.version()
    assert store.version(timeout=1)


# Freshness


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


# Files that are no store


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


# Forks, and the trap of file locks


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
