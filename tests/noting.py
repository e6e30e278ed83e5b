"""A cursor that notes what the store is asked."""

from __future__ import annotations

from collections.abc import Iterable


class NotingCursor:
    """A cursor of DuckDB, and the statements that it was told to run.

    Attributes:
        asked: text and parameters of each, in their order; who clears it starts anew.
    """

    def __init__(self, cursor) -> None:
        self._cursor = cursor
        self.asked: list[tuple[str, object]] = []

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.asked]

    @property
    def runs(self) -> list[tuple[int, ...]]:
        """The runs that were asked of, a tuple for each statement that names any."""
        return [tuple(given["runs"]) for _, given in self.asked if given and "runs" in given]

    def execute(self, text: str, parameters=None):
        self.asked.append((text, parameters))
        return self._cursor.execute(text, parameters)

    def executemany(self, text: str, many: Iterable):
        for each in many:  # as DuckDB does: it runs the statement once for each
            self.execute(text, each)

    def __getattr__(self, name: str):
        return getattr(self._cursor, name)
