"""Whether a job is at work, how far it is, how it ended."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from core import jobs
from core.errors import UsageError
from core.jobs import AtWorkError, JobRecord, Step, discard, is_at_work, only_one, read_job, worker

ROOT = Path(__file__).resolve().parents[2]
HOLDS = (
    "import pathlib, sys, time; from core.jobs import *\n"
    "with only_one(pathlib.Path(sys.argv[1])):\n"
    "    JobRecord(pathlib.Path(sys.argv[1]), {'drawing': 4, 'net val': 6}).reach('drawing', 3)\n"
    "    print('held', flush=True); time.sleep(60)"
)


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock of `tmp_path`, with a record."""
    arguments = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_job_is_refused_by_the_number_of_the_first(tmp_path, other):
    assert is_at_work(tmp_path)
    assert worker(tmp_path) == other.pid
    with pytest.raises(AtWorkError, match=f"process {other.pid}"), only_one(tmp_path):
        pass


def test_a_killed_job_lets_go_and_reads_as_stopped(tmp_path, other):
    assert read_job(tmp_path).status == "running"
    other.kill()
    other.wait()
    assert not is_at_work(tmp_path)
    assert worker(tmp_path) is None
    job = read_job(tmp_path)
    assert (job.status, job.ended) == ("stopped", None)
    assert job.note == "Its process is gone."
    with only_one(tmp_path):
        assert is_at_work(tmp_path)
    assert not is_at_work(tmp_path)


def test_one_who_looks_does_not_turn_a_job_away(tmp_path, monkeypatch):
    with only_one(tmp_path):
        pass
    onlooker = (tmp_path / jobs.LOCK).open("rb")
    fcntl.flock(onlooker, fcntl.LOCK_SH)
    # the job waits for a moment, and meanwhile the other has seen enough
    monkeypatch.setattr(jobs.time, "sleep", lambda seconds: onlooker.close())
    with only_one(tmp_path):
        assert onlooker.closed


def test_nobody_was_ever_here(tmp_path):
    folder = tmp_path / "nowhere"
    assert not is_at_work(folder)
    assert worker(folder) is None
    assert read_job(folder) is None
    discard(folder)
    assert not folder.exists()


def test_the_record_says_how_far_it_is_and_how_it_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_WRITES", 0)
    with only_one(tmp_path):
        record = JobRecord(tmp_path, {"drawing": 4, "net val": 6})
        assert read_job(tmp_path).steps == (Step("drawing", 0, 4), Step("net val", 0, 6))
        record.reach("net val", 5)
        job = read_job(tmp_path)
        assert (job.status, job.done, job.total, job.ended) == ("running", 5, 10, None)
        record.end("failed", "net could not be loaded")
    job = read_job(tmp_path)
    assert (job.status, job.done, job.note) == ("failed", 5, "net could not be loaded")
    assert job.began <= job.ended
    discard(tmp_path)
    assert read_job(tmp_path) is None


def test_ends_of_steps_and_jobs_are_written_however_soon_they_come(tmp_path):
    record = JobRecord(tmp_path, {"drawing": 4, "net val": 6})
    record.reach("drawing", 3)
    assert read_job(tmp_path).done == 0
    record.reach("drawing", 4)
    record.reach("net val", 5)
    assert read_job(tmp_path).done == 4
    record.end("done")
    assert read_job(tmp_path).done == 9


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"ended": 2}', '{"ended": null, "steps": 3}']
)
def test_a_torn_record_is_none(tmp_path, text):
    (tmp_path / jobs.RECORD).write_text(text)
    assert read_job(tmp_path) is None


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"), only_one(tmp_path / "file" / "job"):
        pass
