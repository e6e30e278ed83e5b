"""Stored matches to COCO's twelve figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import detection
from core.scoring.choice import SIZES, Choice
from core.structures import ObjectTable

Figures = dict[str, float]
ClassFigures = dict[str, NDArray[np.float64]]


def object_scores(
    matches: pd.DataFrame, positives: NDArray[np.int64], choice: Choice
) -> tuple[Figures, ClassFigures]:
    """Return the twelve figures, and the same for each class alone.

    Args:
        matches: rows of `queries.counts.match_rows` or `match_bits` of the images to score.
        positives: (C, 4) annotations of the same images that count, see `stored_positives`.
        choice: which classes and sizes count.

    Returns:
        figures: COCO's names (`detection.FIGURES`) to fractions, NaN without annotations.
        classes: the same names to arrays of shape (C,).
    """
    rows = stored_rows(matches)
    if choice.classes is not None:
        rows = rows.where(np.isin(rows.categories, choice.classes))
        chosen = np.isin(np.arange(len(positives)), choice.classes)
        positives = positives * chosen[:, np.newaxis]
    accumulated = _of_size(detection.accumulate(rows, positives), choice.size)
    return detection.summarize(accumulated), detection.summarize_classes(accumulated)


def stored_rows(matches: pd.DataFrame) -> detection.MatchRows:
    """Return rows of `queries.counts.match_rows` or `match_bits` as the arrays of metrics."""
    return detection.MatchRows(
        images=matches["image_id"].to_numpy(np.int64),
        categories=matches["class"].to_numpy(np.int32),
        scores=matches["score"].to_numpy(np.float64),
        rank=matches["rank"].to_numpy(np.int32),
        hits=matches["hits"].to_numpy(np.uint64),
        ignored=matches["ignored"].to_numpy(np.uint64),
    )


def stored_positives(annotations: pd.DataFrame, class_count: int) -> NDArray[np.int64]:
    """Return how many annotations count for each class and area range, shape (C, 4).

    Args:
        annotations: rows of `queries.counts.annotation_areas`.
        class_count: C.
    """
    return detection.positives(annotation_table(annotations), class_count)


def annotation_table(annotations: pd.DataFrame) -> ObjectTable:
    """Return the columns that `detection.positives` looks at; boxes play no part in it."""
    count = len(annotations)
    return ObjectTable(
        images=annotations["image_id"].to_numpy(np.int64),
        indices=annotations["object_index"].to_numpy(np.int32),
        categories=annotations["class"].to_numpy(np.int32),
        boxes=np.zeros((count, 4)),
        areas=annotations["area"].to_numpy(np.float64),
        crowd=annotations["crowd"].to_numpy(np.bool_),
        scores=None,
        masks=None,
        heights=np.zeros(count, np.int32),
    )


def _of_size(accumulated: detection.Accumulated, size: str) -> detection.Accumulated:
    """Let the figures over all areas speak of one size only."""
    area = SIZES.index(size)
    if area == 0:
        return accumulated
    areas = [area, 1, 2, 3]
    return detection.Accumulated(
        precision=accumulated.precision[:, :, :, areas],
        recall=accumulated.recall[:, :, areas],
    )
