"""Faults of an input: collected, then raised together or handed back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import FaultyInputError, safe

SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input.

    Attributes:
        place: where it stands, such as "annotations[17] (id 523)" or a file's name.
        message: what came and what was expected.
    """

    place: str
    message: str

    def __post_init__(self) -> None:
        """Keep both on one line, and free of what would steer a terminal."""
        for name in ("place", "message"):
            object.__setattr__(self, name, safe(getattr(self, name)))

    def __str__(self) -> str:
        """Return the fault as one sentence."""
        return f"{self.place}: {self.message}"


def settle(
    source: str, faults: Sequence[Fault], *, skip_bad: bool, kept: int, advice: str
) -> tuple[Fault, ...]:
    """Return the faults if the caller skips what is bad, else raise them all.

    Args:
        source: the file or folder that was read.
        faults: what was found.
        skip_bad: whether records with faults are to be left out.
        kept: number of records that are left without them.
        advice: what to do, a sentence.

    Raises:
        FaultyInputError: there are faults, and `skip_bad` is not set or nothing would be left.
    """
    if faults and not (skip_bad and kept):
        if skip_bad:
            advice = f"Nothing would be left. {advice}"
        raise FaultyInputError(source, [str(fault) for fault in faults], advice)
    return tuple(faults)


def shown(value: object) -> str:
    """Return a value from a file as it may stand in a message: short, on one line."""
    try:
        text = repr(value)
    except RecursionError:
        return f"a deeply nested {type(value).__name__}"
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
