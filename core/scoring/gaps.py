"""What a system loses between splits, and how sure each gap is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import duckdb
import numpy as np
import pandas as pd

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

SURE: Final = ["low", "high", "p"]


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
    rows = []
    for metric in metrics:
        for each in trial.splits.scores:
            score = each.scores[metric]
            own = _figures(trial, metric, each.split).loc[-1].to_dict()
            place = {"metric": metric, "split": each.split, "role": trial.splits.roles[each.split]}
            rows.append(place | {"images": each.images, "score": score} | own)
    columns = ["metric", "split", "role", "images", "score", "gap", *SURE]
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
    frames = [_of_split(trial, each, metric, correction) for each in trial.splits.scores]
    rows = pd.concat([frame.reset_index() for frame in frames])
    sure = [*SURE, "p_adjusted"]
    columns = ["class", "name", "split", "role", "images", "score", "gap", *sure, "overfits"]
    return rows.dropna(subset=["score"])[columns].reset_index(drop=True)


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


def _figures(trial: GapTrial, metric: str, split: str) -> pd.DataFrame:
    """Return gap, low, high and p of a split, by class; -1 is the score of all."""
    columns = ["gap", *SURE]
    place = trial.places.get(metric, {}).get(split)
    if place is None or split == trial.splits.reference:
        return pd.DataFrame(np.nan, index=[-1], columns=columns)
    study = trial.studies[metric]
    table = np.vstack([study.gap(place), study.gap_interval(place), study.p(place)])
    return pd.DataFrame(table.T, columns=columns, index=range(-1, table.shape[1] - 1))


def _of_split(trial: GapTrial, scores: RunScores, metric: str, correction: str) -> pd.DataFrame:
    """Return the rows of `class_gaps` of one split, by class."""
    classes = scores.classes.set_index("class")
    there = _of_reference(trial.splits).reindex(classes.index)
    own = classes[["name", "images"]].assign(
        split=scores.split,
        role=trial.splits.roles[scores.split],
        score=classes.get(metric, np.nan),
    )
    own = own.join(_figures(trial, metric, scores.split))
    own["p_adjusted"] = chance.CORRECTIONS[correction](own["p"].to_numpy(np.float64))
    sure = own["p_adjusted"] < chance.LEVEL
    by_heart = overfits(own["gap"], sure, own["images"], there["images"])
    return own.assign(overfits=by_heart & (own["role"] == LEARNT))


def _of_reference(splits: SplitScores) -> pd.DataFrame:
    (there,) = (each for each in splits.scores if each.split == splits.reference)
    return there.classes.set_index("class")
