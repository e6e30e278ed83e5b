"""Runs beside each other: which objects and images they get right together, and which alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, cast

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import UsageError
from core.metrics import agreement, pixel
from core.metrics.matching import annotations_hit
from core.metrics.overlap import Geometry
from core.scoring.annotated import annotated_objects
from core.scoring.class_names import class_names
from core.scoring.coverage import coverage, named_runs, require_counts
from core.scoring.transfer import oracle_of
from core.store import rows
from core.store.queries import image_view
from core.structures import ObjectTable

Cursor = duckdb.DuckDBPyConnection
Keys = NDArray[np.int64]

_IMAGES_AT_ONCE: Final = 64


@dataclass(frozen=True, eq=False)
class Hits:
    """Which annotated objects each run finds.

    Attributes:
        runs: their names.
        images: number of images that all runs have answered.
        annotations: a row for each annotated object, crowd regions left out: image_id,
            object_index, class, area.
        found: (R, N) whether a run finds each of them.
    """

    runs: tuple[str, ...]
    images: int
    annotations: pd.DataFrame
    found: NDArray[np.bool_]

    @property
    def pairs(self) -> agreement.PairCounts:
        """Return what pairs of runs find together."""
        return agreement.pair_counts(self.found)

    @property
    def missed_by_all(self) -> pd.DataFrame:
        """Return the rows of `annotations` that no run finds, the largest first."""
        missed = self.annotations.iloc[np.flatnonzero(~self.found.any(axis=0))]
        return missed.sort_values(
            ["area", "image_id", "object_index"], ascending=[False, True, True], ignore_index=True
        )


def honest_runs(
    cursor: Cursor, runs: Sequence[str], images: Sequence[int] | None = None
) -> tuple[pd.DataFrame, Keys]:
    """Return the rows of `catalogue.runs` of the runs, and the images that all have answered.

    Args:
        cursor: of `Store.read()`.
        runs: names of evaluated runs of one split.
        images: image_id of the images that count, or None for all.

    Returns:
        The rows in the order of the names, and image_id, ascending.

    Raises:
        UsageError: a run is unknown, not evaluated or was told a part of the truth, they speak of
            different splits, or have no image in common.
    """
    named = named_runs(cursor, runs)
    for run in named.itertuples(index=False):
        require_counts(run)
        if oracle := oracle_of(str(run.settings)):
            raise UsageError(
                f"Run {run.run!r} was told the true {oracle}, so what it agrees with is the "
                "annotation itself. Name runs of systems alone."
            )
    if len(set(zip(named["dataset"], named["split"], strict=True))) != 1:
        there = ", ".join(f"{run.run} on {run.dataset} {run.split}" for run in named.itertuples())
        raise UsageError(f"Runs of one split are needed; these are {there or 'none'}.")
    common = np.array(coverage(cursor, runs).common, np.int64)
    if images is not None:
        common = common[np.isin(common, np.asarray(images, np.int64))]
    if not len(common):
        raise UsageError(f"{' and '.join(runs)} have no image in common. Choose other runs.")
    return named, common


def object_hits(
    cursor: Cursor,
    runs: Sequence[str],
    geometry: str,
    step: int,
    least: float,
    *,
    images: Sequence[int] | None = None,
) -> Hits:
    """Return which annotated objects each run finds, by COCO's matching.

    Overlaps are those of the stored objects; nothing is predicted again.

    Args:
        cursor: of `Store.read()`.
        runs: names of evaluated runs of one split.
        geometry: "box" or "mask".
        step: one of `IOU_THRESHOLDS`: from which overlap on an object is found.
        least: predictions with a lower score count as not made.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: see `honest_runs`.
    """
    named, common = honest_runs(cursor, runs, images)
    require_objects(named, geometry)
    place = named.iloc[0]
    truth = annotated_objects(cursor, int(place["dataset_id"]), place["split"], common.tolist())
    counted = ~truth.crowd
    found = np.zeros((len(named), len(truth)), np.bool_)
    for own, run in zip(found, named["run_id"], strict=True):
        predicted = surest(rows.prediction_table(cursor, int(run), common.tolist()), least)
        hit = annotations_hit(truth, predicted, cast(Geometry, geometry), step)
        own[hit[hit >= 0]] = True
    annotations = pd.DataFrame(
        {
            "image_id": truth.images[counted],
            "object_index": truth.indices[counted],
            "class": truth.categories[counted],
            "area": truth.areas[counted],
        }
    )
    return Hits(tuple(runs), len(common), annotations, found[:, counted])


def require_objects(named: pd.DataFrame, geometry: str) -> None:
    """Refuse runs that predicted no boxes, or no masks.

    Args:
        named: rows of `catalogue.runs`.
        geometry: "box" or "mask".

    Raises:
        UsageError: naming the first of them.
    """
    word, column = {"box": ("boxes", "has_boxes"), "mask": ("masks", "has_masks")}[geometry]
    _require(named, named[column].astype(bool), word)


def require_pixels(named: pd.DataFrame) -> None:
    """Refuse runs whose pixels were not counted.

    Args:
        named: rows of `catalogue.runs`.

    Raises:
        UsageError: naming the first of them.
    """
    _require(named, named["pixel_source"].notna(), "pixels")


def surest(predicted: ObjectTable, least: float) -> ObjectTable:
    """Return the predictions with at least a score."""
    if predicted.scores is None:
        raise ValueError("predictions need scores; this table has none")
    return predicted.where(predicted.scores >= least)


def pixel_agreement(
    cursor: Cursor, runs: Sequence[str], *, images: Sequence[int] | None = None
) -> tuple[NDArray[np.int64], int]:
    """Return on how many pixels each pair of runs predicts the same class, and of how many.

    Void pixels of the annotation count too: it plays no part. Pixels that a run left without
    an answer agree with nothing.

    Args:
        cursor: of `Store.read()`.
        runs: names of evaluated runs of one split that predicted label maps.
        images: image_id of the images that count, or None for all.

    Returns:
        (R, R) pixels of the same class, and the pixels of all images.

    Raises:
        UsageError: see `honest_runs`, or a run has no label maps.
    """
    named, common = honest_runs(cursor, runs, images)
    _require(named, named["has_label_maps"].astype(bool), "label maps")
    names, _ = class_names(cursor, next(named.itertuples(index=False)))
    same = np.zeros((len(named), len(named)), np.int64)
    total = 0
    for start in range(0, len(common), _IMAGES_AT_ONCE):
        block = common[start : start + _IMAGES_AT_ONCE].tolist()
        sizes = image_view.image_records(cursor, block)
        total += int((sizes["height"] * sizes["width"]).sum())
        maps = image_view.prediction_maps(cursor, named["run_id"].tolist(), block)
        for _, own in maps.groupby("image_id"):
            same += _same_pixels(own, named["run_id"].tolist(), len(names))
    return same, total


def _same_pixels(maps: pd.DataFrame, runs: Sequence[int], class_count: int) -> NDArray[np.int64]:
    """Return the pixels of one image that pairs of runs give the same class, shape (R, R)."""
    blobs = dict(zip(maps["run_id"], maps["label_map"], strict=True))
    same = np.zeros((len(runs), len(runs)), np.int64)
    pairs = [(place, place) for place in range(len(runs))] + [*combinations(range(len(runs)), 2)]
    for first, second in pairs:
        counts = pixel.count_runs(
            bytes(blobs[runs[first]]), bytes(blobs[runs[second]]), class_count
        )
        alike = counts.pixels[counts.truth == counts.predicted].sum()
        same[first, second] = same[second, first] = alike
    return same


def _require(named: pd.DataFrame, there: pd.Series, word: str) -> None:
    without = named.loc[~there, "run"].tolist()
    if without:
        raise UsageError(
            f"Run {without[0]!r} has no {word} that could be held against those of other runs. "
            f"Name runs with {word}."
        )
