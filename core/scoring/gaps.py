"""What a system loses between splits, and how sure each gap is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import METRICS
from core.metrics import significance as chance
from core.metrics.generalization import overfits
from core.scoring.choice import Choice
from core.scoring.coverage import coverage, named_runs
from core.scoring.image_filter import EVERY_IMAGE, ImageFilter, filtered_images
from core.scoring.measures import run_measure
from core.scoring.runs import RunScores
from core.scoring.splits import LEARNT, SplitScores, score_splits
from core.scoring.trial import enough_resamples

FIGURES: Final = ["gap", "low", "high", "p"]


@dataclass(frozen=True, eq=False)
class GapTrial:
    """One system on several splits, and what chance makes of its gaps so far.

    Attributes:
        splits: its scores.
        studies: metric to the study of the splits that have it, in the order of `places`; only
            metrics that the reference and another split have.
        places: metric to split to its place in the study.
    """

    splits: SplitScores
    studies: Mapping[str, chance.SplitStudy]
    places: Mapping[str, Mapping[str, int]]

    @cached_property
    def told(self) -> dict[tuple[object, ...], pd.DataFrame]:
        """What was told of it as it is: a page draws the same at every look."""
        return {}

    @property
    def done(self) -> int:
        """Return how often the images were drawn anew so far."""
        return min((study.resamples for study in self.studies.values()), default=self.enough)

    @property
    def enough(self) -> int:
        """Return how many resamples the smallest p needs to survive the correction twice over."""
        return enough_resamples(
            max((s.observed.shape[1] for s in self.studies.values()), default=0)
        )

    @property
    def complete(self) -> bool:
        """Return whether `enough` has been drawn."""
        return self.done >= self.enough

    def extended(self, resamples: int, threads: int | None = None) -> GapTrial:
        """Return the trial with at least so many resamples, see `SplitStudy.extended`."""
        studies = {name: each.extended(resamples, threads) for name, each in self.studies.items()}
        return replace(self, studies=studies)


def begin_gaps(
    cursor: duckdb.DuckDBPyConnection,
    run: str,
    metrics: Sequence[str],
    *,
    choice: Choice = Choice(),  # noqa: B008 - frozen, without state
    wanted: ImageFilter = EVERY_IMAGE,
    seed: int = 0,
    classes: bool = True,
) -> GapTrial:
    """Return scores of a run's system on its splits and their gaps; nothing is drawn yet.

    Args:
        cursor: of `Store.read()`.
        run: its name, or that of its system on any other split.
        metrics: of `METRICS`.
        choice: how to score.
        wanted: images of each split that count.
        seed: of everything that will be drawn.
        classes: whether the gap of each class is drawn too, where classes have the score.

    Raises:
        UsageError: see `score_splits`.
    """
    splits = score_splits(cursor, run, choice=choice, wanted=wanted)
    studies, places = {}, {}
    for metric in metrics:
        there = [each for each in splits.scores if each.scores[metric] is not None]
        names = [each.split for each in there]
        if len(names) < 2 or splits.reference not in names:
            continue
        measures = [_measure(cursor, each, metric, choice, wanted) for each in there]
        if not classes:
            measures = [chance.Overall(measure) for measure in measures]
        studies[metric] = chance.begin_splits(
            measures,
            names.index(splits.reference),
            higher_is_better=METRICS[metric].higher_is_better,
            seed=seed,
        )
        places[metric] = {split: place for place, split in enumerate(names)}
    return GapTrial(splits, studies, places)


def figure_gaps(trial: GapTrial, metrics: Sequence[str]) -> pd.DataFrame:
    """Return a row for each metric and split.

    Columns: metric, split, role, images, score, gap (how much better it is than on the reference,
    NaN there), low, high (the 95 % interval of the gap) and p.

    Args:
        trial: of these metrics.
        metrics: names of the rows.
    """
    asked = ("figures", *metrics)
    if asked not in trial.told:
        trial.told[asked] = _figure_gaps(trial, metrics)
    return trial.told[asked].copy(deep=False)


def _figure_gaps(trial: GapTrial, metrics: Sequence[str]) -> pd.DataFrame:
    rows = [
        (
            *(metric, each.split, trial.splits.roles[each.split], each.images, each.scores[metric]),
            *_figures(trial, metric, each.split)[:, 0],
        )
        for metric in metrics
        for each in trial.splits.scores
    ]
    columns = ["metric", "split", "role", "images", "score", *FIGURES]
    return pd.DataFrame(rows, columns=columns).astype({"score": np.float64})


def class_gaps(trial: GapTrial, metric: str, correction: str = "holm") -> pd.DataFrame:
    """Return a row for each class and split.

    Columns: class, name, split, role, images (that hold the class), score, gap, low, high, p (see
    `figure_gaps`), p_adjusted (corrected over the classes of the split) and overfits (whether the
    class is learnt by heart, on a split that was learnt from). Rows without a score are left out.

    Args:
        trial: of this metric, with classes.
        metric: one that classes have.
        correction: a name in `significance.CORRECTIONS`.
    """
    asked = ("classes", metric, correction)
    if asked not in trial.told:
        trial.told[asked] = _class_gaps(trial, metric, correction)
    return trial.told[asked].copy(deep=False)


def _class_gaps(trial: GapTrial, metric: str, correction: str) -> pd.DataFrame:
    parts = [_of_split(trial, each, metric, correction) for each in trial.splits.scores]
    # columns, not tables: joining texts takes pandas longer than all that is worked out here
    return pd.DataFrame({name: np.concatenate([each[name] for each in parts]) for name in parts[0]})


def method(trial: GapTrial) -> str:
    """Return by which rules the intervals and p values of gaps are made, in one sentence."""
    return (
        f"95 % intervals: bias-corrected percentiles of {trial.done:,} resamples of the "
        "images, of each split by itself, as no image of one has a partner on another; p: "
        f"{trial.done:,} random shares of the images of both splits, two-sided"
    )


def _measure(
    cursor: duckdb.DuckDBPyConnection,
    scores: RunScores,
    metric: str,
    choice: Choice,
    wanted: ImageFilter,
) -> chance.Measure:
    rows = named_runs(cursor, [scores.run])
    (row,) = rows.itertuples(index=False)
    images = np.array(coverage(cursor, [scores.run]).common, np.int64)
    kept = filtered_images(cursor, int(rows["dataset_id"].iloc[0]), scores.split, wanted)
    if kept is not None:
        images = images[np.isin(images, np.array(kept, np.int64))]
    return run_measure(cursor, row, metric, images, choice)


def _figures(trial: GapTrial, metric: str, split: str) -> NDArray[np.float64]:
    """Return gap, low, high and p of a split, (4, F): first of all, then of each class."""
    place = trial.places.get(metric, {}).get(split)
    if place is None or split == trial.splits.reference:
        return np.full((len(FIGURES), 1), np.nan)
    study = trial.studies[metric]
    return np.vstack([study.gap(place), study.gap_interval(place), study.p(place)])


def _of_split(
    trial: GapTrial, scores: RunScores, metric: str, correction: str
) -> dict[str, NDArray[Any]]:
    """Return the columns of `class_gaps` of one split."""
    table, role = scores.classes, trial.splits.roles[scores.split]
    classes, images = (table[name].to_numpy(np.int64) for name in ("class", "images"))
    score = table[metric].to_numpy(np.float64) if metric in table else np.full(len(table), np.nan)
    sure = _of_classes(_figures(trial, metric, scores.split)[:, 1:], classes)
    gap, p = sure[0], sure[-1]
    adjusted = chance.CORRECTIONS[correction](p)
    by_heart = overfits(gap, adjusted < chance.LEVEL, images, _on_reference(trial.splits, classes))
    columns = {
        "class": classes,
        "name": table["name"].to_numpy(object),
        "split": np.full(len(table), scores.split, object),
        "role": np.full(len(table), role, object),
        "images": images,
        "score": score,
        **dict(zip(FIGURES, sure, strict=True)),
        "p_adjusted": adjusted,
        "overfits": by_heart & (role == LEARNT),
    }
    there = ~np.isnan(score)
    return {name: column[there] for name, column in columns.items()}


def _of_classes(figures: NDArray[np.float64], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return columns of figures (K, C) by class index; NaN of classes that they lack."""
    found = np.full((len(figures), len(classes)), np.nan)
    known = classes < figures.shape[1]
    found[:, known] = figures[:, classes[known]]
    return found


def _on_reference(splits: SplitScores, classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return on how many images of the reference each of some classes is."""
    (there,) = (each for each in splits.scores if each.split == splits.reference)
    images = dict(
        zip(there.classes["class"].tolist(), there.classes["images"].tolist(), strict=True)
    )
    return np.array([images.get(index, 0) for index in classes.tolist()], np.int64)
