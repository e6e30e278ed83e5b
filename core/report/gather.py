"""All that a report says, out of the store in one go; what is drawn anew follows without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb
import pandas as pd

from core.errors import UsageError
from core.report.answers import Case, cases_of
from core.report.cases import telling_images, way_of
from core.scoring import (
    Choice,
    RunScores,
    Trial,
    begin_trial,
    begin_trials,
    coverage,
    named_runs,
    score_runs,
)
from core.scoring.class_names import class_names
from core.scoring.transfer import oracle_of
from core.store.queries import catalogue

HEADLINES = (
    *("miou", "dice", "pixel_accuracy", "box_ap", "box_ap50", "mask_ap", "mask_ap50"),
    *("top1", "localization_iou", "joint_accuracy", "image_label_f1", "image_label_ap"),
)
# the score of the chart of classes is the first of these that all runs have
LEADING = ("miou", "mask_ap", "box_ap", "top1", "image_label_f1")
MOST_CASES = 100


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs on the same images, and what is told of them.

    Attributes:
        runs: rows of `catalogue.runs`, in the order asked for.
        every_run: names of all runs of the split, oldest first: they give the colours.
        split: row of `catalogue.datasets`.
        names: of the classes, a painted background last.
        background: its index, or None.
        choice: how was scored.
        narrowed: whether images were chosen.
        asked: by what they were chosen, in words, or "".
        images: how many are compared.
        scores: of each run on them.
        trials: of each headline score; runs that saw the truth stand alone.
        by_class: the trial whose classes are drawn, or None where classes have no score.
        metric: the score of `by_class` and of the cases, or None where the runs have none of
            `LEADING` in common.
        way: by what cases were chosen, or None where there are none.
        cases: the most telling images.
        made: when.
    """

    runs: pd.DataFrame
    every_run: tuple[str, ...]
    split: pd.Series
    names: tuple[str, ...]
    background: int | None
    choice: Choice
    narrowed: bool
    asked: str
    images: int
    scores: tuple[RunScores, ...]
    trials: tuple[Trial, ...]
    by_class: Trial | None
    metric: str | None
    way: str | None
    cases: tuple[Case, ...]
    made: datetime

    def grown(self, grow: Callable[[Trial], Trial]) -> Comparison:
        """Return it with trials on which chance has been drawn.

        Args:
            grow: returns a trial with more resamples.
        """
        by_class = None if self.by_class is None else grow(self.by_class)
        return replace(self, trials=tuple(map(grow, self.trials)), by_class=by_class)


def gather(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[str],
    *,
    metric: str | None = None,
    images: Sequence[int] | None = None,
    choice: Choice = Choice(),  # noqa: B008 - frozen, without state
    asked: str = "",
    cases: int = 12,
    seed: int = 0,
) -> Comparison:
    """Return what the store says of some runs on the images that all of them have answered.

    Args:
        cursor: of `Store.read()`.
        runs: names of runs of one split.
        metric: of the classes and cases, or None for the first of `LEADING` that all have.
        images: image_id of the images that count, or None for all.
        choice: how to score.
        asked: by what `images` were chosen, in words, to be told.
        cases: how many images are shown.
        seed: of everything that will be drawn.

    Raises:
        UsageError: the runs cannot be compared, or a number means nothing.
    """
    if not 0 <= cases <= MOST_CASES:
        raise UsageError(f"{cases} cases are asked for; expected a number from 0 to {MOST_CASES}.")
    _require_each_once(runs)
    rows = named_runs(cursor, runs)
    common = _common(cursor, rows, images)
    scores = tuple(score_runs(cursor, runs, images=common, choice=choice))
    chosen = metric or _leading(scores)
    split = _split(cursor, rows.iloc[0])
    names, background = class_names(cursor, rows.iloc[0])
    way = way_of(chosen, rows, split)
    telling = telling_images(cursor, rows, way, common, choice, len(names), cases) if way else []
    return Comparison(
        runs=rows,
        every_run=_every_run(cursor, rows.iloc[0]),
        split=split,
        names=tuple(names),
        background=background,
        choice=choice,
        narrowed=images is not None,
        asked=asked,
        images=len(common),
        scores=scores,
        trials=tuple(_headline_trials(cursor, rows, scores, common, choice, seed)),
        by_class=_class_trial(cursor, runs, chosen, common, choice, seed),
        metric=chosen,
        way=way,
        cases=tuple(cases_of(cursor, rows, split, way, telling)) if way else (),
        made=datetime.now(UTC),
    )


def _require_each_once(runs: Sequence[str]) -> None:
    repeated = [run for run in runs if list(runs).count(run) > 1]
    if repeated or not runs:
        what = f"The run {repeated[0]!r} is named twice" if repeated else "No run is named"
        raise UsageError(f"{what}; expected the names of different runs.")


def _common(
    cursor: duckdb.DuckDBPyConnection, rows: pd.DataFrame, images: Sequence[int] | None
) -> list[int]:
    if len(set(zip(rows["dataset"], rows["split"], strict=True))) > 1:
        there = ", ".join(f"{run.run}: {run.dataset} · {run.split}" for run in rows.itertuples())
        raise UsageError(
            f"A report compares runs on one split of one data set, but these are {there}. Choose "
            "runs of one split."
        )
    wanted = None if images is None else set(images)
    shared = coverage(cursor, list(rows["run"])).common
    common = [image for image in shared if wanted is None or image in wanted]
    if not common:
        raise UsageError("These runs have no image in common among those asked for.")
    return common


def _leading(scores: Sequence[RunScores]) -> str | None:
    having = (m for m in LEADING if all(one.scores[m] is not None for one in scores))
    return next(having, None)


def _split(cursor: duckdb.DuckDBPyConnection, run: pd.Series) -> pd.Series:
    splits = catalogue.datasets(cursor)
    own = (splits["dataset"] == run["dataset"]) & (splits["split"] == run["split"])
    split: pd.Series = splits[own].iloc[0]
    return split


def _every_run(cursor: duckdb.DuckDBPyConnection, run: pd.Series) -> tuple[str, ...]:
    names = catalogue.runs(cursor, str(run["dataset"]), str(run["split"]))["run"]
    return tuple(names.iloc[::-1])


def _headline_trials(
    cursor: duckdb.DuckDBPyConnection,
    rows: pd.DataFrame,
    scores: Sequence[RunScores],
    images: Sequence[int],
    choice: Choice,
    seed: int,
) -> list[Trial]:
    """Return a trial of each headline score; a run that saw the truth beats nobody."""
    told = {str(run.run): oracle_of(str(run.settings)) for run in rows.itertuples(index=False)}
    honest = [one for one in scores if not told[one.run]]
    groups = [honest, *([one] for one in scores if told[one.run])]
    metrics: dict[tuple[str, ...], list[str]] = {}
    for group in groups:
        for metric in HEADLINES:
            having = tuple(one.run for one in group if one.scores[metric] is not None)
            if having:
                metrics.setdefault(having, []).append(metric)
    return [
        trial
        for having, those in metrics.items()
        for trial in begin_trials(
            cursor, having, those, images=images, choice=choice, seed=seed, classes=False
        )
    ]


def _class_trial(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[str],
    metric: str | None,
    images: Sequence[int],
    choice: Choice,
    seed: int,
) -> Trial | None:
    if metric is None:
        return None
    trial = begin_trial(cursor, runs, metric, images=images, choice=choice, seed=seed)
    return trial if trial.study.observed.shape[1] > 1 else None
