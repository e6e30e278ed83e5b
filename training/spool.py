"""The spool of a run: parts on their way into the store, and the lock of the job at work."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.errors import UsageError, WorkFailedError
from core.jobs import AtWorkError, only_one
from core.store.connection import Store
from core.store.errors import StoreBusyError
from core.store.parts import commit_part, part_path, pending_parts, write_part
from core.store.rejected import Rejected
from core.structures import Prediction

PART_IMAGES = 16
PART_SECONDS = 5.0
SAFE_NAME = re.compile(r"[^\W_][\w .,+@=()-]{0,119}")


def check_run_name(name: str) -> None:
    """Refuse a name that cannot be a folder.

    Raises:
        UsageError: it is such a name.
    """
    if not SAFE_NAME.fullmatch(name) or name != name.strip():
        raise UsageError(
            f"The run's name is {name!r}; expected up to 120 letters, digits, blanks and any of "
            "_ . , + @ = ( ) -, with a letter or digit first. Choose another with --run."
        )


@contextmanager
def locked(folder: Path, run: str) -> Iterator[None]:
    """Be the only job at work on a run; the kernel lets go when this process ends, however.

    Args:
        folder: the run's spool, made where it is missing.
        run: the run's name, for the message.

    Raises:
        UsageError: another process is at work on it, or the folder cannot be made.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(only_one(folder))
        except AtWorkError as error:
            raise UsageError(
                f"Process {error.pid or 'of unknown number'} is at work on the run {run!r} "
                "already. Wait for it, or stop it; or give this run another name with --run."
            ) from error
        yield


class Spool:
    """Gathers answers into parts, and the store takes the parts in."""

    def __init__(self, store: Store, run_id: int, folder: Path) -> None:
        """Gather nothing yet; the caller holds the lock of the folder."""
        self._store = store
        self._run_id = run_id
        self._folder = folder
        self._begin()

    def _begin(self) -> None:
        self._predictions: list[Prediction] = []
        self._rejected: list[Rejected] = []
        self._since = time.monotonic()

    def claim(self, identity: str) -> int:
        """Take in the parts that earlier jobs on this very run left, and return their number.

        Parts of another run that had the same name are thrown away: their run was removed, or is
        in another store.

        Args:
            identity: what tells this run from all others of its name.
        """
        for torn in self._folder.glob("*.tmp"):
            torn.unlink()
        owner = self._folder / "owner"
        if not owner.is_file() or owner.read_text(encoding="utf-8") != identity:
            for foreign in pending_parts(self._folder):
                foreign.unlink()
            owner.write_text(identity, encoding="utf-8")
        return self.commit()

    def add(self, predictions: Sequence[Prediction], rejected: Sequence[Rejected]) -> None:
        """Keep some answers for the next part."""
        self._predictions += predictions
        self._rejected += rejected

    @property
    def is_due(self) -> bool:
        """Return whether a part is worth writing: it is large enough, or old enough."""
        count = len(self._predictions) + len(self._rejected)
        return count >= PART_IMAGES or (
            count > 0 and time.monotonic() - self._since >= PART_SECONDS
        )

    def flush(self) -> None:
        """Write what was gathered as a part.

        Raises:
            WorkFailedError: the disk does not take it.
        """
        if self._predictions or self._rejected:
            path = part_path(self._folder)
            try:
                write_part(path, self._predictions, self._rejected)
            except OSError as error:
                raise WorkFailedError(
                    f"{path}: a part cannot be written ({error.strerror}). Make room, and start "
                    "the same command again: it goes on where it was."
                ) from error
        self._begin()

    def commit(self) -> int:
        """Let the store take in all parts that are written; return how many were new.

        Raises:
            StoreBusyError: the store was in use for too long; the parts stay in the spool.
        """
        return sum(
            commit_part(self._store, self._run_id, path) for path in pending_parts(self._folder)
        )

    def try_commit(self) -> bool:
        """Do as `commit`, but return False if the store is busy: the parts can wait."""
        try:
            self.commit()
        except StoreBusyError:
            return False
        return True
