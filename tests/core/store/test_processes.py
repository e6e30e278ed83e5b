"""Many processes at one store: kills, foreign programs, and jobs that wait for each other."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.store.check import check
from core.store.connection import Store
from core.store.errors import StoreBusyError
from tests.core.store.workers import OBJECTS_PER_IMAGE
from tests.factories import make_dataset
from tests.filling import put, put_run

ROOT = Path(__file__).resolve().parents[3]
KILLS = 4
WRITERS = (1, 2)
READERS = 3


def start(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.core.store.workers", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def finish(worker: subprocess.Popen, timeout: float = 30) -> None:
    _, told = worker.communicate(timeout=timeout)
    assert worker.returncode == 0, told


@pytest.fixture
def busy(store):
    """A store with many small images and one run for each writer."""
    dataset = make_dataset(image_ids=range(3000), masks=False, objects=False)
    put(store, dataset)
    for writer in WRITERS:
        put_run(store, dataset, [], f"run {writer}", status="running", has_masks=False)
    return store


def test_writers_are_killed_while_readers_read_and_each_part_is_there_once(busy, tmp_path):
    stop = tmp_path / "stop"
    spools = {writer: tmp_path / f"spool {writer}" for writer in WRITERS}
    reports = [tmp_path / f"reader {number}.json" for number in range(READERS)]
    for spool in spools.values():
        spool.mkdir()
    readers = [start("reader", busy.path, stop, report) for report in reports]
    writers = {writer: start("writer", busy.path, writer, spools[writer]) for writer in WRITERS}
    chance = random.Random(5)
    for victim in WRITERS * (KILLS // len(WRITERS)):
        wait_for_parts(spools[victim], len(acknowledged(spools[victim])) + 3)
        time.sleep(chance.uniform(0, 0.1))
        kill(writers[victim])
        writers[victim] = start("writer", busy.path, victim, spools[victim])
    stop.touch()
    for worker in readers:
        finish(worker)
    for writer in WRITERS:
        kill(writers[writer])
        finish(start("resume", busy.path, writer, spools[writer]))

    told = [json.loads(report.read_text()) for report in reports]
    assert [each["errors"] for each in told] == [[]] * READERS
    assert_every_part_is_there_once(busy, spools)


def acknowledged(spool: Path) -> list[str]:
    log = spool / "acknowledged"
    return log.read_text().split() if log.exists() else []


def wait_for_parts(spool: Path, count: int) -> None:
    ended = time.monotonic() + 30
    while len(acknowledged(spool)) < count:
        assert time.monotonic() < ended, "the writer does not come on"
        time.sleep(0.01)


def kill(worker: subprocess.Popen) -> None:
    worker.kill()
    worker.communicate()
    assert worker.returncode == -signal.SIGKILL


def assert_every_part_is_there_once(store: Store, spools: dict[int, Path]) -> None:
    assert check(store) == []
    with store.read() as cursor:
        ledger = {part for (part,) in cursor.execute("SELECT part_id FROM part").fetchall()}
        wrong = cursor.execute(
            "SELECT * FROM prediction_object JOIN image USING (image_id) "
            "WHERE x <> source_id OR prediction_object.area <> run_id"
        ).fetchall()
        answered = cursor.execute("SELECT count(*) FROM prediction_image").fetchall()
        objects = cursor.execute(
            "SELECT count(*), count(DISTINCT (run_id, image_id, object_index)) "
            "FROM prediction_object"
        ).fetchall()
    known = [part for spool in spools.values() for part in acknowledged(spool)]
    assert len(set(known)) == len(known) >= 3 * KILLS
    assert set(known) <= ledger
    assert wrong == []
    images = answered[0][0]
    assert objects == [(images * OBJECTS_PER_IMAGE, images * OBJECTS_PER_IMAGE)]
    for spool in spools.values():
        assert list(spool.glob("*.parquet")) == []


@pytest.mark.parametrize("use", ["read", "write"])
def test_a_foreign_program_that_holds_the_file_is_named(stored, use):
    hold = (
        "import duckdb, sys\n"
        f"held = duckdb.connect({str(stored.store.path)!r})\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as foreign:
        assert foreign.stdout.readline() == "held\n"
        with pytest.raises(StoreBusyError, match=f"process {foreign.pid}, a program that does"):
            getattr(stored.store, use)(timeout=0.1).__enter__()
        foreign.stdin.close()
    with getattr(stored.store, use)():
        pass


def test_a_foreign_program_is_waited_for(stored):
    hold = (
        "import duckdb, time\n"
        f"held = duckdb.connect({str(stored.store.path)!r})\n"
        "print('held', flush=True)\ntime.sleep(0.4)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True
    ) as foreign:
        assert foreign.stdout.readline() == "held\n"
        assert stored.store.version(timeout=10)


def test_another_job_that_writes_is_named(stored):
    hold = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom core.store.connection import Store\n"
        f"with Store.at(Path({str(stored.store.path)!r})).write():\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as job:
        assert job.stdout.readline() == "held\n"
        who = f"process {job.pid}," if Path("/proc/locks").exists() else "in use"
        with pytest.raises(StoreBusyError, match=who):
            stored.store.version(timeout=0.1)
        os.kill(job.pid, signal.SIGKILL)
    assert stored.store.version(timeout=5)


def test_the_first_write_of_two_processes_makes_one_store(tmp_path):
    path = tmp_path / "results" / "evaluation.duckdb"
    add = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom core.store.connection import Store\n"
        f"with Store.at(Path({str(path)!r})).write() as cursor:\n"
        "    cursor.execute('INSERT INTO dataset (name) VALUES (?)', [sys.argv[1]])\n"
    )
    jobs = [subprocess.Popen([sys.executable, "-c", add, name]) for name in ("a", "b", "c")]
    assert [job.wait(timeout=30) for job in jobs] == [0, 0, 0]
    with Store.at(path).read() as cursor:
        names = cursor.execute("SELECT name FROM dataset ORDER BY name").fetchall()
    assert names == [("a",), ("b",), ("c",)]


def test_a_first_write_that_is_killed_leaves_no_store(tmp_path):
    path = tmp_path / "evaluation.duckdb"
    die = (
        f"import os, signal, sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom core.store import migrate\n"
        "from core.store.connection import Store\n"
        "migrate.apply = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"Store.at(Path({str(path)!r})).write().__enter__()\n"
    )
    assert subprocess.run([sys.executable, "-c", die], check=False).returncode == -signal.SIGKILL
    store = Store.at(path)
    assert not store.exists()
    with store.write():
        pass
    assert store.version()
