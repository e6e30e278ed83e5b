"""The course of one training around a system's own `fit`: epochs kept, limits watched."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from core.errors import UsageError, WorkFailedError
from core.store.connection import Store
from core.structures import Dataset
from training.card import write_card
from training.curves import store_curves
from training.draws import class_draws
from training.event_file import EventFile
from training.history import (
    EpochRecord,
    History,
    Plan,
    beside,
    read_history,
    refuse_other_plan,
    stem_of,
)
from training.signals import StopWish
from training.trainable import Epoch, FitOptions, Trainable, TrainingData

OUT_OF_MEMORY = ("OutOfMemoryError", "ResourceExhaustedError")
OUT_OF_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


class TrainingStoppedError(Exception):
    """The user wished the training to stop in the middle of an epoch."""


@dataclass(frozen=True)
class Limits:
    """When a training stops before its last epoch.

    Attributes:
        patience: epochs without a better one, 0 for no such limit.
        minutes: of this process, after which no epoch is begun, or None.
    """

    patience: int
    minutes: float | None


@dataclass(eq=False)
class Course:
    """One training on its way.

    Attributes:
        kind: class of the system.
        plan: what it is to be.
        settings: an instance of the system's `fit_settings_type`.
        versions: package name to version.
        checkpoint: where the best epoch's weights go.
        limits: when it stops before its last epoch.
        device: "auto", "cpu", "cuda:0".
    """

    kind: type[Trainable]
    plan: Plan
    settings: Any
    versions: Mapping[str, str]
    checkpoint: Path
    limits: Limits
    device: str
    status: str = field(default="stopped", init=False)

    def prepare(self, *, resume: bool) -> None:
        """Begin anew, or go on with the history beside the checkpoint.

        Raises:
            UsageError: there is a checkpoint already, or what is there is another training.
        """
        if resume:
            self.history = read_history(self.history_path)
            refuse_other_plan(self.history, self.plan, self.history_path)
        elif self.checkpoint.exists() or self.history_path.exists():
            raise UsageError(
                f"{self.checkpoint} is there already. Choose another file with --out, or go on "
                "with a training that was stopped with --resume."
            )
        else:
            started = datetime.now(UTC).isoformat()
            self.history = History(uuid4().hex, self.plan, self.versions, started)
        self.work.mkdir(parents=True, exist_ok=True)
        self.history.forget_after(self._kept_epoch())
        self.history.write(self.history_path)

    def train(self, data: TrainingData, wish: StopWish) -> str:
        """Train to the end or a limit; return "done", "stopped_early" or "stopped"."""
        self._wish, self._began = wish, time.monotonic()
        events = EventFile(self.work / "events")
        settings = self.settings
        while not self._is_over():
            try:
                with Bar(self.plan, len(self.history.epochs)) as bar:
                    options = self._options(data.train, settings, bar)
                    self.kind.fit(data, options, lambda epoch: self._report(epoch, events, bar))
            except TrainingStoppedError:
                return self.status
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                if settings.batch == 1:
                    raise WorkFailedError(
                        f"There is not enough memory to learn from even one image at a time "
                        f"({error}). Make the images or the network smaller with --set."
                    ) from error
                settings = replace(settings, batch=settings.batch // 2)
                self._note(f"Out of memory: went on with batches of {settings.batch}.")
                continue
            break
        return self.status

    def conclude(self, store: Store, data: TrainingData) -> None:
        """Write the card, let the store learn the curves, and say where the weights are."""
        best = self.history.best()
        if best is None or not self.checkpoint.exists():
            return
        card = write_card(self.checkpoint, self.history, data, self.status)
        store_curves(store, self.history, self.checkpoint, self.status)
        print(
            f"{self.checkpoint}: epoch {best.epoch} of {len(self.history.epochs)}, "
            f"{self.plan.goal} {best.values[self.plan.goal]:.4f}, SHA-256 {card['sha256']}"
        )

    @property
    def history_path(self) -> Path:
        """Return where the history is."""
        return beside(self.checkpoint, "history")

    @property
    def work(self) -> Path:
        """Return the folder of what is needed while it trains."""
        return self.checkpoint.with_name(f"{stem_of(self.checkpoint)}.work")

    def _states(self) -> list[Path]:
        return sorted(self.work.glob("state-*"))

    def _kept_epoch(self) -> int:
        """Return the last epoch whose state is kept and whose values are known, 0 for none."""
        known = {record.epoch for record in self.history.epochs}
        kept = [int(path.name.removeprefix("state-")) for path in self._states()]
        return max((epoch for epoch in kept if epoch in known), default=0)

    def _is_over(self) -> bool:
        over = len(self.history.epochs) >= self.plan.epochs
        if over:
            self.status = "done"
        return over

    def _options(self, train: Dataset, settings: Any, bar: Bar) -> FitOptions:  # noqa: ANN401
        kept = self._kept_epoch()
        self.history.forget_after(kept)
        self._epoch_began = time.monotonic()
        return FitOptions(
            settings=settings,
            epochs=self.plan.epochs,
            seed=self.plan.seed,
            device=self.device,
            folder=self.work,
            resume=self.work / f"state-{kept:05d}" if kept else None,
            step=lambda done, total: self._step(done, total, bar),
            sampling=partial(self._sampled, train),
        )

    def _sampled(
        self, train: Dataset, counts: NDArray[np.int64], weights: NDArray[np.float64]
    ) -> None:
        self.history.draws = class_draws(train, counts, weights)
        self.history.write(self.history_path)

    def _note(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)
        self.history.notes.append(sentence)
        self.history.write(self.history_path)

    def _step(self, done: int, total: int, bar: Bar) -> None:
        bar.step(done, total)
        if self._wish.received:
            raise TrainingStoppedError

    def _report(self, epoch: Epoch, events: EventFile, bar: Bar) -> bool:
        """Keep what an epoch brought; return whether to go on."""
        now = time.monotonic()
        values = {name: float(value) for name, value in epoch.values.items()}
        record = EpochRecord(epoch.number, values, now - self._epoch_began)
        is_best = self.history.add(record)
        if is_best:
            write_whole(self.checkpoint, epoch.save)
        if epoch.save_state is not None:
            before = self._states()
            write_whole(self.work / f"state-{epoch.number:05d}", epoch.save_state)
            self.history.write(self.history_path)
            for path in before:
                path.unlink()
        self.history.write(self.history_path)
        events.scalars(epoch.number, values)
        bar.epoch(record, self.plan, is_best=is_best)
        self._epoch_began = time.monotonic()
        return self._goes_on(epoch.number, now)

    def _goes_on(self, number: int, now: float) -> bool:
        if number >= self.plan.epochs:
            self.status = "done"
            return False
        if self._wish.received:
            return False
        patience, minutes = self.limits.patience, self.limits.minutes
        tired = patience and self.history.epochs_without_gain() >= patience
        late = minutes is not None and now - self._began >= 60 * minutes
        if tired or late:
            self.status = "stopped_early"
        return not (tired or late)


class Bar:
    """How far the training is: a bar on a terminal, a line an epoch in a log."""

    def __init__(self, plan: Plan, epochs_done: int) -> None:
        """Start after some epochs."""
        self._plan, self._number = plan, epochs_done + 1
        self._bar = tqdm(unit="image", leave=False, disable=None, file=sys.stderr)

    def __enter__(self) -> Bar:
        """Show it."""
        return self

    def __exit__(self, *error: object) -> None:
        """Take it away."""
        self._bar.close()

    def step(self, done: int, total: int) -> None:
        """Say how many images of the epoch are done."""
        self._bar.total = total
        self._bar.set_description(f"epoch {self._number} of {self._plan.epochs}", refresh=False)
        self._bar.update(done - self._bar.n)

    def epoch(self, record: EpochRecord, plan: Plan, *, is_best: bool) -> None:
        """Say what an epoch brought."""
        values = ", ".join(f"{name} {value:.4g}" for name, value in record.values.items())
        best = ", the best so far" if is_best else ""
        tqdm.write(
            f"epoch {record.epoch} of {plan.epochs}: {values}, {record.seconds:.0f} s{best}",
            file=sys.stderr,
        )
        self._number = record.epoch + 1
        self._bar.reset()


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether any framework says with this error that memory ran out."""
    named = {each.__name__ for each in type(error).__mro__}
    words = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or bool(named & set(OUT_OF_MEMORY))
        or (isinstance(error, RuntimeError) and any(each in words for each in OUT_OF_MEMORY_WORDS))
    )


def write_whole(path: Path, write: Any) -> None:  # noqa: ANN401 - a trainable.Save
    """Let `write` make a file aside, and move it to its name once it is whole and on the disk.

    The name aside ends as the final one, because frameworks go by the ending.

    Raises:
        WorkFailedError: the disk does not take it.
    """
    aside = path.with_name(f"writing-{path.name}")
    try:
        write(aside)
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise WorkFailedError(
            f"{path} cannot be written ({error.strerror}). Make room, or choose another --out."
        ) from error
