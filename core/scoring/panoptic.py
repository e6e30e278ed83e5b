"""Stored counts of panoptic segments to scores, and to measures of any multiset of images."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import panoptic
from core.metrics.ratios import mean_of_classes
from core.metrics.significance import Amounts, Sums
from core.scoring.choice import Choice

Scores = NDArray[np.float64]
Keys = NDArray[np.int64]
Formula = Callable[[panoptic.SegmentTally], Scores]

CLASS_FIGURES: Final[dict[str, Formula]] = {
    "pq": panoptic.panoptic_quality,
    "sq": panoptic.segmentation_quality,
    "rq": panoptic.recognition_quality,
}
SEGMENT_FIGURES: Final = tuple(
    f"{name}{group}" for group in ("", "_things", "_stuff") for name in CLASS_FIGURES
)


def segment_scores(
    rows: pd.DataFrame, class_count: int, things: Keys, choice: Choice
) -> tuple[dict[str, float], dict[str, Scores]]:
    """Return PQ, SQ and RQ of all classes, of things and of stuff, and those of each class.

    Args:
        rows: of `queries.counts.segment_rows` of one run.
        class_count: C, a background that was painted included.
        things: class indices whose segments are objects.
        choice: which classes are averaged.

    Returns:
        figures: `SEGMENT_FIGURES`, NaN where a score is undefined.
        classes: `CLASS_FIGURES` of each class, shape (C,).
    """
    tally = _tallies(rows, class_count)[1].summed()
    figures = {
        name: float(_mean(name, tally, _averaged(name, class_count, things, choice)))
        for name in SEGMENT_FIGURES
    }
    return figures, {name: formula(tally) for name, formula in CLASS_FIGURES.items()}


def segment_measure(
    name: str, rows: pd.DataFrame, images: Keys, class_count: int, things: Keys, choice: Choice
) -> Sums:
    """Return one of `SEGMENT_FIGURES` as a measure; after it each class, if it is of all.

    Args:
        name: of the figure.
        rows: of `queries.counts.segment_rows` of one run on these images.
        images: (I,) image_id, ascending.
        class_count: C, a background that was painted included.
        things: class indices whose segments are objects.
        choice: which classes are averaged.
    """
    seen, tallies = _tallies(rows, class_count)
    table = np.zeros((len(images), 4 * class_count))
    table[np.searchsorted(images, seen)] = np.hstack(tallies.parts)
    averaged = _averaged(name, class_count, things, choice)
    return Sums(Amounts.of_table(table), partial(_of_sums, name=name, averaged=averaged))


def _of_sums(sums: Scores, name: str, averaged: NDArray[np.bool_]) -> Scores:
    """Return (R, F) the score of sums (R, 4 C), and of each class where classes have it."""
    tally = panoptic.SegmentTally(*np.split(sums, 4, axis=1))
    mean = _mean(name, tally, averaged)[:, np.newaxis]
    return np.hstack([mean, CLASS_FIGURES[name](tally)]) if name in CLASS_FIGURES else mean


def _mean(name: str, tally: panoptic.SegmentTally, averaged: NDArray[np.bool_]) -> Scores:
    formula = CLASS_FIGURES[name.split("_")[0]]
    return mean_of_classes(formula(tally)[..., averaged])


def _averaged(name: str, class_count: int, things: Keys, choice: Choice) -> NDArray[np.bool_]:
    """Return (C,) the classes that a figure averages; those without segments have no score."""
    classes = np.arange(class_count)
    chosen = np.isin(classes, classes if choice.classes is None else choice.classes)
    if name in CLASS_FIGURES:
        return chosen
    of_group: NDArray[np.bool_] = np.isin(classes, things) == name.endswith("_things")
    return chosen & of_group


def _tallies(rows: pd.DataFrame, class_count: int) -> tuple[Keys, panoptic.SegmentTally]:
    return panoptic.tallies(
        rows["image_id"], rows["class"], rows[["tp", "fp", "fn", "iou"]], class_count
    )
