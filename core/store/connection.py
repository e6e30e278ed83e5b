"""read() and write(): attach the store, ask, let go."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ClassVar

import duckdb

from core.errors import UsageError
from core.store import migrate
from core.store.attachment import Attachment
from core.store.errors import StoreMissingError
from core.store.files import STAMP, log_of
from core.store.locks import Turnstile

DEFAULT_PATH = Path(__file__).resolve().parents[2] / "results" / "evaluation.duckdb"
ENVIRONMENT_VARIABLE = "EVALUATION_STORE"


def store_path(given: Path | None = None) -> Path:
    """Return where the store is: as given, else as EVALUATION_STORE says, else in results.

    Raises:
        UsageError: the path is a folder.
    """
    path = Path(given or os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT_PATH).expanduser()
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder, expected the store's file. Name the file, such as "
            f"{path / DEFAULT_PATH.name}."
        )
    return path


class Store:
    """The store at one path, for all threads of this process. Make it with `Store.at`."""

    _by_path: ClassVar[dict[Path, Store]] = {}
    _by_path_mutex: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        self.path = path
        self._turnstile = Turnstile(path)
        self._attachment = Attachment(path)
        self._forget_threads()

    def _forget_threads(self) -> None:
        self._reading: Counter[int] = Counter()
        self._writer: int | None = None

    @classmethod
    def at(cls, path: Path) -> Store:
        """Return this process's store at a path; the file need not exist yet."""
        # The full path keeps two names of one file (links, relative paths) from being two stores.
        full = Path(os.path.realpath(path))
        with cls._by_path_mutex:
            if full not in cls._by_path:
                cls._by_path[full] = cls(full)
            return cls._by_path[full]

    def __reduce__(self) -> tuple[Callable[[Path], Store], tuple[Path]]:
        """Another process makes its own."""
        return Store.at, (self.path,)

    def exists(self) -> bool:
        """Return whether anything was stored yet."""
        return self.path.is_file()

    def require_existing(self) -> None:
        """Refuse where nothing was stored yet.

        Raises:
            StoreMissingError: nothing was.
        """
        if not self.exists():
            raise StoreMissingError(
                f"{self.path} does not exist: nothing was stored yet. Import a data set first with "
                "`python -m core import`, or name another store with --store or EVALUATION_STORE."
            )

    @contextmanager
    def read(self, timeout: float = 30.0) -> Iterator[duckdb.DuckDBPyConnection]:
        """Ask questions: a cursor that uses the store and cannot change it.

        A read inside a read of the same thread shares its turn. Inside a write it sees what was
        committed before.

        Args:
            timeout: longest wait for a writer or a foreign program, seconds.

        Raises:
            StoreMissingError: nothing was stored yet.
            StoreBusyError: the store was in use for all of the timeout.
            FaultyStoreError: the file is damaged, no store, or of another schema.
        """
        deadline = time.monotonic() + timeout
        self.require_existing()
        with (
            self._reader_turn(deadline),
            self._attachment.cursor(read_only=True, deadline=deadline) as cursor,
        ):
            migrate.require_newest(cursor, self.path)
            yield cursor

    @contextmanager
    def write(self, timeout: float = 120.0) -> Iterator[duckdb.DuckDBPyConnection]:
        """Change the store in one transaction, undone by any exception.

        Makes the folder and the file where they are missing, and brings an older schema up to
        date after keeping a copy beside the store. Keep the block short: all readers wait.

        Args:
            timeout: longest wait for readers, other writers or a foreign program, seconds.

        Raises:
            StoreBusyError: the store was in use for all of the timeout.
            FaultyStoreError: the file is damaged, no store, or of a newer schema.
        """
        deadline = time.monotonic() + timeout
        self._make_folder()
        with self._writer_turn(deadline):
            if not self.exists():
                self._create(deadline)
            with self._attachment.cursor(read_only=False, deadline=deadline) as cursor:
                self._upgrade(cursor)
                with _transaction(cursor):
                    yield cursor

    def upgrade(self, timeout: float = 120.0) -> None:
        """Bring an older schema up to date, and change nothing else.

        Raises:
            StoreMissingError: nothing was stored yet.
            StoreBusyError: the store was in use for all of the timeout.
            FaultyStoreError: the file is damaged, no store, or of a newer schema.
        """
        self.require_existing()
        deadline = time.monotonic() + timeout
        with (
            self._writer_turn(deadline),
            self._attachment.cursor(read_only=False, deadline=deadline) as cursor,
        ):
            self._upgrade(cursor)

    def copy_to(self, copy: Path, timeout: float = 120.0) -> int:
        """Copy the store as it is at one moment into a new file, and return its rows.

        Others read meanwhile, and who wants to write waits.

        Args:
            copy: nothing may be there; what a failure leaves of it is the caller's to delete.
            timeout: longest wait for a writer or a foreign program, seconds.

        Raises:
            StoreMissingError: nothing was stored yet.
            StoreBusyError: the store was in use for all of the timeout.
            FaultyStoreError: the file is damaged, no store, or of a newer schema.
        """
        deadline = time.monotonic() + timeout
        self.require_existing()
        with (
            self._reader_turn(deadline),
            self._attachment.cursor(read_only=True, deadline=deadline) as cursor,
        ):
            migrate.version(cursor, self.path)
            return self._attachment.copy_to(copy)

    def alone(self, timeout: float = 120.0) -> AbstractContextManager[None]:
        """Keep readers and writers out, and open nothing.

        Raises:
            StoreBusyError: the store was in use for all of the timeout.
        """
        return self._writer_turn(time.monotonic() + timeout)

    def version(self, timeout: float = 30.0) -> str:
        """Return a token that changes whenever anything was committed; "" without a store.

        It also changes when the file is replaced by another, or changed by a foreign program.

        Raises:
            StoreBusyError: the store was in use for all of the timeout.
            FaultyStoreError: the file is damaged, no store, or of another schema.
        """
        try:
            with self.read(timeout) as cursor:
                return self.version_read(cursor)
        except StoreMissingError:
            return ""

    def version_read(self, cursor: duckdb.DuckDBPyConnection) -> str:
        """Return the `version` that a cursor of `read` sees; nobody writes meanwhile."""
        ((commits, token),) = cursor.execute("SELECT commits, token FROM store_state").fetchall()
        # stat does not open the file, so DuckDB's lock stays.
        file = self.path.stat()
        return f"{commits}-{token}-{file.st_ino}-{file.st_mtime_ns}"

    @contextmanager
    def _reader_turn(self, deadline: float) -> Iterator[None]:
        thread = threading.get_ident()
        if self._reading[thread] or self._writer == thread:
            yield
            return
        with self._turnstile.turn(exclusive=False, deadline=deadline):
            self._reading[thread] += 1
            try:
                yield
            finally:
                del self._reading[thread]

    @contextmanager
    def _writer_turn(self, deadline: float) -> Iterator[None]:
        thread = threading.get_ident()
        if self._reading[thread] or self._writer == thread:
            raise RuntimeError("a write inside a read or write of the same thread waits for itself")
        with self._turnstile.turn(exclusive=True, deadline=deadline):
            self._writer = thread
            try:
                yield
            finally:
                self._writer = None

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.path}: the folder cannot be made ({error.strerror}). Name a store in a "
                "folder that can be written, with --store or EVALUATION_STORE."
            ) from error

    def _create(self, deadline: float) -> None:
        """Make an empty store aside and move it here: a process killed meanwhile leaves none."""
        aside = self.path.with_name(self.path.name + ".new")
        aside.unlink(missing_ok=True)
        log_of(aside).unlink(missing_ok=True)
        empty = Attachment(aside)
        with empty.cursor(read_only=False, deadline=deadline) as cursor, _transaction(cursor):
            migrate.apply(cursor, applied=0)
        aside.replace(self.path)

    def _upgrade(self, cursor: duckdb.DuckDBPyConnection) -> None:
        found = migrate.version(cursor, self.path)
        if found == migrate.newest():
            return
        stamp = time.strftime(STAMP)
        copy = self.path.with_name(f"{self.path.stem}.schema{found}.{stamp}{self.path.suffix}")
        self._attachment.copy_to(copy)
        with _transaction(cursor):
            migrate.apply(cursor, applied=found)


@contextmanager
def _transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.execute("BEGIN TRANSACTION")
    try:
        yield
        cursor.execute("UPDATE store_state SET commits = commits + 1, token = uuid()")
        cursor.execute("COMMIT")
    except BaseException:
        # After a failed COMMIT there is nothing left to undo.
        with contextlib.suppress(duckdb.Error):
            cursor.execute("ROLLBACK")
        raise


def _start_afresh_after_fork() -> None:
    """Give a forked child its own locks and DuckDB: it has none of its parent's threads."""
    Store._by_path_mutex = threading.Lock()
    for store in Store._by_path.values():
        store._forget_threads()
        store._attachment.abandon_after_fork()


os.register_at_fork(after_in_child=_start_afresh_after_fork)
