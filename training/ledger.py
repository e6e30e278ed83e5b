"""What the store knows of a run at work: who it is, who worked on it, how far it is."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb
import pandas as pd

from core.errors import UsageError, WorkFailedError
from core.store.connection import Store
from core.store.queries import catalogue
from core.store.removal import EVALUATION_TABLES
from core.store.rows import insert_run, set_run_status
from core.structures import Dataset, ImageRecord, Run
from training.protocol import Outputs
from training.settings import differences

SHORT_HASH = 12


@dataclass(frozen=True)
class Coverage:
    """How far a run is.

    Attributes:
        expected: images of its split.
        answered: images with a prediction.
        rejected: images that were tried in vain.
        evaluated: whether its counts and matches are stored.
    """

    expected: int
    answered: int
    rejected: int
    evaluated: bool

    @property
    def status(self) -> str:
        """Return the status of a run that nobody works on any more."""
        if self.answered + self.rejected < self.expected:
            return "stopped"
        return "done_with_rejects" if self.rejected else "done"


def refuse_other_run(store: Store, run: Run) -> None:
    """Refuse to go on with a stored run of the same name that is not the same run.

    Raises:
        UsageError: they differ; the message names in what.
    """
    with store.read() as cursor:
        known = catalogue.runs(cursor)
    for _, row in known[known["run"] == run.name].iterrows():
        found = [
            f"{what} {_shown(row[column])} there, {_shown(wanted)} here"
            for what, column, wanted in (
                ("the system is", "system", run.system),
                ("the data set is", "dataset", run.dataset),
                ("the split is", "split", run.split),
                ("the weights have the SHA-256", "weights_sha256", run.weights_sha256),
            )
            if row[column] != wanted
        ]
        if row["system"] == run.system:
            found += differences(json.loads(row["settings"]), run.settings)
        if found:
            raise UsageError(
                f"The store has a run named {run.name!r} already, which is another one: "
                f"{'; '.join(found)}. Give this run another name with --run, or remove that one "
                f"first: python -m core remove {run.name}"
            )


def changed_surroundings(store: Store, run: Run) -> str:
    """Say on what other device or versions a stored run began, or return "".

    They may move the last bits of a score, which is no reason to refuse to go on.
    """
    with store.read() as cursor:
        known = catalogue.runs(cursor)
    for _, row in known[known["run"] == run.name].iterrows():
        found = differences(json.loads(row["versions"]), run.versions)
        found += differences({"the device": row["device"]}, {"the device": run.device})
        if found:
            return (
                f"The run {run.name!r} began in other surroundings, so its images may differ in "
                f"the last digits of their scores: {'; '.join(found)}."
            )
    return ""


def begin_attempt(store: Store, run: Run, outputs: Outputs, expected: int) -> Attempt:
    """Enter this process as the one that works on a run, which is made where it is new.

    The evaluation of a run that goes on is removed: it would not speak of all its images.
    """
    with store.write() as cursor:
        row = cursor.execute("SELECT run_id FROM run WHERE name = ?", [run.name]).fetchone()
        if row is None:
            run_id = insert_run(
                cursor,
                run,
                has_boxes=outputs.boxes,
                has_masks=outputs.masks,
                has_label_maps=outputs.label_maps,
                has_labels=outputs.labels,
                expected_images=expected,
                status="running",
            )
        else:
            run_id = int(row[0])
            set_run_status(cursor, run_id, "running")
        for table in EVALUATION_TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE run_id = ?", [run_id])
        _close_killed(cursor, run_id)
        (number,) = cursor.execute(
            "INSERT INTO run_attempt (run_id, attempt, host, pid) SELECT ?, "
            "coalesce(max(attempt), 0) + 1, ?, ? FROM run_attempt WHERE run_id = ? "
            "RETURNING attempt",
            [run_id, socket.gethostname(), os.getpid(), run_id],
        ).fetchall()[0]
    return Attempt(store, run_id, int(number))


@dataclass(frozen=True)
class Attempt:
    """This process's work on a run."""

    store: Store
    run_id: int
    number: int

    def identity(self) -> str:
        """Return what tells the run from any other of its name, also in another store."""
        with self.store.read() as cursor:
            ((created,),) = cursor.execute(
                "SELECT epoch_us(created) FROM run WHERE run_id = ?", [self.run_id]
            ).fetchall()
        return f"{self.store.path}\nrun {self.run_id} of {created}\n"

    def missing(self, dataset: Dataset) -> list[ImageRecord]:
        """Return the images without a prediction, in the data set's order; rejected ones too."""
        with self.store.read() as cursor:
            rows = cursor.execute(
                "SELECT source_id FROM prediction_image JOIN image USING (image_id) "
                "WHERE run_id = ?",
                [self.run_id],
            ).fetchall()
        answered = {source_id for (source_id,) in rows}
        return [image for image in dataset.images if image.id not in answered]

    def beat(self) -> None:
        """Give a sign of life."""
        with self.store.write() as cursor:
            self._update(cursor, "heartbeat = now()")

    def end(self, status: str, reason: str) -> None:
        """Leave the run with a status, and say how this attempt ended."""
        with self.store.write() as cursor:
            set_run_status(cursor, self.run_id, status)
            self._update(cursor, "heartbeat = now(), ended = now(), reason = ?", reason)

    @contextmanager
    def told_if_broken(self, save: Callable[[], object]) -> Iterator[None]:
        """Keep what was answered where the work breaks, as far as possible, and say how it ended.

        Args:
            save: keeps it; may raise UsageError or WorkFailedError.
        """
        try:
            yield
        except BaseException as error:
            status = "stopped" if isinstance(error, KeyboardInterrupt) else "failed"
            with suppress(UsageError, WorkFailedError):
                save()
                self.end(status, str(error) or type(error).__name__)
            raise

    def _update(self, cursor: duckdb.DuckDBPyConnection, change: str, *values: str) -> None:
        cursor.execute(
            f"UPDATE run_attempt SET {change} WHERE run_id = ? AND attempt = ?",
            [*values, self.run_id, self.number],
        )


def coverage(store: Store, name: str) -> Coverage | None:
    """Return how far a run is, or None if the store has no run of that name."""
    with store.read() as cursor:
        known = catalogue.runs(cursor)
    for _, row in known[known["run"] == name].iterrows():
        return Coverage(
            expected=int(row["expected_images"]),
            answered=int(row["images"]),
            rejected=int(row["rejected"]),
            evaluated=not pd.isna(row["evaluated"]),
        )
    return None


def _close_killed(cursor: duckdb.DuckDBPyConnection, run_id: int) -> None:
    """End the attempts that could not say so: the caller's lock proves that they are gone."""
    cursor.execute(
        "UPDATE run_attempt SET ended = heartbeat, reason = 'killed' "
        "WHERE run_id = ? AND ended IS NULL",
        [run_id],
    )


def _shown(value: object) -> str:
    text = str(value)
    hashed = len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)
    return f"{text[:SHORT_HASH]}…" if hashed else repr(text)
