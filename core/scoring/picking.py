"""The best run of each image, and what always taking it would score: a bound, no system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import agreement, detection, pixel
from core.metrics.detection import MatchRows
from core.scoring.agreement import Keys, honest_runs
from core.scoring.class_names import class_names
from core.scoring.objects import annotation_table, stored_rows
from core.store.queries import counts
from core.store.queries.ask import together

Cursor = duckdb.DuckDBPyConnection
Scores = NDArray[np.float64]

PICKED_METRICS: Final = ("miou", "box_ap", "mask_ap")


@dataclass(frozen=True, eq=False)
class Picking:
    """The score of each run on each image, and of the best run of each image taken together.

    Attributes:
        runs: their names.
        images: (I,) image_id, ascending.
        scores: (R, I) of each image by itself, NaN where it has none.
        overall: (R,) of all images.
        chosen: (I,) place of the run taken on each image, see `agreement.picks`.
        pooled: the score of what was taken, of all images.
    """

    runs: tuple[str, ...]
    images: Keys
    scores: Scores
    overall: Scores
    chosen: NDArray[np.int64]
    pooled: float

    def wins(self) -> pd.DataFrame:
        """Return on how many images each run is best.

        Columns: run, score (of all images), best (alone), tied (best together with others).
        Images on which no run has a score count for none.
        """
        best = agreement.best_of(self.scores)
        alone = best.sum(axis=0) == 1
        return pd.DataFrame(
            {
                "run": list(self.runs),
                "score": self.overall,
                "best": (best & alone).sum(axis=1),
                "tied": (best & ~alone).sum(axis=1),
            }
        )

    @property
    def scored(self) -> int:
        """Return on how many images a run has a score."""
        return int((~np.isnan(self.scores)).any(axis=0).sum())


def best_picks(
    cursor: Cursor, runs: Sequence[str], metric: str, *, images: Sequence[int] | None = None
) -> Picking:
    """Return the best run of each image, and the score of what it says taken together.

    The score of all images is made anew from the stored matches or counts of what was taken; it
    is no mean of the images' scores.

    Args:
        cursor: of `Store.read()`.
        runs: names of evaluated runs of one split that have the score.
        metric: one of `PICKED_METRICS`.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: see `honest_runs`.
    """
    named, common = honest_runs(cursor, runs, images)
    if metric not in PICKED_METRICS:
        raise ValueError(f"{metric!r} of single images is not known; known: {PICKED_METRICS}")
    with together(named["run_id"].tolist(), len(common)):
        if metric == "miou":
            picked = _of_pixels(cursor, named, common)
        else:
            picked = _of_objects(cursor, named, metric.split("_")[0], common)
    return Picking(tuple(runs), common, *picked)


def class_wins(classes: Sequence[pd.DataFrame], runs: Sequence[str], metric: str) -> pd.DataFrame:
    """Return the best run of each class that a run has a score for.

    Columns: class, name, best (the runs that have it, several where they tie), score, others
    (the highest score of the runs that are not best; NaN if there is none).

    Args:
        classes: `RunScores.classes` of each run.
        runs: their names.
        metric: one that classes have.
    """
    frame = classes[0][["class", "name"]].reset_index(drop=True)
    scores = np.array([each[metric].to_numpy(np.float64) for each in classes])
    best = agreement.best_of(scores)
    others = np.where(best | np.isnan(scores), -np.inf, scores).max(axis=0)
    frame["best"] = [
        tuple(run for run, is_best in zip(runs, column, strict=True) if is_best)
        for column in best.T
    ]
    frame["score"] = np.where(best, scores, -np.inf).max(axis=0)
    frame["others"] = np.where(np.isinf(others), np.nan, others)
    return frame.iloc[np.flatnonzero(best.any(axis=0))].reset_index(drop=True)


_Picked = tuple[Scores, Scores, NDArray[np.int64], float]


def _of_objects(cursor: Cursor, named: pd.DataFrame, geometry: str, images: Keys) -> _Picked:
    place = named.iloc[0]
    class_count = len(class_names(cursor, place)[0])
    truth = annotation_table(
        counts.annotation_areas(cursor, int(place["dataset_id"]), place["split"], images.tolist())
    )
    positives = detection.positives(truth, class_count)
    found = [
        stored_rows(counts.match_bits(cursor, int(run), geometry, images.tolist()))
        for run in named["run_id"]
    ]
    scores = np.array([agreement.image_precisions(rows, truth, images) for rows in found])
    overall = np.array([_average_precision(rows, positives) for rows in found])
    chosen = agreement.picks(scores, overall)
    taken = [
        rows.where(chosen[np.searchsorted(images, rows.images)] == run)
        for run, rows in enumerate(found)
    ]
    return scores, overall, chosen, _average_precision(_joined(taken), positives)


def _average_precision(rows: MatchRows, positives: NDArray[np.int64]) -> float:
    return detection.summarize(detection.accumulate(rows, positives))["ap"]


def _joined(parts: Sequence[MatchRows]) -> MatchRows:
    columns: list[Any] = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("images", "categories", "scores", "rank", "hits", "ignored")
    ]
    return MatchRows(*columns)


def _of_pixels(cursor: Cursor, named: pd.DataFrame, images: Keys) -> _Picked:
    class_count = len(class_names(cursor, named.iloc[0])[0])
    found = [
        _tallies(counts.pixel_rows(cursor, int(run), images.tolist()), images, class_count)
        for run in named["run_id"]
    ]
    scores = np.array([pixel.mean_iou(each) for each in found])
    overall = np.array([_mean_iou(each) for each in found])
    chosen = agreement.picks(scores, overall)
    places = np.arange(len(images))
    taken = pixel.Tally(
        *(
            np.stack([getattr(each, part) for each in found])[chosen, places]
            for part in ("tp", "fp", "fn")
        )
    )
    return scores, overall, chosen, _mean_iou(taken)


def _tallies(rows: pd.DataFrame, images: Keys, class_count: int) -> pixel.Tally:
    """Return the tallies of all images, shape (I, C): zeros of those without a labelled pixel."""
    key, truth, predicted, pixels = (
        rows[name].to_numpy(np.int64) for name in ("image_id", "truth", "predicted", "pixels")
    )
    keys, own = pixel.tallies(key, truth, predicted, pixels, class_count)
    places = np.searchsorted(images, keys)
    parts = []
    for part in (own.tp, own.fp, own.fn):
        whole = np.zeros((len(images), class_count), np.int64)
        whole[places] = part
        parts.append(whole)
    return pixel.Tally(*parts)


def _mean_iou(tallies: pixel.Tally) -> float:
    """Return the mIoU of the images together, by mmsegmentation's rule."""
    total = pixel.Tally(*(part.sum(axis=0) for part in (tallies.tp, tallies.fp, tallies.fn)))
    return float(pixel.mean_iou(total))
