"""Image labels, as a system says them or as they follow from what it found, to measures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.metrics import image_labels
from core.metrics.image_labels import FIXED_THRESHOLD, ImageLabels, LabelCounts
from core.metrics.ratios import mean_of_classes
from core.metrics.significance import (
    Amounts,
    LabelPrecision,
    Measure,
    Sums,
    calibration_measure,
)
from core.scoring.choice import Choice
from core.scoring.image_labels import DERIVED, SAID, averaged_labels, labels_of, tuned_threshold

Scores = NDArray[np.float64]

_COUNTED: Final[dict[str, Callable[[LabelCounts], Scores]]] = {
    "f1": image_labels.f1,
    "precision": image_labels.precision,
    "recall": image_labels.recall,
}


def is_label_metric(metric: str) -> bool:
    """Return whether a metric speaks of image labels."""
    return metric.startswith((SAID, DERIVED))


def label_measure(
    cursor: duckdb.DuckDBPyConnection,
    run: Any,  # noqa: ANN401 - a row of `catalogue.runs`
    metric: str,
    images: NDArray[np.int64],
    class_count: int,
    background: int | None,
    choice: Choice,
) -> Measure:
    """Return a score of image labels as a measure; after it each class, where classes have it.

    Args:
        cursor: of `Store.read()`.
        run: that has the score on these images.
        metric: one of `METRICS` that `is_label_metric`.
        images: (I,) image_id, ascending; all answered by the run.
        class_count: C.
        background: class index that is no label, or None.
        choice: the classes that are averaged.
    """
    kind = SAID if metric.startswith(SAID) else DERIVED
    labels = labels_of(cursor, run, images.tolist(), class_count, background)[kind]
    averaged = tuple(averaged_labels(class_count, background, choice))
    figure = metric.removeprefix(f"{kind}_")
    if figure == "ap":
        return LabelPrecision(labels, averaged)
    if figure == "ece":
        said = labels.of(averaged)
        known = np.nonzero(said.known)
        return calibration_measure(
            len(images), known[0], said.probabilities[known], said.shown[known]
        )
    if figure == "f1_tuned":
        tuned = tuned_threshold(cursor, run, class_count, background, choice)
        if tuned is None:
            raise UsageError(f"{run.run} has no run on another split to choose a threshold on.")
        every = tuple(range(len(averaged)))
        amounts = _amounts(labels.of(averaged), tuned.threshold)
        return Sums(amounts, partial(_of_sums, figure="f1", averaged=every, classes=False))
    amounts = _amounts(labels, FIXED_THRESHOLD)
    return Sums(amounts, partial(_of_sums, figure=figure, averaged=averaged, classes=True))


def _amounts(labels: ImageLabels, threshold: float) -> Amounts:
    """Return of each image C columns each of tp, fp and fn; see `image_labels.count_labels`."""
    said = labels.probabilities >= threshold
    shown, known = labels.shown, labels.known
    table = np.hstack([shown & said & known, ~shown & said & known, shown & ~said & known])
    return Amounts.of_table(table)


def _of_sums(sums: Scores, figure: str, averaged: tuple[int, ...], *, classes: bool) -> Scores:
    counts = LabelCounts(*np.split(sums.astype(np.int64), 3, axis=1))
    scores = _COUNTED[figure](counts)
    mean = mean_of_classes(scores[:, list(averaged)])[:, np.newaxis]
    return np.hstack([mean, scores]) if classes else mean
