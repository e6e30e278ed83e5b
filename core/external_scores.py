"""Scores that others measured, such as a leaderboard: told, never measured here.

They are kept with the notes, apart from the evaluation store, so that none of them can be taken
for a measured figure.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from core.errors import UsageError
from core.notes import Notes, next_change

MOST_LETTERS: Final = 200
_NAME: Final = re.compile(r"(?P<run>.+)--on--(?P<split>.+)\.zip")


@dataclass(frozen=True)
class ExternalScore:
    """One score as somebody else told it.

    Attributes:
        run: whose predictions were scored.
        split: that they speak of.
        metric: what it is called there; need not be one of ours.
        value: a fraction from 0 to 1.
        told_by: where it comes from, such as the name of a leaderboard.
        told_on: the day it was told, YYYY-MM-DD.
    """

    run: str
    split: str
    metric: str
    value: float
    told_by: str
    told_on: str

    def __post_init__(self) -> None:
        """Refuse what cannot be a score.

        Raises:
            UsageError: saying what is wrong.
        """
        if not (math.isfinite(self.value) and 0 <= self.value <= 1):
            raise UsageError(f"The value is {self.value}; expected a fraction from 0 to 1.")
        for name, text in (("metric", self.metric), ("source", self.told_by)):
            if not text.strip() or len(text) > MOST_LETTERS:
                raise UsageError(
                    f"The {name} has {len(text):,} characters; expected 1 to {MOST_LETTERS} that "
                    "are not all blank."
                )
        try:
            day = date.fromisoformat(self.told_on)
        except ValueError:
            day = None
        if day is None or day.isoformat() != self.told_on:
            raise UsageError(f"The date is {self.told_on!r}; expected YYYY-MM-DD, a day there is.")


def external_scores(notes: Notes, runs: Sequence[str]) -> list[ExternalScore]:
    """Return what was told of some runs, oldest first."""
    if not notes.path.exists():
        return []
    with notes.open() as connection:
        rows = connection.execute(
            "SELECT run, split, metric, value, told_by, told_on FROM external_score "
            "WHERE removed_by IS NULL ORDER BY rowid"
        ).fetchall()
    return [ExternalScore(*row) for row in rows if row[0] in runs]


def add_external(notes: Notes, scores: Sequence[ExternalScore]) -> int:
    """Write scores down in one change and return its number, for `Notes.undo`.

    What the same source told before of the same run and metric is replaced.
    """
    with notes.open() as connection:
        number = next_change(connection)
        for score in scores:
            _remove(connection, score, number)
            connection.execute(
                "INSERT INTO external_score VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                (*astuple(score), number),
            )
    return number


def remove_external(notes: Notes, scores: Sequence[ExternalScore]) -> int | None:
    """Remove scores in one change and return its number; None if none of them was there.

    A source's score of a run and metric goes whatever its value and day.
    """
    with notes.open() as connection:
        number = next_change(connection)
        removed = [_remove(connection, score, number) for score in scores]
    return number if any(removed) else None


def _remove(connection: sqlite3.Connection, score: ExternalScore, number: int) -> int:
    """Mark what a source told of a run and metric as removed; return how many scores it was."""
    return connection.execute(
        "UPDATE external_score SET removed_by = ? WHERE run = ? AND split = ? AND metric = ? "
        "AND told_by = ? AND removed_by IS NULL",
        (number, score.run, score.split, score.metric, score.told_by),
    ).rowcount


def submission_name(run: str, split: str) -> str:
    """Return a file name for a submission by which its score finds the run again.

    Signs that no file name should have are escaped as in links, and so is a second "--".

    Example:
        >>> submission_name("unet test", "test")
        'unet%20test--on--test.zip'
    """
    escaped = [quote(text, safe="").replace("--", "-%2D") for text in (run, split)]
    return f"{'--on--'.join(escaped)}.zip"


def of_submission(path: Path) -> tuple[str, str]:
    """Return run and split of a submission by its file name.

    Raises:
        UsageError: it has no such name.
    """
    found = _NAME.fullmatch(path.name)
    if found is None:
        raise UsageError(
            f"{path.name} does not name its run and split. Expected RUN--on--SPLIT.zip, as python "
            "-m core export RUN --format submission names it; else name the run itself."
        )
    return unquote(found["run"]), unquote(found["split"])
