"""Races: ours and a peer's way through the same work, in turns, with a check that they agree."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

Work = Callable[[], Any]


@dataclass(frozen=True)
class Timing:
    """One row of the table.

    Attributes:
        work: what was done.
        peer: by what else, with its version.
        seconds: ours, the median.
        peer_seconds: the peer's, the median; None if there is no peer.
        agrees: whether both gave the same numbers; None if there is no peer.
        target: ratio to reach, or None.
        note: what else there is to say, such as sizes.
        limit: the most seconds that ours may take, or None.
    """

    work: str
    peer: str
    seconds: float
    peer_seconds: float | None = None
    agrees: bool | None = None
    target: float | None = None
    note: str = ""
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return how many times faster ours is."""
        return None if self.peer_seconds is None else self.peer_seconds / self.seconds

    @property
    def reached(self) -> bool | None:
        """Return whether the ratio is what it should be, with the same numbers, and the time."""
        if self.limit is not None:
            return self.seconds <= self.limit
        if self.target is None or self.ratio is None:
            return None
        return self.ratio >= self.target and self.agrees is not False


def race(
    work: str,
    ours: Work,
    peer: str,
    theirs: Work,
    *,
    agree: Callable[[Any, Any], bool],
    target: float | None = None,
    turns: int = 3,
    repeats: int = 1,
    note: str = "",
) -> Timing:
    """Do the work both ways in turns, after one of ours to compile and warm up.

    CPU seconds are counted, of all threads: the machine may be shared, and ours may not win by
    using more of it.

    Args:
        work: what is done.
        ours: our way; returns the answer.
        peer: name of the other way.
        theirs: the other way.
        agree: whether two answers are the same.
        target: ratio to reach.
        turns: how often each is timed.
        repeats: how often ours is done in one turn, if it is too quick for the clock.
        note: what else there is to say.
    """
    answer, other = ours(), None
    own: list[float] = []
    others: list[float] = []
    for _ in range(turns):
        own.append(_seconds(lambda: [ours() for _ in range(repeats)])[0] / repeats)
        seconds, other = _seconds(theirs)
        others.append(seconds)
    return Timing(work, peer, median(own), median(others), agree(answer, other), target, note)


def _seconds(work: Work) -> tuple[float, Any]:
    gc.collect()
    started = time.process_time()
    answer = work()
    return time.process_time() - started, answer
