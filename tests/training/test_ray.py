"""A real Ray of two workers: stopped, gone on with, a worker killed, and the same rows as here."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.training import fake

IMAGES = 60
SLOW = ("--pause", 0.1, "--batch", 2)
ATTEMPTS = "SELECT ended IS NOT NULL, reason FROM run_attempt WHERE run_id = $run ORDER BY attempt"


@contextmanager
def at_work(bench, parts: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a job with two workers in a group of its own, and wait for a new part of it."""
    command = fake.command(
        *bench.arguments(*SLOW, "--engine", "ray", "--workers", 2, "--parts", parts)
    )
    before = set(parts.rglob("*.parquet"))
    job = subprocess.Popen(
        command,
        cwd=fake.ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        wait_for(lambda: set(parts.rglob("*.parquet")) - before or job.poll() is not None)
        yield job
    finally:
        with suppress(ProcessLookupError):
            os.killpg(job.pid, signal.SIGKILL)
        job.communicate()


def wait_for(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 240
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def listening(job: subprocess.Popen[str]) -> set[str]:
    """Return the addresses that the job and all of Ray's processes listen on."""
    found = set()
    for process in (psutil.Process(job.pid), *psutil.Process(job.pid).children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            found |= {
                each.laddr.ip
                for each in process.net_connections("inet")
                if each.status == psutil.CONN_LISTEN
            }
    return found


def statistics(family: list[psutil.Process]) -> set[str]:
    """Return what Ray's own processes are told about sending usage statistics.

    Those that change their title no longer show what they were told.
    """
    found = set()
    for process in family:
        with suppress(psutil.NoSuchProcess):
            found.add(process.environ().get("RAY_USAGE_STATS_ENABLED", ""))
    return found - {""}


def workers(job: subprocess.Popen[str]) -> list[psutil.Process]:
    found = psutil.Process(job.pid).children(recursive=True)
    return [each for each in found if each.name().startswith("ray::MapWorker")]


@pytest.mark.slow
def test_a_cluster_that_is_stopped_and_loses_a_worker_gives_the_rows_of_this_process(
    make_bench, tmp_path
) -> None:
    bench, parts = make_bench(IMAGES), tmp_path / "shared"
    parts.mkdir()
    with at_work(bench, parts) as job:
        assert listening(job) <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}
        family = psutil.Process(job.pid).children(recursive=True)
        assert statistics(family) == {"0"}
        os.killpg(job.pid, signal.SIGINT)  # as a terminal does: to all in the foreground
        said, errors = job.communicate(timeout=120)
        assert job.returncode == 130, errors
        wait_for(lambda: not [each for each in family if each.is_running()])
    stopped = len(bench.answers()[0])
    assert 0 < stopped < IMAGES
    assert f"Stopped by Ctrl-C: {stopped} of {IMAGES} images" in said
    assert bench.status() == "stopped"
    with at_work(bench, parts) as job:
        victim = workers(job)[0]
        victim.send_signal(signal.SIGKILL)
        left = len(bench.answers()[0])
        said, errors = job.communicate(timeout=240)
        assert job.returncode == 0, errors
    assert left == stopped
    assert bench.status() == "done"
    assert bench.ask(ATTEMPTS) == [(True, "Ctrl-C"), (True, "done")]
    assert list(parts.rglob("*.parquet")) == []
    bench.predict("--run", "here")
    assert bench.answers() == bench.answers("here")
    again = "SELECT sum(images) FROM part WHERE run_id = $run AND part_id LIKE '%/000002-%'"
    assert bench.ask(again) == [(IMAGES - stopped,)]
