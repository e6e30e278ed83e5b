"""Class against class: what became of the objects and the pixels of each class."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import confusion
from core.metrics.confusion import NOTHING
from core.metrics.errors import Kind
from core.metrics.matching import AREA_RANGES, IOU_THRESHOLDS, MAX_RANK
from core.metrics.overlap import Geometry, Pairs, overlapping_pairs
from core.scoring.annotated import annotated_objects
from core.scoring.by_image import found_by_image
from core.scoring.choice import SIZES
from core.scoring.coverage import evaluated_run, scored_images
from core.scoring.pixel_sums import pixel_totals
from core.store import rows
from core.store.queries import counts
from core.store.queries.ask import answer_bytes
from core.structures import ObjectTable

Cursor = duckdb.DuckDBPyConnection


@dataclass(frozen=True, eq=False)
class Assigned:
    """Which annotation each prediction of a run takes when classes are ignored.

    Attributes:
        images: number of images.
        predictions: a row for each prediction that counts: image_id, object_index, predicted
            (class), score, kind (stored), truth (class of the annotation it takes, or
            `NOTHING`), annotation (place in `annotations`, or -1), area (of that annotation, else
            of the prediction), nearest and nearest_iou (object_index of the annotation taken and
            the overlap with it, else those stored) and nearest_class.
        annotations: a row for each annotation, crowd regions left out: image_id, object_index,
            truth (class), area.
    """

    images: int
    predictions: pd.DataFrame
    annotations: pd.DataFrame

    def objects(self, least: float, size: str = "all") -> pd.DataFrame:
        """Return what became of each object, from a least score on.

        A row for each prediction with at least that score and for each annotation that none of
        them takes: image_id, object_index, truth, predicted (`NOTHING` where there is none),
        kind, score (NaN if missed), area, nearest, nearest_iou and nearest_class.

        Args:
            least: predictions with a lower score count as not made.
            size: one of `SIZES`, of the annotation, or of a prediction that takes none.
        """
        made = self.predictions[self.predictions["score"] >= least]
        missed = np.ones(len(self.annotations), np.bool_)
        missed[made["annotation"][made["annotation"] >= 0].to_numpy()] = False
        lost = self.annotations[missed].assign(
            predicted=NOTHING, kind=Kind.MISSED.value, score=np.nan, nearest=NOTHING,
            nearest_iou=np.nan, nearest_class=np.nan,
        )  # fmt: skip
        both = pd.concat([made.drop(columns="annotation"), lost], ignore_index=True)
        return both[both["area"].between(*AREA_RANGES[SIZES.index(size)])]

    def of(self, images: NDArray[np.int64]) -> Assigned:
        """Return the same of some of the images: what is taken is on the image of who takes it.

        Args:
            images: image_id of some of those that the run has answered.
        """
        made = np.flatnonzero(np.isin(self.predictions["image_id"].to_numpy(), images))
        there = np.isin(self.annotations["image_id"].to_numpy(), images)
        # a place behind the last for the -1 of predictions that take nothing
        places = np.append(np.cumsum(there) - 1, -1)
        predictions = self.predictions.take(made).reset_index(drop=True)
        predictions["annotation"] = places[predictions["annotation"].to_numpy()]
        annotations = self.annotations.take(np.flatnonzero(there)).reset_index(drop=True)
        return Assigned(len(images), predictions, annotations)


def assigned_objects(
    cursor: Cursor, run: str, geometry: str, step: int, *, images: Sequence[int] | None = None
) -> Assigned:
    """Return which annotation each prediction takes (`confusion.assign_objects`).

    Predictions that COCO does not count are left out: beyond the best hundred of their image and
    class, or, if they take nothing, excused by a crowd region of their class.

    Args:
        cursor: of `Store.read()`.
        run: name of an evaluated run.
        geometry: "box" or "mask".
        step: one of `IOU_THRESHOLDS`.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: the run is unknown or not evaluated.
    """
    row = evaluated_run(cursor, run)
    image_count, keys = scored_images(cursor, row, images)
    run_id = int(row["run_id"])

    def find() -> Assigned:
        truth = annotated_objects(cursor, int(row["dataset_id"]), row["split"], keys)
        predicted = rows.prediction_table(cursor, run_id, keys)
        matches = counts.match_rows(cursor, run_id, geometry, keys)
        return _assigned(image_count, truth, predicted, matches, geometry, step)

    asked = (run_id, geometry, step)
    return found_by_image("assigned", asked, keys, find, Assigned.of, answer_bytes)


def _assigned(
    images: int,
    truth: ObjectTable,
    predicted: ObjectTable,
    matches: pd.DataFrame,
    geometry: str,
    step: int,
) -> Assigned:
    """Return which annotation each prediction takes; objects and matches are in the same order."""
    pairs = overlapping_pairs(truth, predicted, cast(Geometry, geometry))
    in_rank = matches["rank"].to_numpy() < MAX_RANK
    taken = confusion.assign_objects(truth, predicted, pairs, float(IOU_THRESHOLDS[step]), in_rank)
    excused = (matches["ignored"].to_numpy(np.uint64) >> np.uint64(step)) & np.uint64(1) > 0
    kept = (taken >= 0) | ~excused
    return Assigned(
        images,
        _predictions(truth, matches, pairs, taken)[kept].reset_index(drop=True),
        _annotations(truth),
    )


def object_confusion(objects: pd.DataFrame, class_count: int) -> confusion.Matrix:
    """Return the matrix of rows of `Assigned.objects`, shape (C + 1, C + 1)."""
    ones = np.ones(len(objects), np.int64)
    return confusion.confusion_matrix(objects["truth"], objects["predicted"], ones, class_count)


def pixel_confusion(
    cursor: Cursor, run: str, class_count: int, *, images: Sequence[int] | None = None
) -> tuple[int, confusion.Matrix]:
    """Return the number of images, and the matrix of a run's counted pixels.

    Args:
        cursor: of `Store.read()`.
        run: name of an evaluated run.
        class_count: C, the background that was painted included.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: the run is unknown or not evaluated.
    """
    row = evaluated_run(cursor, run)
    image_count, keys = scored_images(cursor, row, images)
    totals = pixel_totals(cursor, int(row["run_id"]), keys)
    matrix = confusion.confusion_matrix(
        totals["truth"], totals["predicted"], totals["pixels"], class_count
    )
    return image_count, matrix


def confused_objects(
    found: Mapping[int, Assigned],
    least: float,
    *,
    truth: Collection[int] | None = None,
    predicted: Collection[int] | None = None,
    size: str = "all",
) -> pd.DataFrame:
    """Return the objects of some cells of the matrices of some runs, one by one, the surest first.

    Columns as of `queries.failures.failure_objects`, without the names of images: `class` is that
    of the prediction, or of a missed object, and nearest is the annotation that it takes.

    Args:
        found: what the predictions of each run take, by its run_id; of at least one.
        least: predictions with a lower score count as not made.
        truth: class indices of the annotation, `NOTHING` for none, or None for any.
        predicted: class indices of the prediction, `NOTHING` for none, or None for any.
        size: one of `SIZES`.
    """
    parts = []
    for run, assigned in found.items():
        objects = assigned.objects(least, size)
        for column, wanted in (("truth", truth), ("predicted", predicted)):
            objects = objects if wanted is None else objects[objects[column].isin(wanted)]
        parts.append(objects.assign(run_id=run))
    cells = pd.concat(parts, ignore_index=True)
    cells["class"] = cells["predicted"].where(cells["predicted"] != NOTHING, cells["truth"])
    order = ["score", "area", "image_id", "run_id", "object_index"]
    return cells.drop(columns=["truth", "predicted"]).sort_values(
        order, ascending=[False, False, True, True, True], ignore_index=True
    )


def _predictions(
    truth: ObjectTable, matches: pd.DataFrame, pairs: Pairs, taken: NDArray[np.int64]
) -> pd.DataFrame:
    """Return a row for each prediction; a row behind the last annotation stands for none."""
    takes, none = taken >= 0, len(truth)
    row = np.append(pairs.rows, none)[taken]
    nearest = np.where(takes, np.append(truth.indices, -1)[row], matches["nearest"])
    first = np.searchsorted(truth.images, matches["image_id"].to_numpy(np.int64))
    nearest_row = np.where(nearest >= 0, first + nearest, none)
    overlap = np.append(pairs.overlaps, 0.0)[taken]
    return pd.DataFrame(
        {
            "image_id": matches["image_id"],
            "object_index": matches["object_index"],
            "predicted": matches["class"],
            "score": matches["score"],
            "kind": matches["kind"],
            "truth": np.append(truth.categories, NOTHING)[row],
            "annotation": np.append(np.cumsum(~truth.crowd) - 1, -1)[row],
            "area": np.where(takes, np.append(truth.areas, 0.0)[row], matches["area"]),
            "nearest": nearest,
            "nearest_iou": np.where(takes, overlap, matches["nearest_iou"]),
            "nearest_class": np.append(truth.categories.astype(np.float64), np.nan)[nearest_row],
        }
    )


def _annotations(truth: ObjectTable) -> pd.DataFrame:
    counted = ~truth.crowd
    return pd.DataFrame(
        {
            "image_id": truth.images[counted],
            "object_index": truth.indices[counted],
            "truth": truth.categories[counted],
            "area": truth.areas[counted],
        }
    )
