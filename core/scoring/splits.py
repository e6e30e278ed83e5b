"""One system on several splits: what it learnt from beside what it never saw."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from core.scoring.choice import Choice
from core.scoring.coverage import evaluated_run
from core.scoring.image_filter import EVERY_IMAGE, ImageFilter, filtered_images
from core.scoring.runs import RunScores, score_runs
from core.scoring.transfer import same_system
from core.store.memory import remembered
from core.store.queries import catalogue, trainings
from core.store.queries.ask import answer_bytes

LEARNT, CHOSEN, HELD_OUT = ROLES = ("learnt from", "epoch chosen by", "held out")
Texts = dict[str, str]
_NAMES = {LEARNT: "train", CHOSEN: "val"}


@dataclass(frozen=True, eq=False)
class SplitScores:
    """The runs of one system, weights and settings on the splits of a data set.

    Attributes:
        scores: of each run: first on what was learnt from, last on what was held out.
        roles: split to its role, one of `ROLES`.
        trained_here: whether the store knows the training; else roles go by the splits' names.
    """

    scores: tuple[RunScores, ...]
    roles: dict[str, str]
    trained_here: bool

    @property
    def reference(self) -> str:
        """Return the split that the others are held against: the first held out, else the last."""
        held_out = [split for split, role in self.roles.items() if role == HELD_OUT]
        return [*held_out, self.scores[-1].split][0]


def score_splits(
    cursor: duckdb.DuckDBPyConnection,
    run: str,
    *,
    choice: Choice = Choice(),  # noqa: B008 - frozen, without state
    wanted: ImageFilter = EVERY_IMAGE,
) -> SplitScores:
    """Return the scores of a run, and of its system on other splits, each on the images wanted.

    A split of which the system answered no such image is left out, unless it is the run's own.

    Args:
        cursor: of `Store.read()`.
        run: its name.
        choice: how to score.
        wanted: images of each split that count.

    Raises:
        UsageError: the run is unknown or not evaluated, or the choice cannot be made.
    """
    dataset = int(evaluated_run(cursor, run)["dataset_id"])
    runs, roles, trained_here = remembered(
        "splits of a system", run, lambda: _of_system(cursor, run), answer_bytes
    )
    scores = []
    for split in runs:
        images = filtered_images(cursor, dataset, split, wanted)
        scores += score_runs(cursor, [runs[split]], images=images, choice=choice)
    there = tuple(each for each in scores if each.images or each.run == run)
    return SplitScores(there, {each.split: roles[each.split] for each in there}, trained_here)


def _of_system(cursor: duckdb.DuckDBPyConnection, run: str) -> tuple[Texts, Texts, bool]:
    """Return split to run and to role, what was learnt from first, and whether this is known."""
    own = evaluated_run(cursor, run)
    others = same_system(catalogue.runs(cursor, own["dataset"]), own)
    splits = [str(own["split"]), *others["split"]]
    known = trainings.trainings(cursor, own["weights_sha256"]) if own["weights_sha256"] else None
    roles, trained_here = _roles(splits, str(own["dataset"]), known)
    runs = dict(zip(splits, [run, *others["run"]], strict=True))
    order = sorted(splits, key=lambda split: (ROLES.index(roles[split]), split))
    return {split: runs[split] for split in order}, roles, trained_here


def _roles(
    splits: list[str], dataset: str, known: pd.DataFrame | None
) -> tuple[dict[str, str], bool]:
    """Return the role of each split, and whether trainings in the store tell it."""
    of_data = None if known is None else known[known["dataset"] == dataset]
    if of_data is None or of_data.empty:
        named = {name: role for role, name in _NAMES.items()}
        return {split: named.get(split, HELD_OUT) for split in splits}, False
    learnt, chosen = set(of_data["train_split"]), set(of_data["val_split"])
    return {
        split: LEARNT if split in learnt else CHOSEN if split in chosen else HELD_OUT
        for split in splits
    }, True
