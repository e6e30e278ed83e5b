"""Answers on their way into the store, while the system is at work on the next images."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from core.store.rejected import Rejected
from core.structures import Prediction
from training.ledger import Attempt
from training.spool import Spool

BUSY = "The store is in use; answers wait in the spool meanwhile."


class Keeper:
    """Writes parts and lets the store take them in, one at a time, in a thread of its own.

    At most one part is under way: a system that is quicker than the store waits for it, so that
    memory stays bounded.
    """

    def __init__(self, spool: Spool, attempt: Attempt) -> None:
        """Keep nothing yet.

        Args:
            spool: of the run, locked by the caller.
            attempt: of the run, which shows by it that it is alive.
        """
        self._spool = spool
        self._attempt = attempt
        self._pool = ThreadPoolExecutor(1, "store")
        self._under_way: Future[bool] | None = None

    def keep(self, predictions: Sequence[Prediction], rejected: Sequence[Rejected]) -> str | None:
        """Take some answers, and begin to store them if that is due.

        Returns:
            What the user should be told of the part before, if anything.

        Raises:
            WorkFailedError: the disk did not take the part before.
        """
        told = self._settle()
        self._spool.add(predictions, rejected)
        if self._spool.is_due:
            self._under_way = self._pool.submit(self._store)
        return told

    def finish(self) -> None:
        """Store all that is left, and wait for it.

        Raises:
            WorkFailedError: the disk does not take it.
            StoreBusyError: the store was in use for too long; the parts stay in the spool.
        """
        self._settle()
        self._spool.flush()
        self._spool.commit()

    def save(self) -> None:
        """Keep what was answered as far as that is possible, in the spool if not in the store.

        Raises:
            WorkFailedError: the disk does not take it.
        """
        self._settle()
        self._spool.flush()
        self._spool.try_commit()

    def close(self) -> None:
        """Wait for the part under way, and end the thread."""
        self._pool.shutdown()

    def _settle(self) -> str | None:
        """Wait for the part under way; its errors are raised here."""
        under_way, self._under_way = self._under_way, None
        if under_way is None or under_way.result():
            return None
        return BUSY

    def _store(self) -> bool:
        """Write a part and commit; return whether the store had time for it."""
        self._spool.flush()
        if not self._spool.try_commit():
            return False
        self._attempt.beat()
        return True
