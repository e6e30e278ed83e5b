"""Taking turns at the store: many readers or one writer, across threads and processes.

Two files stand beside the store and carry advisory locks, which the kernel drops when a
process dies, however it dies. The *gate* is a queue of one: whoever wants in passes it, so that
readers who keep coming cannot starve a writer who waits. The *rw* lock is shared by readers and
exclusive for a writer.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from weakref import WeakSet

from core.errors import UsageError
from core.store.errors import StoreBusyError

SHORTEST_PAUSE = 0.0005
LONGEST_PAUSE = 0.02

_open_files: WeakSet[IO[bytes]] = WeakSet()


class Turnstile:
    """The two lock files of one store: its name with `.gate` and with `.rw` added."""

    def __init__(self, store: Path) -> None:
        """Lock nothing yet."""
        self._store = store
        self._gate = store.with_name(store.name + ".gate")
        self._readers_writer = store.with_name(store.name + ".rw")

    @contextmanager
    def turn(self, *, exclusive: bool, deadline: float) -> Iterator[None]:
        """Hold a turn: with other readers, or alone.

        Args:
            exclusive: alone, to write.
            deadline: value of `time.monotonic` at which waiting ends.

        Raises:
            StoreBusyError: the turn did not come before the deadline.
            UsageError: the lock files cannot be made.
        """
        # Closing a file drops its lock, also when an exception or a signal ends the block early.
        with self._open(self._gate) as gate, self._open(self._readers_writer) as readers_writer:
            self._wait(gate, fcntl.LOCK_EX, deadline)
            kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
            self._wait(readers_writer, kind, deadline)
            gate.close()
            yield

    def _open(self, path: Path) -> IO[bytes]:
        try:
            file = path.open("ab")
        except OSError as error:
            raise UsageError(
                f"{self._store}: jobs and the dashboard take turns by locking {path.name} beside "
                f"the store, but that file cannot be written ({error.strerror}). Make the folder "
                "writable, or move the store to one that is."
            ) from error
        _open_files.add(file)
        return file

    def _wait(self, file: IO[bytes], kind: int, deadline: float) -> None:
        """Poll for a lock: a call that blocks in the kernel could not keep the deadline."""
        pause = SHORTEST_PAUSE
        while True:
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise self._busy() from error
            else:
                return
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _busy(self) -> StoreBusyError:
        pids = sorted(holders(self._readers_writer) - {os.getpid()})
        who = "process " + ", ".join(map(str, pids)) if pids else "another part of this process"
        return StoreBusyError(
            f"{self._store} is in use by {who}, which did not let go in time. Wait until that job "
            "or dashboard is done, or stop it, and try again: nothing of this try was stored."
        )


def holders(path: Path) -> set[int]:
    """Return the processes that hold an advisory lock on a file, as far as the kernel tells.

    Linux lists them in /proc/locks; elsewhere the set is empty.
    """
    try:
        inode = path.stat().st_ino
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return set()
    rows = [line.split() for line in lines if "FLOCK" in line and "->" not in line]
    return {int(row[4]) for row in rows if row[5].endswith(f":{inode}")}


def _close_after_fork() -> None:
    """Close a forked child's copies: the parent's locks would live as long as they do."""
    for file in list(_open_files):
        file.close()


os.register_at_fork(after_in_child=_close_after_fork)
