"""What people write down: tags and notes on images, views by a name, scores told by others.

Kept in an SQLite file beside the evaluation store, apart from it: writing a note waits for no job
and makes no answer stale. Images are known by data set, split and the id of their files, so that
notes outlive an import anew. Nothing is erased: a removal is marked, so that it can be undone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import UsageError

TAG, NOTE, VIEW = "tag", "note", "view"
MOST_LETTERS: Final = {TAG: 60, NOTE: 2000, VIEW: 100}
SECONDS_TO_WAIT: Final = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS entry (
    kind TEXT NOT NULL CHECK (kind IN ('tag', 'note', 'view')),
    dataset TEXT NOT NULL,
    split TEXT NOT NULL,
    image INTEGER NOT NULL,
    text TEXT NOT NULL,
    link TEXT NOT NULL,
    added_by INTEGER NOT NULL,
    removed_by INTEGER
);
CREATE TABLE IF NOT EXISTS external_score (
    run TEXT NOT NULL,
    split TEXT NOT NULL,
    metric TEXT NOT NULL,
    value REAL NOT NULL,
    told_by TEXT NOT NULL,
    told_on TEXT NOT NULL,
    added_by INTEGER NOT NULL,
    removed_by INTEGER
);
"""
_TABLES: Final = ("entry", "external_score")


@dataclass(frozen=True)
class Place:
    """Where an entry belongs.

    Attributes:
        dataset: name of the data set; "" for views.
        split: name of the split; likewise.
        image: the id that the files of the data set use; 0 for views.
    """

    dataset: str = ""
    split: str = ""
    image: int = 0


@dataclass(frozen=True)
class Entry:
    """One tag, note or view.

    Attributes:
        kind: `TAG`, `NOTE` or `VIEW`.
        place: where it belongs.
        text: the tag, the note, or the view's name.
        link: of a view: page and query, relative to the app's root; else "".
    """

    kind: str
    place: Place
    text: str
    link: str = ""


@dataclass(frozen=True)
class Notes:
    """The file of notes that belongs to a store; it is made by the first change."""

    path: Path

    @classmethod
    def beside(cls, store: Path) -> Notes:
        """Return the notes of the evaluation store at a path."""
        return cls(store.with_name(f"{store.stem}.notes.sqlite"))

    def entries(self, kind: str, dataset: str = "", split: str = "") -> list[Entry]:
        """Return the entries of one kind on a split (views: ""), oldest first."""
        if not self.path.exists():
            return []
        with self.open() as connection:
            rows = connection.execute(
                "SELECT image, text, link FROM entry WHERE kind = ? AND dataset = ? "
                "AND split = ? AND removed_by IS NULL ORDER BY rowid",
                (kind, dataset, split),
            ).fetchall()
        return [Entry(kind, Place(dataset, split, image), *rest) for image, *rest in rows]

    def tags(self, dataset: str) -> tuple[tuple[str, str, int], ...]:
        """Return every tag on a data set: split, tag and the id of the image in the files."""
        if not self.path.exists():
            return ()
        with self.open() as connection:
            rows = connection.execute(
                "SELECT split, text, image FROM entry WHERE kind = ? AND dataset = ? "
                "AND removed_by IS NULL ORDER BY split, text, image",
                (TAG, dataset),
            ).fetchall()
        return tuple(rows)

    def add(self, entries: Sequence[Entry]) -> int | None:
        """Add entries in one change and return its number; None if all of them are there.

        A view of a name that is there is replaced.

        Raises:
            UsageError: a text is empty or too long.
        """
        for entry in entries:
            _check(entry)
        with self.open() as connection:
            number = next_change(connection)
            for entry in entries:
                if entry.kind == VIEW:
                    _remove(connection, entry, number)
                connection.execute(
                    "INSERT INTO entry SELECT ?, ?, ?, ?, ?, ?, ?, NULL WHERE NOT EXISTS ("
                    "SELECT 1 FROM entry WHERE kind = ? AND dataset = ? AND split = ? "
                    "AND image = ? AND text = ? AND removed_by IS NULL)",
                    (*_key(entry), entry.link, number, *_key(entry)),
                )
            return _changed(connection, number)

    def remove(self, entries: Sequence[Entry]) -> int | None:
        """Remove entries in one change and return its number; None if none of them was there."""
        with self.open() as connection:
            number = next_change(connection)
            for entry in entries:
                _remove(connection, entry, number)
            return _changed(connection, number)

    def undo(self, number: int) -> None:
        """Take a change back: what it added goes, what it removed returns."""
        with self.open() as connection:
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table} WHERE added_by = ?", (number,))
                connection.execute(
                    f"UPDATE {table} SET removed_by = NULL WHERE removed_by = ?",
                    (number,),
                )

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection whose changes are kept together, or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(self.path, SECONDS_TO_WAIT)) as connection, connection:
                connection.executescript(_SCHEMA)
                connection.execute("BEGIN IMMEDIATE")
                yield connection
        except sqlite3.Error as error:
            raise UsageError(
                f"The notes in {self.path} cannot be read or written: {error}. Check that the "
                "file is an SQLite database of Overlook and that its folder may be written."
            ) from error


def _key(entry: Entry) -> tuple[str, str, str, int, str]:
    place = entry.place
    return entry.kind, place.dataset, place.split, place.image, entry.text


def _check(entry: Entry) -> None:
    most = MOST_LETTERS[entry.kind]
    if not entry.text.strip() or len(entry.text) > most:
        raise UsageError(
            f"The {entry.kind} has {len(entry.text):,} characters; expected 1 to {most:,} that "
            "are not all blank."
        )


def next_change(connection: sqlite3.Connection) -> int:
    """Return the number of a change that begins, by which it can be undone."""
    return int(connection.execute("INSERT INTO change DEFAULT VALUES").lastrowid or 0)


def _remove(connection: sqlite3.Connection, entry: Entry, number: int) -> None:
    connection.execute(
        "UPDATE entry SET removed_by = ? WHERE kind = ? AND dataset = ? AND split = ? "
        "AND image = ? AND text = ? AND removed_by IS NULL",
        (number, *_key(entry)),
    )


def _changed(connection: sqlite3.Connection, number: int) -> int | None:
    ((count,),) = connection.execute(
        "SELECT count(*) FROM entry WHERE added_by = ? OR removed_by = ?", (number, number)
    ).fetchall()
    return number if count else None
