"""The work of a prediction job: images through a system, answers into the spool."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from core.errors import WorkFailedError
from core.store.rejected import Rejected
from core.structures import ImageRecord, Prediction
from training.feed import Feed
from training.images import UnusableImageError, reject
from training.keeper import Keeper
from training.ledger import Attempt
from training.progress import Progress
from training.protocol import Input, Photograph, System
from training.signals import StopWish
from training.spool import Spool

BATCHES_AHEAD = 2
# One image that no network can take is a reject; this many in a row are a broken set-up.
MOST_FAILURES_IN_A_ROW = 20


@dataclass(frozen=True)
class Job:
    """One attempt at the images that a run lacks.

    Attributes:
        system: loaded.
        class_count: of the data set.
        feed: of the run's split.
        batch: images that the system is given at a time.
        spool: of the run, locked.
        attempt: of the run.
    """

    system: System
    class_count: int
    feed: Feed
    batch: int
    spool: Spool
    attempt: Attempt

    def work(self, records: Sequence[ImageRecord], progress: Progress, wish: StopWish) -> None:
        """Answer images until all are done or somebody wishes to stop; all answers are stored.

        Raises:
            WorkFailedError: the disk is full, or too many images in a row fail in the system.
            StoreBusyError: the store could not take in the last parts, which stay in the spool.
        """
        keeper = Keeper(self.spool, self.attempt)
        with closing(keeper), self.attempt.told_if_broken(keeper.save):
            with closing(self.feed.read(records, BATCHES_AHEAD * self.batch)) as inputs:
                self._answer_all(inputs, keeper, progress, wish)
            keeper.finish()

    def _answer_all(
        self,
        inputs: Iterator[Input | Rejected],
        keeper: Keeper,
        progress: Progress,
        wish: StopWish,
    ) -> None:
        told = False
        groups = answer_all(
            self.system, inputs, self.batch, self.class_count, lambda: wish.received is not None
        )
        for group in groups:
            if group.turned and not told:
                progress.say(about_rotation(group.turned))
                told = True
            if note := keeper.keep(group.predictions, group.rejected):
                progress.say(note)
            progress.update(len(group.predictions) + len(group.rejected), len(group.rejected))


@dataclass(frozen=True, eq=False)
class Answered:
    """What became of one batch of images.

    Attributes:
        predictions: of those that the system answered.
        rejected: all others, with the reason.
        turned: path of an image that carries an EXIF rotation, or "".
    """

    predictions: list[Prediction]
    rejected: list[Rejected]
    turned: str


def answer_all(
    system: System,
    inputs: Iterator[Input | Rejected],
    batch: int,
    class_count: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Answered]:
    """Answer images batch by batch, until there are no more or somebody wishes to stop.

    Raises:
        WorkFailedError: too many images in a row fail in the system.
    """
    failures = 0
    while not stopped() and (group := list(islice(inputs, batch))):
        usable = [each for each in group if not isinstance(each, Rejected)]
        unusable = [each for each in group if isinstance(each, Rejected)]
        turned = [each for each in usable if isinstance(each, Photograph) and each.turned]
        predictions, failed = answer(system, usable, class_count)
        failures = failures + len(failed) if not predictions else 0
        yield Answered(predictions, [*unusable, *failed], turned[0].record.path if turned else "")
        if failures >= MOST_FAILURES_IN_A_ROW:
            raise WorkFailedError(
                f"{failures} images in a row could not be answered; the last of them, "
                f"{failed[-1].place}: {failed[-1].message}. The images before them are stored. "
                "Mend the cause, such as too large a --batch for the memory, and start again."
            )


def answer(
    system: System, inputs: Sequence[Input], class_count: int
) -> tuple[list[Prediction], list[Rejected]]:
    """Return predictions with their times, and the images that the system fails on.

    If a batch fails, its images are tried one by one, so that one bad image costs no other.
    """
    if not inputs:
        return [], []
    try:
        return _timed(system, inputs, class_count), []
    except Exception as error:  # noqa: BLE001 - whatever a network raises, the job goes on
        if len(inputs) == 1:
            return [], [reject(inputs[0].record, "infer", _sentence(error))]
    singly = [answer(system, [each], class_count) for each in inputs]
    return [one for found, _ in singly for one in found], [one for _, bad in singly for one in bad]


def _timed(system: System, inputs: Sequence[Input], class_count: int) -> list[Prediction]:
    started = time.perf_counter()
    predictions = system.predict(inputs)
    seconds = (time.perf_counter() - started) / len(inputs)
    _check_order(inputs, predictions)
    for each in predictions:
        _check_objects(each, class_count)
        _check_probabilities(each, class_count)
    return [replace(each, seconds=seconds) for each in predictions]


def _check_order(inputs: Iterable[Input], predictions: Iterable[Prediction]) -> None:
    asked = [each.record.id for each in inputs]
    answered = [each.image.id for each in predictions]
    if asked != answered:
        raise UnusableImageError("infer", f"asked for images {asked}, the system gave {answered}")


def _check_objects(prediction: Prediction, class_count: int) -> None:
    """Refuse numbers that no score could be computed from, such as those of an overflow."""
    objects = prediction.objects
    if objects is None or not len(objects):
        return
    if not (np.isfinite(objects.boxes).all() and np.isfinite(objects.areas).all()):
        raise UnusableImageError("infer", "the system gave a box that is not finite")
    if objects.scores is None or not ((objects.scores >= 0) & (objects.scores <= 1)).all():
        raise UnusableImageError("infer", "the system gave a score outside 0 to 1")
    if not ((objects.categories >= 0) & (objects.categories < class_count)).all():
        raise UnusableImageError("infer", "the system gave a class that the data set does not have")


def _check_probabilities(prediction: Prediction, class_count: int) -> None:
    found = prediction.probabilities
    if found is None:
        return
    if found.shape != (class_count,):
        raise UnusableImageError(
            "infer",
            f"the system gave probabilities of shape {found.shape} for {class_count} classes",
        )
    if not ((found >= 0) & (found <= 1)).all():
        raise UnusableImageError("infer", "the system gave a probability outside 0 to 1")


def _sentence(error: Exception) -> str:
    if isinstance(error, UnusableImageError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for the system to answer it"
    lines = str(error).splitlines() or ["no reason given"]
    return f"the system failed on it ({type(error).__name__}: {lines[0]})"


def about_rotation(path: str) -> str:
    """Return what the user is told of an image that carries an EXIF rotation."""
    return (
        f"{path} carries an EXIF rotation, and other images may. None is applied, as in "
        "COCO: annotations are read as speaking of the pixels as stored."
    )
