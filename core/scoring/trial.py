"""Runs on the same images: whose score is better, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import UsageError
from core.metrics import METRICS
from core.metrics import significance as chance
from core.scoring.choice import Choice
from core.scoring.coverage import Coverage, coverage, named_runs
from core.scoring.measures import run_measure
from core.scoring.runs import RunScores, score_runs
from core.store.queries.ask import together

FEW_IMAGES: Final = 10
RESAMPLES: Final = 2000
MOST_RESAMPLES: Final = 100_000


@dataclass(frozen=True, eq=False)
class Trial:
    """Runs held against each other by one score, and what chance makes of it so far.

    Attributes:
        metric: one of `METRICS`.
        scores: of the runs, on the same images.
        answered: run name to the number of images that it has answered.
        images: how many of them are compared.
        study: the runs in their order; every pair of them.
    """

    metric: str
    scores: tuple[RunScores, ...]
    answered: dict[str, int]
    images: int
    study: chance.Study

    def extended(self, resamples: int, threads: int | None = None) -> Trial:
        """Return the trial with at least so many resamples, see `significance.extended`."""
        return replace(self, study=chance.extended(self.study, resamples, threads))

    @property
    def enough(self) -> int:
        """Return how many resamples the smallest p needs to survive the correction twice over."""
        return enough_resamples(max(self.study.extremes.shape) if self.study.pairs else 0)

    @property
    def done(self) -> int:
        """Return how often the images were drawn anew so far."""
        return self.study.resamples

    @property
    def complete(self) -> bool:
        """Return whether `enough` has been drawn."""
        return self.done >= self.enough


def enough_resamples(comparisons: int) -> int:
    """Return how many resamples the smallest p of some comparisons needs to survive twice over."""
    return max(RESAMPLES, int(2 * comparisons / chance.LEVEL))


def begin_trial(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[str],
    metric: str,
    *,
    images: Sequence[int] | None = None,
    choice: Choice = Choice(),  # noqa: B008 - frozen, without state
    seed: int = 0,
    classes: bool = True,
) -> Trial:
    """Return `begin_trials` of one score."""
    (trial,) = begin_trials(
        cursor, runs, [metric], images=images, choice=choice, seed=seed, classes=classes
    )
    return trial


def begin_trials(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[str],
    metrics: Sequence[str],
    *,
    images: Sequence[int] | None = None,
    choice: Choice = Choice(),  # noqa: B008 - frozen, without state
    seed: int = 0,
    classes: bool = True,
) -> list[Trial]:
    """Return each score of the runs on the images that all have answered; nothing is drawn yet.

    Args:
        cursor: of `Store.read()`.
        runs: names of runs of one data set.
        metrics: of `METRICS`.
        images: image_id of the images to look at, or None for all.
        choice: how to score.
        seed: of everything that will be drawn.
        classes: whether the score of each class is drawn too, where classes have it.

    Raises:
        UsageError: the runs have no class, no image or not these scores in common.
    """
    shared = coverage(cursor, runs)
    common = _common(runs, shared, images)
    scores = tuple(score_runs(cursor, runs, images=common.tolist(), choice=choice))
    named = named_runs(cursor, runs)
    rows = list(named.itertuples(index=False))
    pairs = list(combinations(range(len(runs)), 2))
    trials = []
    for metric in metrics:
        for one in scores:
            _require(one, metric)
        with together(named["run_id"].tolist(), len(common)):
            measures = [run_measure(cursor, row, metric, common, choice) for row in rows]
        if not classes:
            measures = [chance.Overall(measure) for measure in measures]
        study = chance.begin(measures, pairs, seed)
        trials.append(Trial(metric, scores, shared.images, len(common), study))
    return trials


def differences(
    trial: Trial,
    correction: str = "holm",
    names: Collection[str] | None = None,
    *,
    only: int | None = None,
) -> pd.DataFrame:
    """Return what the second run of a trial of two has more than the first.

    Columns: class (index, -1 for the score of all), name ("" for it), images (that hold the
    class), difference, low and high (95 % interval), p, p_adjusted (corrected over the classes;
    of the score of all it is p), reliable (the class is on `FEW_IMAGES` images or more). A row
    for the score of all, then one for each class that both runs have a score for.

    Args:
        trial: of two runs.
        correction: a name in `significance.CORRECTIONS`.
        names: of the classes to look at, which are those corrected over, or None for all.
        only: class of the only row to return, or None for all rows.
    """
    rows = compared(trial, names)
    adjusted, of_class = rows["p"].to_numpy(copy=True), rows["class"].to_numpy() >= 0
    adjusted[of_class] = chance.CORRECTIONS[correction](adjusted[of_class])
    rows["p_adjusted"] = adjusted
    if only is not None:
        rows = rows[rows["class"].to_numpy() == only].reset_index(drop=True)
    figures = 1 + rows["class"].to_numpy()
    rows["difference"] = trial.study.difference(0)[figures]
    rows["low"], rows["high"] = trial.study.difference_interval(0, figures)
    rows["reliable"] = rows["images"] >= FEW_IMAGES
    columns = ["class", "name", "images", "difference", "low", "high", "p", "p_adjusted"]
    return rows[[*columns, "reliable"]]


def compared(trial: Trial, names: Collection[str] | None = None) -> pd.DataFrame:
    """Return class, name, images and p of each row of `differences`, without intervals.

    Args:
        trial: of two runs.
        names: of the classes to look at, or None for all.
    """
    scored = _scored_classes(trial)
    classes = np.append(-1, scored["class"].to_numpy(np.int64))
    kept = ~np.isnan(trial.study.difference(0)[1 + classes])
    if names is not None:
        kept[1:] &= scored["name"].isin(names).to_numpy()
    texts = np.append("", scored["name"].to_numpy(object))
    return pd.DataFrame(
        {
            "class": classes[kept],
            "name": pd.array(texts[kept], dtype="str"),
            "images": np.append(trial.images, scored["images"].to_numpy(np.int64))[kept],
            "p": trial.study.p(0)[1 + classes[kept]],
        }
    )


def ranking(trial: Trial, correction: str = "holm") -> pd.DataFrame:
    """Return a row for each run of a trial, the best first.

    Columns: run, score, low and high (its 95 % interval), p (against the best run, corrected
    over all pairs; NaN for the best itself), group (letters: runs that share one cannot be told
    apart).

    Args:
        trial: of any runs.
        correction: a name in `significance.CORRECTIONS`, over all pairs of runs.
    """
    study = trial.study
    pair_p = np.array([study.p(pair)[0] for pair in range(len(study.pairs))])
    p = np.full((len(trial.scores), len(trial.scores)), np.nan)
    for (first, second), adjusted in zip(
        study.pairs, chance.CORRECTIONS[correction](pair_p), strict=True
    ):
        p[first, second] = p[second, first] = adjusted
    sign = 1 if METRICS[trial.metric].higher_is_better else -1
    order = np.argsort(-sign * study.observed[:, 0], kind="stable")
    intervals = np.array([study.score_interval(run)[:, 0] for run in order])
    letters = chance.letters(order.tolist(), p < chance.LEVEL)
    return pd.DataFrame(
        {
            "run": [trial.scores[run].run for run in order],
            "score": study.observed[order, 0],
            "low": intervals[:, 0],
            "high": intervals[:, 1],
            "p": p[order[0], order],
            "group": [letters[run] for run in order],
        }
    )


def method(trial: Trial) -> str:
    """Return by which rules the intervals and p values of a trial are made, in one sentence."""
    study = trial.study
    swaps = (
        f"all {study.swaps:,} swaps of the two runs on these images, exact"
        if study.exact
        else f"{study.swaps:,} random swaps of the two runs image by image"
    )
    return (
        f"95 % intervals: bias-corrected percentiles of {study.resamples:,} resamples of the "
        f"{trial.images:,} images; p: {swaps}, two-sided; seed {study.seed}"
    )


def _common(
    runs: Sequence[str], shared: Coverage, images: Sequence[int] | None
) -> NDArray[np.int64]:
    """Return (I,) image_id, ascending, of the images to compare on."""
    if not shared.same_classes:
        raise UsageError(
            f"{' and '.join(runs)} speak of different data sets, so their classes cannot be "
            "compared. Choose runs of one data set."
        )
    common = np.array(shared.common, np.int64)
    if images is not None:
        common = common[np.isin(common, np.asarray(images, np.int64))]
    if not len(common):
        asked = "" if images is None else " among those asked for"
        raise UsageError(
            f"{' and '.join(runs)} have no image in common{asked}. Choose runs of one split, and "
            "images that all have answered."
        )
    return common


def _require(scores: RunScores, metric: str) -> None:
    if scores.scores[metric] is None:
        there = ", ".join(name for name, score in scores.scores.items() if score is not None)
        raise UsageError(f"{scores.run} has no {metric} here. It has: {there or 'no score'}.")


def _scored_classes(trial: Trial) -> pd.DataFrame:
    """Return class, name and images of the classes, none where classes have no such score."""
    if trial.study.observed.shape[1] == 1:
        return pd.DataFrame({"class": [], "name": [], "images": []})
    # a run without pixel counts does not know on how many images the background is
    images = np.max([scores.classes["images"] for scores in trial.scores], axis=0)
    return trial.scores[0].classes[["class", "name"]].assign(images=images)
