"""Writers and readers as processes of their own, and kills by signal 9 at random moments."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from core.store.check import check
from core.store.connection import Store
from tests.factories import make_dataset
from tests.filling import put, put_run
from tests.stress.workers import OBJECTS_PER_IMAGE

ROOT = Path(__file__).resolve().parents[2]
# a kill comes at a random moment of the work, which this many parts have shown to be under way
LEAST_PARTS = 3
LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class Plan:
    """How hard.

    Attributes:
        writers: processes that each work on a run of their own.
        readers: processes that ask all the time.
        kills: of writers, in turn, by signal 9; each is started again.
        seconds: over which the kills are spread, at least; 0 for as fast as the writers come on.
        images: of the split that every run answers.
    """

    writers: int
    readers: int
    kills: int
    seconds: float
    images: int


@dataclass(frozen=True)
class Outcome:
    """What was seen.

    Attributes:
        seconds: of the whole trial.
        commits: parts whose commit was acknowledged to a writer.
        rows: predicted objects in the store.
        read_ms: (R,) milliseconds of every read.
        faults: whatever should not have been, each a sentence.
    """

    seconds: float
    commits: int
    rows: int
    read_ms: np.ndarray
    faults: tuple[str, ...]


class Trial:
    """The processes of one trial, and the folder in which they work."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Store the split and an empty run for each writer."""
        self._plan = plan
        self._folder = folder
        self._store = Store.at(folder / "evaluation.duckdb")
        self._faults: list[str] = []
        dataset = make_dataset(image_ids=range(plan.images), masks=False, objects=False)
        put(self._store, dataset)
        self._spools = {}
        for number in range(1, plan.writers + 1):
            key = put_run(
                self._store, dataset, [], f"run {number}", status="running", has_masks=False
            )
            self._spools[key] = folder / f"spool {number}"
            self._spools[key].mkdir()

    def run(self) -> Outcome:
        """Start, kill, start again, stop; then count."""
        started = time.monotonic()
        stop = self._folder / "stop"
        reports = [self._folder / f"reader {each}.json" for each in range(self._plan.readers)]
        readers = [self._start("reader", stop, report) for report in reports]
        self._write_and_kill(started)
        stop.touch()
        for reader in readers:
            self._finish(reader)
        told = [json.loads(report.read_text()) for report in reports if report.exists()]
        self._faults += [error for each in told for error in each["errors"]]
        rows = self._count()
        commits = sum(len(acknowledged(spool)) for spool in self._spools.values())
        read_ms = np.concatenate([each["read_ms"] for each in told] or [np.empty(0)])
        seconds = time.monotonic() - started
        return Outcome(seconds, commits, rows, read_ms, tuple(self._faults))

    def _write_and_kill(self, started: float) -> None:
        writers = {key: self._start("writer", key, spool) for key, spool in self._spools.items()}
        chance = random.Random(5)
        pause = self._plan.seconds / (self._plan.kills + 1)
        for victim in islice(cycle(self._spools), self._plan.kills):
            self._wait_for_parts(victim, LEAST_PARTS)
            time.sleep(pause * chance.uniform(0.5, 1) if pause else chance.uniform(0, 0.1))
            self._kill(writers[victim])
            writers[victim] = self._start("writer", victim, self._spools[victim])
        time.sleep(max(0.0, started + self._plan.seconds - time.monotonic()))
        for key, writer in writers.items():
            self._kill(writer)
            self._finish(self._start("resume", key, self._spools[key]))

    def _start(self, kind: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.stress.workers", kind, self._store.path]
        return subprocess.Popen(
            [*map(str, command), *map(str, arguments)], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )

    def _finish(self, worker: subprocess.Popen[str]) -> None:
        _, told = worker.communicate(timeout=LONGEST_WAIT)
        if worker.returncode:
            self._faults.append(f"a worker ended with {worker.returncode}: {told}")

    def _kill(self, worker: subprocess.Popen[str]) -> None:
        worker.kill()
        _, told = worker.communicate()
        if worker.returncode != -signal.SIGKILL:
            self._faults.append(f"a writer had ended by itself, {worker.returncode}: {told}")

    def _wait_for_parts(self, writer: int, more: int) -> None:
        spool = self._spools[writer]
        wanted, ended = len(acknowledged(spool)) + more, time.monotonic() + LONGEST_WAIT
        while len(acknowledged(spool)) < wanted:
            if time.monotonic() > ended:
                self._faults.append(f"writer {writer} does not come on")
                return
            time.sleep(0.01)

    def _count(self) -> int:
        """Count what is in the store, and note all that is missing, twice there or wrong."""
        self._faults += check(self._store)
        with self._store.read() as cursor:
            ledger = {part for (part,) in cursor.execute("SELECT part_id FROM part").fetchall()}
            ((known, answered, objects, distinct, wrong),) = cursor.execute(COUNTS).fetchall()
        known_to_writers = [part for each in self._spools.values() for part in acknowledged(each)]
        self._expect("parts acknowledged twice", doubles(known_to_writers), 0)
        self._expect("acknowledged parts lost", len({*known_to_writers} - ledger), 0)
        self._expect("images of the ledger", known, answered)
        self._expect("objects", objects, answered * OBJECTS_PER_IMAGE)
        self._expect("objects that are there once", distinct, objects)
        self._expect("objects that no writer wrote", wrong, 0)
        left = [path for each in self._spools.values() for path in each.glob("*.parquet")]
        self._expect("parts left in a spool", len(left), 0)
        return int(objects)

    def _expect(self, what: str, found: int, wanted: int) -> None:
        if found != wanted:
            self._faults.append(f"{what}: {found}, expected {wanted}")


COUNTS = """
SELECT (SELECT sum(images) FROM part), (SELECT count(*) FROM prediction_image), count(*),
    count(DISTINCT (run_id, image_id, object_index)),
    count(*) FILTER (x <> source_id OR prediction_object.area <> run_id)
FROM prediction_object JOIN image USING (image_id)
"""


def doubles(names: Sequence[str]) -> int:
    """Return how many names are there more than once."""
    return len(names) - len(set(names))


def acknowledged(spool: Path) -> list[str]:
    """Return the parts whose commit a writer was told of."""
    log = spool / "acknowledged"
    return log.read_text().split() if log.exists() else []
