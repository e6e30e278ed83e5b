"""What the store holds of runs, as measures of any multiset of their images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics.pixel_errors import KINDS
from core.metrics.significance import Measure, image_means, object_measure
from core.scoring.choice import SIZES, Choice
from core.scoring.class_names import class_names
from core.scoring.error_shares import ERROR_FIGURES, error_measure
from core.scoring.label_measures import is_label_metric, label_measure
from core.scoring.objects import annotation_table, stored_rows
from core.scoring.panoptic import SEGMENT_FIGURES, segment_measure
from core.scoring.pixel_measures import PIXEL_MEASURES, boundary_measure, pixel_measure
from core.scoring.pixels import BOUNDARY_FIGURE
from core.scoring.single import single_answers
from core.scoring.single_measures import SINGLE_MEASURES, single_measure
from core.store.queries import counts, explore, image_view

Cursor = duckdb.DuckDBPyConnection
Keys = NDArray[np.int64]


def run_measure(
    cursor: Cursor,
    run: Any,  # noqa: ANN401 - a row of `catalogue.runs`
    metric: str,
    images: Keys,
    choice: Choice,
) -> Measure:
    """Return a score that the run has as a measure of some of its images.

    Args:
        cursor: of `Store.read()`.
        run: an evaluated run.
        metric: one of `METRICS`, with a value on these images: see `score_runs`.
        images: (I,) image_id, ascending; all answered by the run.
        choice: how to score.
    """
    names, background = class_names(cursor, run)
    keys = images.tolist()
    if metric in PIXEL_MEASURES:
        rows = counts.pixel_rows(cursor, run.run_id, keys)
        return pixel_measure(metric, rows, images, len(names), background, choice)
    if metric == BOUNDARY_FIGURE:
        rows = counts.boundary_rows(cursor, run.run_id, keys)
        return boundary_measure(rows, images, len(names), background, choice)
    if metric in ERROR_FIGURES:
        errors = counts.pixel_error_rows(cursor, run.run_id, KINDS, keys)
        rows = counts.pixel_rows(cursor, run.run_id, keys)
        return error_measure(metric, errors, rows, images, len(names), background, choice)
    if metric in SEGMENT_FIGURES:
        rows = counts.segment_rows(cursor, run.run_id, keys)
        things = explore.thing_classes(cursor, run.dataset_id, run.split)
        return segment_measure(metric, rows, images, len(names), things, choice)
    if metric in SINGLE_MEASURES:
        return single_measure(metric, single_answers(cursor, run.run_id, keys), len(names))
    if is_label_metric(metric):
        return label_measure(cursor, run, metric, images, len(names), background, choice)
    if metric == "seconds_per_image":
        return _seconds(cursor, run, images)
    return _objects(cursor, run, metric, images, len(names), choice)


def _objects(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    metric: str,
    images: Keys,
    class_count: int,
    choice: Choice,
) -> Measure:
    """Return one of COCO's figures: `metric` is box_ or mask_ and its name."""
    geometry, figure = metric.split("_", 1)
    matches = counts.match_rows(cursor, run.run_id, geometry, images.tolist())
    annotations = counts.annotation_areas(cursor, run.dataset_id, run.split, images.tolist())
    rows, truth = (
        stored_rows(_chosen(matches, choice)),
        annotation_table(_chosen(annotations, choice)),
    )
    return object_measure(
        figure,
        replace(rows, images=np.searchsorted(images, rows.images)),
        replace(truth, images=np.searchsorted(images, truth.images)),
        len(images),
        class_count,
        SIZES.index(choice.size),
    )


def _chosen(rows: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    return rows if choice.classes is None else rows[rows["class"].isin(choice.classes)]


def _seconds(cursor: Cursor, run: Any, images: Keys) -> Measure:  # noqa: ANN401
    answers = image_view.image_answers(cursor, [run.run_id], images.tolist())
    seconds = np.full((len(images), 1), np.nan)
    seconds[np.searchsorted(images, answers["image_id"]), 0] = answers["seconds"]
    return image_means(seconds)
