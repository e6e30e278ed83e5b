"""Where the store is; reading and writing in one process: turns and transactions."""

from __future__ import annotations

import fcntl
import os
import pickle
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from core.errors import UsageError
from core.store import connection
from core.store.connection import Store, store_path
from core.store.errors import StoreBusyError, StoreMissingError
from core.store.locks import holders
from tests.core.store.names import add, names

ROOT = Path(__file__).resolve().parents[3]


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


def wait_until_it_queues(store: Store, writing: Future) -> None:
    """Return once a writer, who waits for readers, holds the gate."""
    gate = store.path.with_name("evaluation.duckdb.gate")
    while not writing.done():
        with gate.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return


def test_a_read_inside_a_read_shares_its_turn_while_a_writer_waits(store):
    add(store, "a")
    with ThreadPoolExecutor(1) as pool, store.read():
        writing = pool.submit(add, store, "b")
        wait_until_it_queues(store, writing)
        with store.read(timeout=1) as inner:
            assert inner.execute("SELECT count(*) FROM dataset").fetchall() == [(1,)]
    writing.result()
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


def test_who_comes_after_a_waiting_writer_waits_for_it(store):
    """Else readers who keep coming would starve the writer."""
    add(store, "a")
    with ThreadPoolExecutor(2) as pool:
        with store.read():
            writing = pool.submit(add, store, "b")
            wait_until_it_queues(store, writing)
            late = pool.submit(lambda: store.version(timeout=0.05)).exception()
        writing.result()
    assert isinstance(late, StoreBusyError)
    assert names(store) == ["a", "b"]


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
