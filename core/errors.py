"""Errors that a user can mend, told in one paragraph."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from core.words import counted

SHOWN_FAULTS = 20
SHOWN_OF_A_KIND = 3
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+")
# What steers a terminal, turns the direction of writing, or cannot be written as UTF-8
_UNSAFE = frozenset({"Cc", "Cf", "Cs"})


def safe(text: str, kept: str = "") -> str:
    """Return a text in which no name or value from a file can steer a terminal.

    Args:
        text: whose control characters and lone surrogates become �.
        kept: those that may stay, such as a line feed.
    """
    if text.isprintable():
        return text
    return "".join(
        "�" if unicodedata.category(sign) in _UNSAFE and sign not in kept else sign for sign in text
    )


class UsageError(Exception):
    """Wrong usage or unusable input: one short paragraph, exit status 2.

    The message says what came, where (file, line or index, image id), what
    was expected and what to do. Commands print it without a traceback.
    """

    def __str__(self) -> str:
        """Return the message, fit for a terminal whatever the input holds."""
        return safe(super().__str__(), kept="\n")


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

    @property
    def summary(self) -> str:
        """Return how many faults there are and what to do, without the faults."""
        return f"{self._counted()} {self.advice}"

    def told(self, most: int | None = None) -> str:
        """Return the message with about `most` faults, a few of each kind, or all of them."""
        shown = "\n".join(f"  - {line}" for line in told_faults(self.faults, most))
        hint = "" if most is None or len(self.faults) <= most else "--all-faults lists them all. "
        return f"{self._counted()}\n{shown}\n{hint}{self.advice}"

    def _counted(self) -> str:
        return f"{self.source}: {counted(len(self.faults), 'fault')} found, nothing was stored."


def told_faults(faults: Sequence[str], most: int | None = SHOWN_FAULTS) -> Iterator[str]:
    """Yield faults as lines of text: all of them, or if there are many the first of each kind.

    Faults are of one kind if they say the same apart from their place, numbers and quoted words:
    results of a wrong data set are one mistake, however many entries it spoils.

    Args:
        faults: each "place: message".
        most: about how many lines there may be, or None for any number.
    """
    if most is None or len(faults) <= most:
        yield from faults
        return
    kinds: dict[str, list[str]] = {}
    for fault in faults:
        _, _, message = fault.partition(": ")
        kinds.setdefault(_VARYING.sub("…", message), []).append(fault)
    each = max(1, min(SHOWN_OF_A_KIND, most // len(kinds)))
    for alike in list(kinds.values())[:most]:
        yield from alike[:each]
        if len(alike) > each:
            yield f"… and {len(alike) - each:,} more of this kind"
    if len(kinds) > most:
        yield f"… and {len(kinds) - most:,} more kinds of fault"
