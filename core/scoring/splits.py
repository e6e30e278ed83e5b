"""One system on several splits: what it learnt from beside what it never saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from core.metrics import METRICS
from core.metrics.generalization import generalization_gap, overfits
from core.scoring.choice import Choice
from core.scoring.coverage import evaluated_run
from core.scoring.runs import RunScores, score_runs
from core.scoring.transfer import same_system
from core.store.queries import catalogue, trainings

LEARNT, CHOSEN, HELD_OUT = ROLES = ("learnt from", "epoch chosen by", "held out")
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
) -> SplitScores:
    """Return the scores of a run, and of its system on other splits, each on all its images.

    Args:
        cursor: of `Store.read()`.
        run: its name.
        choice: how to score.

    Raises:
        UsageError: the run is unknown or not evaluated, or the choice cannot be made.
    """
    own = evaluated_run(cursor, run)
    others = same_system(catalogue.runs(cursor, own["dataset"]), own)
    splits = [str(own["split"]), *others["split"]]
    known = trainings.trainings(cursor, own["weights_sha256"]) if own["weights_sha256"] else None
    roles, trained_here = _roles(splits, str(own["dataset"]), known)
    order = sorted(splits, key=lambda split: (ROLES.index(roles[split]), split))
    runs = dict(zip(splits, [run, *others["run"]], strict=True))
    scores = score_runs(cursor, [runs[split] for split in order], choice=choice)
    return SplitScores(tuple(scores), {split: roles[split] for split in order}, trained_here)


def figure_gaps(splits: SplitScores, metrics: Iterable[str]) -> pd.DataFrame:
    """Return a row for each metric and split: metric, split, role, images, score, gap.

    The gap is what the system loses from this split to the reference; NaN on the reference.
    """
    at = {each.split: each.scores for each in splits.scores}
    rows = [
        {
            "metric": metric,
            "split": each.split,
            "role": splits.roles[each.split],
            "images": each.images,
            "score": _number(each.scores[metric]),
            "gap": _gap(each.split, splits.reference, metric, at),
        }
        for metric in metrics
        for each in splits.scores
    ]
    return pd.DataFrame(rows)


def class_gaps(splits: SplitScores, metric: str) -> pd.DataFrame:
    """Return a row for each class and split.

    Columns: class, name, split, role, images (that hold the class), score, gap (what is lost from
    this split to the reference, NaN on the reference) and overfits (whether the class is learnt
    by heart, on a split that was learnt from). Rows without a score are left out.

    Args:
        splits: of `score_splits`.
        metric: one that classes have.
    """
    frames = {each.split: _of_split(each, metric) for each in splits.scores}
    there = frames[splits.reference]
    higher = METRICS[metric].higher_is_better
    for split, frame in frames.items():
        gaps = generalization_gap(frame["score"], there["score"], higher_is_better=higher)
        frame["gap"] = gaps if split != splits.reference else np.nan
        by_heart = overfits(gaps, frame["images"], there["images"])
        frame["overfits"] = by_heart & (splits.roles[split] == LEARNT)
        frame["role"] = splits.roles[split]
    columns = ["class", "name", "split", "role", "images", "score", "gap", "overfits"]
    rows = pd.concat([frame.reset_index() for frame in frames.values()])
    return rows.dropna(subset=["score"])[columns].reset_index(drop=True)


def _of_split(scores: RunScores, metric: str) -> pd.DataFrame:
    classes = scores.classes.set_index("class")
    column = classes.get(metric, np.nan)
    return classes[["name", "images"]].assign(split=scores.split, score=column)


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


def _gap(split: str, reference: str, metric: str, at: dict[str, dict[str, Any]]) -> float:
    if split == reference:
        return np.nan
    scores = (_number(at[each][metric]) for each in (split, reference))
    gap = generalization_gap(*scores, higher_is_better=METRICS[metric].higher_is_better)
    return float(gap)


def _number(score: float | None) -> float:
    return np.nan if score is None else score
