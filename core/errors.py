"""Errors that a user can mend, told in one paragraph."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN_FAULTS = 20


class UsageError(Exception):
    """Wrong usage or unusable input: one short paragraph, exit status 2.

    The message says what came, where (file, line or index, image id), what
    was expected and what to do. Commands print it without a traceback.
    """


class WorkFailedError(Exception):
    """Sound input, but the work could not be finished: exit status 1."""


class FaultyInputError(UsageError):
    """Every fault found in one input, not just the first.

    Attributes:
        source: the file or folder that was read.
        faults: one sentence a fault, each with its place in `source`.
    """

    def __init__(self, source: str, faults: Sequence[str], advice: str) -> None:
        """Show the first `SHOWN_FAULTS` faults, how many more there are, and the advice."""
        self.source = source
        self.faults = tuple(faults)
        self.advice = advice
        super().__init__(self.told(SHOWN_FAULTS))

    def told(self, most: int | None = None) -> str:
        """Return the message with the first `most` faults, or all of them."""
        shown = "\n".join(f"  - {fault}" for fault in self.faults[:most])
        more = 0 if most is None else len(self.faults) - most
        tail = f"\n  … and {more} more (--all-faults lists them all)" if more > 0 else ""
        noun = "fault" if len(self.faults) == 1 else "faults"
        return (
            f"{self.source}: {len(self.faults)} {noun} found, nothing was stored.\n"
            f"{shown}{tail}\n{self.advice}"
        )
