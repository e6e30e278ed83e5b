"""How far the demo is: what the store holds of its runs, told as it grows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

import pandas as pd

from core.jobs import JobRecord
from core.store.connection import Store
from core.store.errors import StoreBusyError
from core.store.queries import catalogue
from core.words import counted
from training.progress import Progress


class Watch:
    """Looks at the store, which is the one place where the jobs say how far they are."""

    def __init__(self, store: Store, runs: Mapping[str, int], record: JobRecord) -> None:
        """See what is there already.

        Args:
            store: that the jobs write to.
            runs: names in their order, with the number of images of each.
            record: of the job that builds the demo; it has the runs as steps.
        """
        self._store = store
        self._runs = runs
        self._record = record
        self._began = time.monotonic()
        self._answered: dict[str, int] = {}
        self._finished: set[str] = set()
        self._read()

    @property
    def total(self) -> int:
        """Return the images of all runs."""
        return sum(self._runs.values())

    @property
    def answered(self) -> int:
        """Return how many of them are answered."""
        return sum(self._answered.values())

    def unfinished(self) -> set[str]:
        """Return the runs that lack images or scores."""
        return set(self._runs) - self._finished

    def look(self, progress: Progress) -> None:
        """Tell what is new since the last look."""
        answered, finished = self.answered, set(self._finished)
        # the watched jobs use the store too: what is not seen now is seen at the next look
        with contextlib.suppress(StoreBusyError):
            self._read()
        progress.update(self.answered - answered)
        for run, images in self._runs.items():
            if run in self._finished - finished:
                finished.add(run)
                progress.say(
                    f"{len(finished)} of {counted(len(self._runs), 'run')}: {run}, "
                    f"{counted(images, 'image')} "
                    f"({time.monotonic() - self._began:.0f} s)"
                )

    def _read(self) -> None:
        with self._store.read() as cursor:
            known = catalogue.runs(cursor).set_index("run")
        for run in self._runs:
            if run in known.index:
                row = known.loc[run]
                self._answered[run] = int(row["images"])
                self._record.reach(run, self._answered[run])
                if row["status"] == "done" and not pd.isna(row["evaluated"]):
                    self._finished.add(run)
