"""A copy holds what was committed at one moment, replaces nothing, and goes back in place."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from core.errors import UsageError, WorkFailedError
from core.jobs import only_one
from core.store import attachment, files, migrate
from core.store.backup import back_up, forget_older, restore
from core.store.check import check
from core.store.connection import Store
from core.store.errors import FaultyStoreError, StoreBusyError, StoreMissingError
from tests.core.store.names import add, names

ROOT = Path(__file__).resolve().parents[3]
# a process that cannot write a file further than so many bytes, as on a full disk
FULL_DISK = """
import resource, sys
from pathlib import Path
from core.__main__ import main
from core.commands.frame import guarded
from core.store.connection import Store
room, path = int(sys.argv[1]), sys.argv[2]
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
def job():
    with Store.at(Path(path)).write() as cursor:
        cursor.execute("INSERT INTO dataset (name) SELECT uuid() FROM range(100_000)")
sys.exit(main(["backup", "--store", path]) if sys.argv[3] == "backup" else
         guarded(job, debug=False))
"""


def contents(path: Path) -> dict[str, pa.Table]:
    with duckdb.connect(str(path), read_only=True) as foreign:
        tables = [name for (name,) in foreign.execute("SHOW TABLES").fetchall()]
        return {name: foreign.sql(f'FROM "{name}"').to_arrow_table() for name in tables}


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"lock", "backups"}


def test_a_copy_holds_every_row_in_its_order(stored, tmp_path):
    made = back_up(stored.store, tmp_path / "far" / "copy.duckdb")
    rows = contents(stored.store.path)
    assert contents(made.path) == rows
    assert made.rows == sum(map(len, rows.values())) > 50
    assert made.size == made.path.stat().st_size
    assert check(Store.at(made.path)) == []
    assert left_in(made.path.parent) >= {"copy.duckdb"}


def test_pages_read_while_a_copy_is_made_and_a_job_s_half_is_not_in_it(store, tmp_path):
    add(store, "a")
    with ThreadPoolExecutor(1) as pool:
        with store.read():
            pool.submit(back_up, store, tmp_path / "1.duckdb").result(timeout=30)
        with store.write() as cursor:
            cursor.execute("INSERT INTO dataset (name) VALUES ('b')")
            waiting = pool.submit(back_up, store, tmp_path / "2.duckdb")
            cursor.execute("INSERT INTO dataset (name) VALUES ('c')")
        waiting.result(timeout=30)
    assert [names(Store.at(tmp_path / f"{each}.duckdb")) for each in (1, 2)] == [
        ["a"],
        ["a", "b", "c"],
    ]


def test_a_copy_waits_for_the_job_that_writes(store, tmp_path):
    add(store, "a")
    with store.write(), ThreadPoolExecutor(1) as pool:
        failed = pool.submit(store.copy_to, tmp_path / "copy.duckdb", timeout=0.05).exception()
    assert isinstance(failed, StoreBusyError)
    assert not (tmp_path / "copy.duckdb").exists()


def test_rows_of_the_log_are_in_a_copy(store, tmp_path):
    add(store, "kept")
    with duckdb.connect(config={"checkpoint_threshold": "1TB"}) as foreign:
        foreign.execute("PRAGMA disable_checkpoint_on_shutdown")
        foreign.execute(f"ATTACH '{store.path}' AS store")
        foreign.execute("INSERT INTO store.dataset (name) VALUES ('in the log')")
    assert files.log_of(store.path).exists()
    back_up(store, tmp_path / "copy.duckdb")
    assert names(Store.at(tmp_path / "copy.duckdb")) == ["in the log", "kept"]


def test_a_copy_replaces_nothing(store, tmp_path):
    add(store, "a")
    (tmp_path / "mine.duckdb").write_text("precious")
    with pytest.raises(UsageError, match="exists already, and a backup replaces nothing"):
        back_up(store, tmp_path / "mine.duckdb")
    assert (tmp_path / "mine.duckdb").read_text() == "precious"


def test_what_came_there_during_the_copy_is_not_replaced_either(store, tmp_path, monkeypatch):
    add(store, "a")
    path = tmp_path / "far" / "copy.duckdb"
    copy_to = Store.copy_to

    def slow(*given):
        path.write_text("precious")
        return copy_to(*given)

    monkeypatch.setattr(Store, "copy_to", slow)
    with pytest.raises(UsageError, match="exists already"):
        back_up(store, path)
    assert path.read_text() == "precious"
    assert left_in(path.parent) == {"copy.duckdb"}


def test_a_folder_that_cannot_be_made_is_told(store, tmp_path):
    add(store, "a")
    (tmp_path / "file").touch()
    with pytest.raises(WorkFailedError, match="cannot be written"):
        back_up(store, tmp_path / "file" / "copy.duckdb")


def test_nothing_is_copied_where_there_is_no_store(missing, tmp_path):
    with pytest.raises(StoreMissingError):
        back_up(missing, tmp_path / "copy.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_with_other_rows_is_no_copy(store, tmp_path, monkeypatch):
    add(store, "a")
    count = attachment._rows_of_tables
    short = {"dataset": 0}
    monkeypatch.setattr(
        attachment,
        "_rows_of_tables",
        lambda cursor, database: count(cursor, database) | (short if "copy" in database else {}),
    )
    with pytest.raises(WorkFailedError, match="does not hold as many rows"):
        back_up(store, tmp_path / "far" / "copy.duckdb")
    assert left_in(tmp_path / "far") == set()


def test_the_newest_copies_are_kept_and_nothing_else_is_touched(store):
    add(store, "a")
    first = datetime(2026, 1, 31, 23, 59, 58).astimezone()
    paths = [files.backup_path(store.path, first + timedelta(seconds=each)) for each in range(4)]
    for path in paths:
        back_up(store, path)
    others = [paths[0].parent / name for name in ("evaluation.mine.duckdb", "x.20200101-000000.db")]
    for other in others:
        other.touch()
    assert files.backups(store.path) == paths
    assert forget_older(store.path, 2, paths[3]) == paths[:2]
    assert forget_older(store.path, 2, paths[3]) == []
    # a clock that went backwards does not cost the copy that was just made
    assert forget_older(store.path, 1, paths[2]) == [paths[3]]
    assert files.backups(store.path) == [paths[2]]
    assert all(other.exists() for other in others)


def test_a_killed_backup_is_cleared_away_and_another_at_work_is_named(store, tmp_path):
    add(store, "a")
    for name in ("copy.duckdb.copy", "copy.duckdb.copy.wal"):
        (tmp_path / name).write_text("half")
    with only_one(files.backup_folder(store.path)), pytest.raises(UsageError, match="already"):
        back_up(store, tmp_path / "copy.duckdb")
    back_up(store, tmp_path / "copy.duckdb")
    assert {path.name for path in tmp_path.iterdir()} == {"copy.duckdb", "results"}


def test_a_damaged_store_names_the_command_that_puts_its_newest_copy_back(store):
    add(store, "a")
    moment = datetime(2026, 1, 31).astimezone()
    for day in (0, 1):
        made = back_up(store, files.backup_path(store.path, moment + timedelta(days=day)))
    add(store, "after the copy")
    damaged = store.path.read_bytes()[:5000]
    store.path.write_bytes(damaged)
    files.log_of(store.path).write_bytes(b"its log")
    before = files.log_of(store.path)
    with pytest.raises(FaultyStoreError, match=f"core restore {made.path}`"):
        names(store)
    put, replaced = restore(store, made.path)
    assert put.path == store.path
    assert names(store) == ["a"]
    assert replaced.read_bytes() == damaged
    assert files.log_of(replaced).read_bytes() == b"its log"
    assert not before.exists()
    assert made.path.exists()
    add(store, "goes on")


def test_a_copy_is_put_where_no_store_is(store, tmp_path):
    add(store, "a")
    elsewhere = Store.at(tmp_path / "new" / "evaluation.duckdb")
    assert restore(elsewhere, store.path)[1] is None
    assert names(elsewhere) == ["a"]


OWN_FILES = {f"evaluation.duckdb{end}" for end in ("", ".gate", ".rw", ".wal")}
TOLD = {
    "cut short": "cannot be read as a store",
    "foreign": "not a store of Overlook",
    "missing": "is not a file",
    "itself": "is the store itself",
}


@pytest.mark.parametrize("fault", TOLD)
def test_what_is_no_copy_is_not_put_in_place(store, tmp_path, fault):
    with store.write() as cursor:
        cursor.execute(
            "INSERT INTO dataset (name) SELECT i || repeat('x', 200) FROM range(3000) t(i)"
        )
    copy = back_up(store, tmp_path / "copy.duckdb").path
    if fault == "cut short":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    elif fault == "foreign":
        copy.unlink()
        with duckdb.connect(str(copy)) as foreign:
            foreign.execute("CREATE TABLE mine AS SELECT 1 AS a")
    copy = {"missing": tmp_path / "none", "itself": store.path}.get(fault, copy)
    before, there = store.version(), left_in(store.path.parent)
    with pytest.raises(UsageError, match=TOLD[fault]):
        restore(store, copy)
    assert store.version() == before
    assert left_in(store.path.parent) == there


def test_an_older_store_is_copied_and_put_back_and_then_brought_up_to_date(store, add_migration):
    add(store, "a")
    add_migration("ALTER TABLE dataset ADD COLUMN note VARCHAR DEFAULT 'none';")
    made = back_up(store, files.backup_path(store.path, datetime.now().astimezone()))
    restore(store, made.path)
    with store.write() as cursor:
        assert cursor.execute("SELECT name, note FROM dataset").fetchall() == [("a", "none")]


def test_a_newer_store_is_neither_copied_nor_put_back(store, tmp_path, monkeypatch):
    add(store, "a")
    made = back_up(store, tmp_path / "copy.duckdb")
    monkeypatch.setattr(migrate, "newest", lambda: 1)
    for act in (
        lambda: back_up(store, tmp_path / "2.duckdb"),
        lambda: restore(store, made.path),
    ):
        with pytest.raises(FaultyStoreError, match="a newer Overlook wrote it"):
            act()
    assert not (tmp_path / "2.duckdb").exists()


@pytest.mark.parametrize(("work", "room"), [("backup", 300_000), ("job", 99), ("job", 2**20)])
def test_a_full_disk_is_told_and_nothing_is_lost(stored, work, room):
    before = contents(stored.store.path)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(room), str(stored.store.path), work],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "Make room" in done.stderr
    assert "\n" not in done.stderr.strip()
    assert contents(stored.store.path) == before
    assert left_in(stored.store.path.parent) <= OWN_FILES
    assert files.backups(stored.store.path) == []
