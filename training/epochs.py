"""The epochs of a training, one after the other, from the first or from a state on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from training.trainable import Epoch, FitOptions, Report


class Learner(Protocol):
    """A network on its way."""

    def epoch(self, number: int) -> Mapping[str, float]:
        """Learn from the data once, and return the values of the epoch."""

    def save(self, path: Path) -> None:
        """Write the network as it is now, as the system loads it."""

    def keep(self, path: Path, number: int) -> None:
        """Write what is needed to go on after an epoch."""

    def restore(self, path: Path) -> int:
        """Go back to a state that `keep` wrote, and return its epoch."""


def run_epochs(learner: Learner, options: FitOptions, report: Report) -> None:
    """Let a network learn until the last epoch, or until `report` says stop."""
    first = 1 if options.resume is None else 1 + learner.restore(options.resume)
    for number in range(first, options.epochs + 1):
        values = learner.epoch(number)
        if not report(Epoch(number, values, learner.save, partial(learner.keep, number=number))):
            return
