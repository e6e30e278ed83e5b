"""Stored matches of one run to curves and to AP by any protocol, without matching anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.metrics import detection, sweep
from core.metrics.average_precision import average_precisions
from core.metrics.detection import RECALL_POINTS, MatchRows
from core.scoring.choice import SIZES
from core.scoring.coverage import evaluated_run, scored_images
from core.scoring.objects import stored_positives, stored_rows
from core.store.queries import catalogue, counts

Cursor = duckdb.DuckDBPyConnection
Scores = NDArray[np.float64]

_BEST_100 = -1


@dataclass(frozen=True, eq=False)
class Curves:
    """How a run fares at every least score, at one IoU and for one size.

    Attributes:
        images: number of images.
        together: the chosen classes in one group.
        by_class: every class by itself, chosen or not.
        precision: (101,) COCO's precision at each of `RECALL_POINTS`, the mean over the chosen
            classes that are annotated; NaN where none is.
    """

    images: int
    together: sweep.Sweep
    by_class: sweep.Sweep
    precision: Scores


@dataclass(frozen=True, eq=False)
class PrecisionTable:
    """AP of one run by one protocol.

    Attributes:
        images: number of images.
        positives: (C, 4) annotations that count, see `detection.positives`.
        scores: (T, 4, C) AP at each of `IOU_THRESHOLDS`, for all, small, medium and large
            objects, of each class; NaN where nothing is annotated.
    """

    images: int
    positives: NDArray[np.int64]
    scores: Scores

    def mean(
        self, classes: Sequence[int] | None, steps: slice | int = slice(None), size: str = "all"
    ) -> float:
        """Return the mean AP over some classes and IoU thresholds; NaN if none is annotated."""
        chosen = self.scores[steps, SIZES.index(size)]
        if classes is not None:
            chosen = chosen[..., list(classes)]
        existing = chosen[~np.isnan(chosen)]
        return float(existing.mean()) if existing.size else float("nan")


def curves(
    cursor: Cursor,
    run: str,
    geometry: str,
    step: int,
    *,
    size: str = "all",
    classes: Sequence[int] | None = None,
    images: Sequence[int] | None = None,
) -> Curves:
    """Return the curves of a run.

    Args:
        cursor: of `Store.read()`.
        run: name of an evaluated run.
        geometry: "box" or "mask".
        step: one of `IOU_THRESHOLDS`.
        size: one of `SIZES`.
        classes: class indices that count, or None for all.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: the run is unknown or not evaluated.
    """
    image_count, rows, positives = _matched(cursor, run, geometry, images)
    area = SIZES.index(size)
    by_class = sweep.sweep_classes(rows, positives, step, area)
    if classes is not None:
        rows = rows.where(np.isin(rows.categories, classes))
        positives = positives * np.isin(np.arange(len(positives)), classes)[:, None]
    together = sweep.sweep_together(rows, positives, step, area)
    precision = detection.accumulate(rows, positives).precision[step, :, :, area, _BEST_100]
    return Curves(image_count, together, by_class, _mean_curve(precision))


def precision_table(
    cursor: Cursor,
    run: str,
    geometry: str,
    protocol: str,
    *,
    images: Sequence[int] | None = None,
) -> PrecisionTable:
    """Return AP of a run at every IoU, size and class by one of `AP_PROTOCOLS`.

    Args:
        cursor: of `Store.read()`.
        run: name of an evaluated run.
        geometry: "box" or "mask".
        protocol: one of `AP_PROTOCOLS`.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: the run is unknown or not evaluated.
    """
    image_count, rows, positives = _matched(cursor, run, geometry, images)
    return PrecisionTable(image_count, positives, average_precisions(rows, positives, protocol))


def _matched(
    cursor: Cursor, name: str, geometry: str, images: Sequence[int] | None
) -> tuple[int, MatchRows, NDArray[np.int64]]:
    """Return the number of images, the matches on them and the annotations that count."""
    run = evaluated_run(cursor, name)
    image_count, keys = scored_images(cursor, run, images)
    class_count = len(catalogue.categories(cursor, run["dataset"]))
    annotations = counts.annotation_areas(cursor, int(run["dataset_id"]), run["split"], keys)
    rows = stored_rows(counts.match_bits(cursor, int(run["run_id"]), geometry, keys))
    return image_count, rows, stored_positives(annotations, class_count)


def _mean_curve(precision: Scores) -> Scores:
    """Return the mean of (R, C) over the classes that have a curve, shape (R,)."""
    annotated = precision[:, precision[0] >= 0]
    if not annotated.shape[1]:
        return np.full(len(RECALL_POINTS), np.nan)
    mean: Scores = annotated.mean(axis=1)
    return mean
