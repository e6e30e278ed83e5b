"""Many processes at one store: kills, foreign programs, and jobs that wait for each other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.store.connection import Store
from core.store.errors import StoreBusyError
from tests.stress.trial import LEAST_PARTS, Plan, Trial
from tests.stress.workers import IMAGES_PER_PART, LEAST_READS, OBJECTS_PER_IMAGE

ROOT = Path(__file__).resolve().parents[3]
# `python -m tests.stress` is the same with more of all
PLAN = Plan(writers=2, readers=3, kills=4, seconds=0, images=3000)


def test_writers_are_killed_while_readers_read_and_each_part_is_there_once(tmp_path):
    outcome = Trial(tmp_path, PLAN).run()
    assert outcome.faults == ()
    assert outcome.commits >= LEAST_PARTS * PLAN.kills
    assert outcome.rows >= outcome.commits * IMAGES_PER_PART * OBJECTS_PER_IMAGE
    assert len(outcome.read_ms) >= LEAST_READS * PLAN.readers


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
