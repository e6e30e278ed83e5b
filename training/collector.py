"""Parts that workers write on other machines, on their way into the store."""

from __future__ import annotations

from core.store.connection import Store
from core.store.errors import StoreBusyError
from core.store.part_folders import PartFolder
from core.store.parts import commit_parts

# Pages wait while the store takes parts in, so a large run comes in by several commits.
PARTS_A_COMMIT = 256


class Collector:
    """Lets the store take in the parts of one run; only this process writes the store."""

    def __init__(self, store: Store, run_id: int, folder: PartFolder) -> None:
        """Take nothing in yet; the caller holds the lock of the run."""
        self._store = store
        self._run_id = run_id
        self._folder = folder
        self._names: list[str] = []

    def add(self, name: str) -> None:
        """Note a part that was written; when there are many, the store takes them in if it can."""
        self._names.append(name)
        if len(self._names) >= PARTS_A_COMMIT:
            try:
                commit_parts(self._store, self._run_id, self._folder, self._names)
            except StoreBusyError:
                return
            self._names = []

    def collect(self) -> int:
        """Let the store take in all parts in the folder; return how many were new.

        Raises:
            UsageError: a part cannot be taken in; those before it are.
            StoreBusyError: the store was in use for too long; the parts stay where they are.
        """
        self._names = []
        names = self._folder.pending()
        return sum(
            commit_parts(
                self._store, self._run_id, self._folder, names[start : start + PARTS_A_COMMIT]
            )
            for start in range(0, len(names), PARTS_A_COMMIT)
        )
