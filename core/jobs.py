"""Long jobs as others see them: whether one is at work, how far it is, how it ended.

A job holds a lock, which the kernel drops when its process dies, however it dies; beside it stands
a record of how far it is. So a page can show a job that somebody started in a terminal, and a
reloaded page one that it started itself.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import UsageError

LOCK, RECORD, LOG = "lock", "job.json", "job.log"
RUNNING, DONE, STOPPED, FAILED = "running", "done", "stopped", "failed"
# whoever looks whether a job is at work holds its lock for a moment
TRIES, PAUSE = 10, 0.02
SECONDS_BETWEEN_WRITES = 0.5


class AtWorkError(Exception):
    """Another process holds the lock.

    Attributes:
        pid: its number, or None if it could not be read.
    """

    def __init__(self, pid: int | None) -> None:
        """Name the process."""
        super().__init__(f"process {pid or 'of unknown number'} is at work")
        self.pid = pid


@dataclass(frozen=True)
class Step:
    """A part of a job.

    Attributes:
        name: what it is, in the user's words.
        done: how many of its images are done.
        total: of how many.
    """

    name: str
    done: int
    total: int


@dataclass(frozen=True)
class Job:
    """How far a job is, or how it ended.

    Attributes:
        steps: its parts in their order.
        status: "running", "done", "stopped" or "failed".
        began: when, with the time zone.
        ended: when, or None while it runs and where it was killed.
        note: a sentence on how it ended, or "".
    """

    steps: tuple[Step, ...]
    status: str
    began: datetime
    ended: datetime | None = None
    note: str = ""

    @property
    def done(self) -> int:
        """Return the images that are done."""
        return sum(step.done for step in self.steps)

    @property
    def total(self) -> int:
        """Return the images of all steps."""
        return sum(step.total for step in self.steps)


class JobRecord:
    """The record of a job at work, written by it."""

    def __init__(self, folder: Path, totals: Mapping[str, int]) -> None:
        """Begin the record; the caller holds the lock.

        Args:
            folder: of the job.
            totals: steps in their order, with the images of each.
        """
        self._path = folder / RECORD
        self._totals = totals
        self._done = dict.fromkeys(totals, 0)
        self._began = datetime.now(UTC)
        self._write(RUNNING)

    def reach(self, step: str, done: int) -> None:
        """Say how many images of a step are done."""
        before, self._done[step] = self._done[step], done
        due = time.monotonic() - self._written >= SECONDS_BETWEEN_WRITES
        if done != before and (due or done >= self._totals[step]):
            self._write(RUNNING)

    def end(self, status: str, note: str = "") -> None:
        """Say how the job ended: "done", "stopped" or "failed"."""
        self._write(status, datetime.now(UTC), note)

    def _write(self, status: str, ended: datetime | None = None, note: str = "") -> None:
        self._written = time.monotonic()
        steps = tuple(Step(name, self._done[name], total) for name, total in self._totals.items())
        job = Job(steps, status, self._began, ended, note)
        aside = self._path.with_suffix(".tmp")
        aside.write_text(json.dumps(asdict(job), default=datetime.isoformat), encoding="utf-8")
        aside.replace(self._path)


def read_job(folder: Path) -> Job | None:
    """Return what the record in a folder says, or None where there is none.

    A record that says "running" while nobody holds the lock is of a job that was killed: it is
    returned as stopped.
    """
    try:
        fields = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        ended = fields["ended"] and datetime.fromisoformat(fields["ended"])
        steps = tuple(Step(**step) for step in fields["steps"])
        began = datetime.fromisoformat(fields["began"])
        job = Job(steps, fields["status"], began, ended, fields["note"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if job.status == RUNNING and not is_at_work(folder):
        return Job(job.steps, STOPPED, job.began, None, "Its process is gone.")
    return job


def discard(folder: Path) -> None:
    """Forget how the last job in a folder ended."""
    (folder / RECORD).unlink(missing_ok=True)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Be the only job at work in a folder, which is made where it is missing.

    Raises:
        AtWorkError: another process is.
        UsageError: the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("a+", encoding="ascii")
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made ({error.strerror}). Choose a store in a folder that can be "
            "written, with --store."
        ) from error
    with file:
        for left in reversed(range(TRIES)):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not left:
                    raise AtWorkError(_pid_in(folder)) from error
                time.sleep(PAUSE)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def is_at_work(folder: Path) -> bool:
    """Return whether a job holds the lock of a folder."""
    try:
        with (folder / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no job was ever here
        return False
    return False


def worker(folder: Path) -> int | None:
    """Return the process at work in a folder, or None."""
    return _pid_in(folder) if is_at_work(folder) else None


def _pid_in(folder: Path) -> int | None:
    text = (folder / LOCK).read_text(encoding="ascii").strip()
    return int(text) if text.isdigit() else None


def demo_job(store: Path) -> Path:
    """Return the folder of the job that builds the demo for a store."""
    return store.parent / "demo" / f"{store.name}.job"
