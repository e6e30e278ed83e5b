"""The history of a training: its plan and its epochs, kept as JSON beside the checkpoint.

It is written anew after each epoch, aside and then moved, so that a stop at any moment leaves a
whole file. From it a training goes on, and from it the store learns the curves.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.errors import UsageError, WorkFailedError
from core.store.training_rows import ClassDraws
from training.settings import differences


@dataclass(frozen=True)
class Plan:
    """What a training is to be; to go on with it, all of this must be the same.

    Attributes:
        system: registry name.
        dataset: name of the data set.
        train_split: split to learn from.
        train_sha256: of what that split was read from.
        val_split: split by which the best epoch is chosen.
        val_sha256: of what that split was read from.
        epochs: that the schedule is made for.
        seed: of all that is random.
        settings: the system's, as JSON keeps them.
        goal: name of the value by which the best epoch is chosen.
    """

    system: str
    dataset: str
    train_split: str
    train_sha256: str
    val_split: str
    val_sha256: str
    epochs: int
    seed: int
    settings: Mapping[str, object]
    goal: str


@dataclass(frozen=True)
class EpochRecord:
    """One epoch: its number from 1, the values the system reported, and the time it took."""

    epoch: int
    values: Mapping[str, float]
    seconds: float


@dataclass
class History:
    """A training so far.

    Attributes:
        training_id: drawn when it began; kept when it goes on.
        plan: what it is to be.
        versions: package name to version.
        started: start, ISO 8601 with the zone.
        epochs: that are over.
        notes: what happened on the way, one sentence each.
        draws: how often it sees each class, of a system that draws images by their classes.
    """

    training_id: str
    plan: Plan
    versions: Mapping[str, str]
    started: str
    epochs: list[EpochRecord] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    draws: list[ClassDraws] = field(default_factory=list)

    def add(self, record: EpochRecord) -> bool:
        """Take an epoch in, and return whether it is the best so far.

        Raises:
            WorkFailedError: a value is not finite, or the goal is not among the values.
        """
        for name, value in record.values.items():
            if not math.isfinite(value):
                raise WorkFailedError(
                    f"In epoch {record.epoch} the value {name} is {value}: the training has "
                    "diverged. The best epoch before it is kept. Start again with a lower learning "
                    "rate, such as --set lr=0.0003."
                )
        if self.plan.goal not in record.values:
            there = ", ".join(sorted(record.values)) or "none"
            raise WorkFailedError(
                f"Epoch {record.epoch} has no value {self.plan.goal}, by which the best epoch is "
                f"chosen; it has {there}. This is a fault of the system {self.plan.system}."
            )
        self.epochs.append(record)
        return self.best() is record

    def best(self) -> EpochRecord | None:
        """Return the best epoch, of equal ones the first; None before the first."""
        if not self.epochs:
            return None
        goal = self.plan.goal
        choose = min if goal.endswith("loss") else max
        return choose(self.epochs, key=lambda record: record.values[goal])

    def epochs_without_gain(self) -> int:
        """Return how many epochs came after the best."""
        best = self.best()
        return 0 if best is None else self.epochs[-1].epoch - best.epoch

    @property
    def seconds(self) -> float:
        """Return the time spent in epochs."""
        return sum(record.seconds for record in self.epochs)

    def forget_after(self, epoch: int) -> None:
        """Leave out epochs that are done again because their state was not kept."""
        self.epochs = [record for record in self.epochs if record.epoch <= epoch]

    def write(self, path: Path) -> None:
        """Write it, whole or not at all."""
        write_json(path, asdict(self))


def beside(checkpoint: Path, name: str) -> Path:
    """Return the path of what stands beside a checkpoint: w.weights.h5, "card" to w.card.json."""
    return checkpoint.with_name(f"{stem_of(checkpoint)}.{name}.json")


def stem_of(checkpoint: Path) -> str:
    """Return the file name of a checkpoint without what says its format."""
    return checkpoint.name.removesuffix(".weights.h5").removesuffix(checkpoint.suffix)


def write_json(path: Path, content: object) -> None:
    """Write JSON aside and move it to its name.

    Raises:
        WorkFailedError: the disk does not take it.
    """
    aside = path.with_name(path.name + ".tmp")
    try:
        with aside.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, allow_nan=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise WorkFailedError(
            f"{path} cannot be written ({error.strerror}). Make room, or choose another --out."
        ) from error


def read_history(path: Path) -> History:
    """Read what `History.write` wrote.

    Raises:
        UsageError: it is not there, or it is something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return History(
            training_id=str(content["training_id"]),
            plan=Plan(**content["plan"]),
            versions=content["versions"],
            started=str(content["started"]),
            epochs=[EpochRecord(**record) for record in content["epochs"]],
            notes=list(content["notes"]),
            # trainings from before keep none
            draws=[ClassDraws(**each) for each in content.get("draws", [])],
        )
    except FileNotFoundError as error:
        raise UsageError(
            f"{path} is not there, so there is no training to go on with. Start it without "
            "--resume."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} is no history of a training ({type(error).__name__}: {error}). Move it away "
            "and start the training anew, or choose another --out."
        ) from error


def refuse_other_plan(history: History, plan: Plan, path: Path) -> None:
    """Refuse to go on with a training that was another one.

    Raises:
        UsageError: they differ; the message names in what.
    """
    found = differences(_flat(history.plan), _flat(plan))
    if found:
        raise UsageError(
            f"{path} is of another training: {'; '.join(found)}. Go on with the same options as "
            "it began with, or choose another --out."
        )


def _flat(plan: Plan) -> dict[str, object]:
    fields = asdict(plan)
    return {**fields.pop("settings"), **fields}
