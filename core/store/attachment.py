"""One in-memory DuckDB a process, and the store's file attached to it while someone asks.

A process that holds the file open keeps all others from writing, and a connection kept open
goes on showing a file that was replaced. Attaching costs about a millisecond, so the file is
attached anew for each group of questions that overlap.
"""

from __future__ import annotations

import ctypes
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.errors import WorkFailedError
from core.store.errors import FaultyStoreError, StoreBusyError
from core.store.files import backups

# What the wheel carries must do: extensions would be fetched from the network. A table name that
# is also a Python variable must never be answered from that variable.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
HELD_ELSEWHERE = ("Could not set lock", "Conflicting lock", "Unique file handle conflict")
DAMAGED = ("Corrupt database file", "Could not read enough bytes")
NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large")
SHORTEST_PAUSE = 0.005
LONGEST_PAUSE = 0.25


class Attachment:
    """A store's file, attached while at least one cursor is in use."""

    def __init__(self, path: Path) -> None:
        """Attach nothing yet."""
        self._path = path
        self._mutex = threading.Lock()
        self._users = 0
        self._read_only = True
        self._base: duckdb.DuckDBPyConnection | None = None
        self._inherited: duckdb.DuckDBPyConnection | None = None

    def abandon_after_fork(self) -> None:
        """Start afresh in a forked child, where DuckDB's threads do not exist."""
        attached_to_read = self._users > 0 and self._read_only
        self._mutex = threading.Lock()
        self._users = 0
        inherited = self._base
        self._base = None
        if inherited is None:
            return
        # Freeing the parent's DuckDB would wait for its threads, or write to the parent's file.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(inherited))
        # DuckDB keeps a list of attached files for the process, and the child has a copy of it.
        # What was attached to be written stays there: letting go of it would write to it.
        self._inherited = inherited if attached_to_read else None

    @contextmanager
    def cursor(self, *, read_only: bool, deadline: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """Attach the file, or share the attachment, and give a cursor that uses it.

        Raises:
            StoreBusyError: a foreign program holds the file until the deadline.
            FaultyStoreError: the file is not a DuckDB database, or is damaged.
            WorkFailedError: the disk does not take what is written; nothing of it is stored.
        """
        base = self._enter(read_only=read_only, deadline=deadline)
        try:
            cursor = base.cursor()
            try:
                cursor.execute("USE store")
                yield cursor
            except duckdb.Error as error:
                if any(words in str(error) for words in DAMAGED):
                    raise self._faulty(error) from error
                if any(words in str(error) for words in NO_ROOM):
                    raise self._no_room(error) from error
                raise
            finally:
                cursor.close()
        finally:
            self._leave(base)

    def copy_to(self, copy: Path) -> int:
        """Copy the attached store into a new file, through DuckDB, and return its rows.

        Copying the bytes would miss rows of the write-ahead log, and merely opening and closing
        the file would drop the lock that DuckDB holds on it for this process.

        Raises:
            WorkFailedError: a table of the copy has another number of rows.
        """
        if self._base is None:
            raise RuntimeError("a store is copied while it is attached")
        with self._base.cursor() as cursor:
            cursor.execute(f"ATTACH {quoted(copy)} AS copy_of_store")
            try:
                cursor.execute("COPY FROM DATABASE store TO copy_of_store")
                rows = _rows_of_tables(cursor, "store")
                if _rows_of_tables(cursor, "copy_of_store") != rows:
                    raise WorkFailedError(
                        f"{copy} does not hold as many rows as {self._path}: the copy failed and "
                        "is no copy. Try again, on another disk if this one is failing."
                    )
            finally:
                cursor.execute("DETACH copy_of_store")
        return sum(rows.values())

    def _enter(self, *, read_only: bool, deadline: float) -> duckdb.DuckDBPyConnection:
        with self._mutex:
            if self._base is None:
                self._base = self._start()
            if self._users == 0:
                self._attach(self._base, read_only=read_only, deadline=deadline)
            self._users += 1
            return self._base

    def _start(self) -> duckdb.DuckDBPyConnection:
        if self._inherited is not None:
            self._inherited.execute("DETACH DATABASE IF EXISTS store")
            self._inherited = None
        base = duckdb.connect(config=CONFIG)
        base.execute("SET enable_progress_bar = false")
        return base

    def _leave(self, base: duckdb.DuckDBPyConnection) -> None:
        with self._mutex:
            if base is not self._base:  # given up by another thread, or by a forked child
                return
            self._users -= 1
            if self._users == 0:
                try:
                    base.execute("DETACH DATABASE IF EXISTS store")
                except duckdb.Error:
                    # After a fatal error DuckDB serves nothing more, not even this: closing it
                    # lets go of the file all the same, and the next question starts a new one.
                    base.close()
                    self._base = None

    def _attach(self, base: duckdb.DuckDBPyConnection, *, read_only: bool, deadline: float) -> None:
        # A signal between attaching and counting may have left the file attached.
        base.execute("DETACH DATABASE IF EXISTS store")
        self._read_only = read_only
        options = "TYPE duckdb, READ_ONLY" if read_only else "TYPE duckdb"
        pause = SHORTEST_PAUSE
        while True:
            try:
                base.execute(f"ATTACH {quoted(self._path)} AS store ({options})")
            except duckdb.Error as error:
                if not any(words in str(error) for words in HELD_ELSEWHERE):
                    raise self._faulty(error) from error
                if time.monotonic() >= deadline:
                    raise self._busy(error) from error
            else:
                return
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 1.6, LONGEST_PAUSE)

    def _busy(self, error: duckdb.Error) -> StoreBusyError:
        found = re.search(r"PID (\d+)", str(error))
        who = f"process {found[1]}" if found else "another connection of this process"
        return StoreBusyError(
            f"{self._path} is held open by {who}, a program that does not take turns, such as a "
            "DuckDB shell or a notebook. Close it there and try again: nothing of this try was "
            "stored."
        )

    def _faulty(self, error: duckdb.Error) -> FaultyStoreError:
        first_line = str(error).splitlines()[0]
        newest = next(reversed(backups(self._path)), "COPY")
        return FaultyStoreError(
            f"{self._path} cannot be read as a store ({first_line}). The file is cut short, "
            "damaged, no DuckDB database, or written by a newer DuckDB. Put back a copy with "
            f"`python -m core restore {newest}`, or move the file away and import the data again."
        )

    def _no_room(self, error: duckdb.Error) -> WorkFailedError:
        first_line = str(error).splitlines()[0]
        return WorkFailedError(
            f"The disk of {self._path} does not take what is written ({first_line}). Make room "
            "and start the same command again: the store is as it was before it."
        )


def _rows_of_tables(cursor: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    """Count the rows of every table of an attached database; names come from its catalogue."""
    names = cursor.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY table_name",
        [database],
    ).fetchall()
    return {
        name: cursor.execute(f'SELECT count(*) FROM {database}."{name}"').fetchall()[0][0]
        for (name,) in names
    }


def quoted(path: Path) -> str:
    """Return a path as an SQL string: ATTACH takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"
