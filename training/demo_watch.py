"""How far the demo is: what the store holds of its runs, told as it grows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.store.connection import Store
from core.store.queries import catalogue
from training.progress import Progress


@dataclass(frozen=True)
class DemoRun:
    """One run of the demo.

    Attributes:
        name: of the run.
        images: of its split.
    """

    name: str
    images: int


class Watch:
    """Looks at the store, which is the one place where the jobs say how far they are."""

    def __init__(self, store: Store, runs: Sequence[DemoRun]) -> None:
        """See what is there already."""
        self._store = store
        self._runs = runs
        self._began = time.monotonic()
        self._answered: dict[str, int] = {}
        self._finished: set[str] = set()
        self._read()

    @property
    def total(self) -> int:
        """Return the images of all runs."""
        return sum(run.images for run in self._runs)

    @property
    def answered(self) -> int:
        """Return how many of them are answered."""
        return sum(self._answered.values())

    def unfinished(self) -> set[str]:
        """Return the runs that lack images or scores."""
        return {run.name for run in self._runs} - self._finished

    def look(self, progress: Progress) -> None:
        """Tell what is new since the last look."""
        answered, finished = self.answered, set(self._finished)
        self._read()
        progress.update(self.answered - answered)
        for run in self._runs:
            if run.name in self._finished - finished:
                finished.add(run.name)
                progress.say(
                    f"{len(finished)} of {len(self._runs)} runs: {run.name}, {run.images} images "
                    f"({time.monotonic() - self._began:.0f} s)"
                )

    def _read(self) -> None:
        with self._store.read() as cursor:
            known = catalogue.runs(cursor).set_index("run")
        for run in self._runs:
            if run.name in known.index:
                row = known.loc[run.name]
                self._answered[run.name] = int(row["images"])
                if row["status"] == "done" and not pd.isna(row["evaluated"]):
                    self._finished.add(run.name)
