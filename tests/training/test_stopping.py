"""A job that is stopped or killed goes on where it was, and nothing is lost or doubled."""

from __future__ import annotations

import re
import signal
import subprocess
import time

import pytest

from core.store.connection import Store
from tests.training import fake
from training import signals

SLOW = ("--pause", 0.04)
ATTEMPTS = "SELECT ended IS NOT NULL, reason FROM run_attempt WHERE run_id = $run ORDER BY attempt"


def started_job(bench) -> subprocess.Popen[str]:
    """Start a job in a process of its own, and wait until the store has some of its answers."""
    running = fake.start(*bench.arguments(*SLOW))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.poll() is None:
        with Store.at(bench.store).read() as cursor:
            if cursor.execute("SELECT count(*) FROM prediction_image").fetchone()[0]:
                return running
        time.sleep(0.02)
    running.kill()
    raise AssertionError(running.communicate())


@pytest.fixture
def long_bench(make_bench):
    return make_bench(48)


def test_a_killed_job_goes_on_and_ends_with_the_same_rows(long_bench) -> None:
    running = started_job(long_bench)
    running.kill()
    running.communicate()
    done = len(long_bench.answers()[0])
    assert 0 < done < 48
    assert long_bench.status() == "running"
    assert long_bench.predict(*SLOW) == 0
    assert long_bench.status() == "done"
    assert long_bench.ask(ATTEMPTS) == [(True, "killed"), (True, "done")]
    long_bench.predict("--run", "at once")
    assert long_bench.answers() == long_bench.answers("at once")


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(long_bench) -> None:
    running = started_job(long_bench)
    running.send_signal(signal.SIGINT)
    said, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert long_bench.status() == "stopped"
    told = re.search(r"Stopped by Ctrl-C: (\d+) of 48 images of the run 'fake-noise-val'", said)
    assert told, said
    assert "Give the same command again" in said
    assert int(told[1]) == len(long_bench.answers()[0]) < 48
    assert not list(long_bench.spool().glob("*.parquet"))
    assert long_bench.ask(ATTEMPTS) == [(True, "Ctrl-C")]


def test_sigterm_stops_as_cleanly_with_status_1_and_the_pid_was_told(long_bench, capsys) -> None:
    running = started_job(long_bench)
    assert long_bench.predict(*SLOW) == 2
    assert f"Process {running.pid} is at work" in capsys.readouterr().err
    running.terminate()
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "Stopped by SIGTERM" in said
    assert long_bench.status() == "stopped"


def test_a_second_ctrl_c_stops_at_once_and_signals_are_given_back() -> None:
    before = [signal.getsignal(each) for each in signals.STOPPING]
    with signals.StopWish() as wish:
        assert wish.received is None
        signal.raise_signal(signal.SIGTERM)
        assert wish.reason == "SIGTERM"
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert [signal.getsignal(each) for each in signals.STOPPING] == before
