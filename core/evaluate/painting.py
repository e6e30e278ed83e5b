"""Which objects of a run are painted into its semantic map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core import fusion
from core.errors import UsageError
from core.evaluate.subject import Subject, painted_subjects, subject_of, true_maps
from core.store import rows
from core.store.connection import Store
from core.store.queries import catalogue
from core.structures import LabelMap, Objects

FIXED_THRESHOLD = 0.5


@dataclass(frozen=True)
class PaintChoice:
    """Which objects of a run are painted into its semantic map.

    Attributes:
        threshold: least score, or None for the default of 0.5.
        split: choose it on this split instead: the threshold at which the same system with the
            same weights has its best mIoU there.
    """

    threshold: float | None = None
    split: str | None = None

    def __post_init__(self) -> None:
        """Refuse a threshold that is no score."""
        if self.threshold is not None and not 0.0 <= self.threshold <= 1.0:
            raise UsageError(f"The threshold is {self.threshold}, expected a score from 0 to 1.")

    @property
    def is_given(self) -> bool:
        """Return whether anything but the default was asked for."""
        return self.threshold is not None or self.split is not None


@dataclass(frozen=True)
class Painting:
    """How a run was painted.

    Attributes:
        threshold: least score of a painted object.
        origin: how the threshold was come by, for people to read.
    """

    threshold: float
    origin: str


def choose_painting(store: Store, subject: Subject, choice: PaintChoice) -> Painting:
    """Return the threshold of a run: as given, or the best on the split that was named.

    Raises:
        UsageError: there is not exactly one run to choose it on.
    """
    if choice.split is None:
        given = choice.threshold is not None
        threshold = choice.threshold if choice.threshold is not None else FIXED_THRESHOLD
        return Painting(threshold, "given" if given else "fixed")
    tuning = _tuning_run(store, subject, choice.split)
    threshold, _ = fusion.choose_threshold(
        _images(store, tuning), tuning.class_count, tuning.background
    )
    same = tuning.run == subject.run
    origin = f"best on {tuning.split}" + (", the split it is scored on" if same else "")
    return Painting(threshold, origin)


def _tuning_run(store: Store, subject: Subject, split: str) -> Subject:
    """Return the run of the same system and weights on the split to choose on."""
    if split == subject.split:
        return subject
    with store.read() as cursor:
        runs = catalogue.runs(cursor, subject.dataset_name, split)
    fits = runs[
        (runs["system"] == subject.system)
        & (runs["weights_sha256"] == subject.weights_sha256)
        & runs["has_masks"]
    ]
    if len(fits) != 1:
        found = ", ".join(fits["run"]) or "none"
        raise UsageError(
            f"To choose the threshold of {subject.run!r} on {split!r} the store needs exactly one "
            f"run of {subject.system!r} with the same weights on that split of "
            f"{subject.dataset_name!r}; it has {found}. Predict that split first, or give "
            "--threshold."
        )
    return subject_of(store, str(fits["run"].iloc[0]))


def _images(store: Store, subject: Subject) -> Iterator[tuple[LabelMap, Objects]]:
    for block in subject.blocks():
        with store.read() as cursor:
            maps = true_maps(cursor, subject, block)
            predicted = rows.prediction_table(cursor, subject.run_id, block)
        for _, truth, objects in painted_subjects(subject, block, maps, predicted):
            yield truth, objects
