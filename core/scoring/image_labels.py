"""Scores of image labels: as a system says them, and as they follow from what it found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import calibration, image_labels
from core.metrics.image_labels import FIXED_THRESHOLD, LEAST_PIXELS, ImageLabels
from core.metrics.ratios import mean_of_classes
from core.scoring.choice import Choice
from core.scoring.transfer import same_system
from core.store.memory import remembered
from core.store.queries import catalogue
from core.store.queries import image_labels as questions
from core.store.queries.ask import answer_bytes
from core.store.queries.image_labels import LabelQuestion

Cursor = duckdb.DuckDBPyConnection
Figures = dict[str, float]
ClassFigures = dict[str, NDArray[np.float64]]
SAID, DERIVED = "image_label", "derived_label"
FIRST_SPLIT, NEVER_SPLIT = "val", "test"


@dataclass(frozen=True)
class Tuned:
    """A threshold of image labels that was chosen on another split.

    Attributes:
        threshold: a fraction.
        run: name of the run it was chosen on.
        split: that run's split.
    """

    threshold: float
    run: str
    split: str


@dataclass(frozen=True)
class LabelScores:
    """The scores of a run's image labels.

    Attributes:
        figures: by their names in METRICS.
        classes: scores of each class, (C,), by the same names.
        tuned: with which threshold the tuned F1 was counted, or None.
        reliability: how sure the system's own labels are against how right, of all averaged
            pairs of image and class; None where it says none.
    """

    figures: Figures
    classes: ClassFigures
    tuned: Tuned | None = None
    reliability: calibration.Reliability | None = None

    @property
    def rules(self) -> list[str]:
        """Return by which thresholds labels of the system's own were counted, in words."""
        if f"{SAID}_f1" not in self.figures:
            return []
        rules = [f"image labels from a probability of {FIXED_THRESHOLD:.2f} on"]
        if self.tuned is not None:
            where = f"chosen on {self.tuned.split} with {self.tuned.run}"
            rules.append(f"tuned from {self.tuned.threshold:.2f} on, {where}")
        return rules


NOTHING = LabelScores({}, {})


def label_scores(
    cursor: Cursor,
    run: Any,  # noqa: ANN401 - a row of `catalogue.runs`
    images: Sequence[int] | None,
    class_count: int,
    background: int | None,
    choice: Choice,
) -> LabelScores:
    """Return the scores of the classes that a run says, or shows by what it found.

    There are none where no image shows any class, or where one size of objects is scored alone.

    Args:
        cursor: of `Store.read()`.
        run: row of `catalogue.runs`.
        images: keys of images, or None for all that the run has answered.
        class_count: C, the number of categories.
        background: class index that means "nothing", which is no label, or None.
        choice: the classes that are averaged.
    """
    if choice.size != "all":
        return NOTHING
    averaged = averaged_labels(class_count, background, choice)

    @cache
    def labels() -> dict[str, ImageLabels]:
        return labels_of(cursor, run, images, class_count, background)

    def find() -> ClassFigures:
        found: ClassFigures = {}
        for prefix, each in labels().items():
            if each.shown.any():
                found |= _class_figures(prefix, each, ranked=_ranks(run, prefix))
        return found

    # of every class, so that another choice of classes finds them known
    asked = int(run.run_id), images, class_count, background
    classes = remembered("label scores of classes", asked, find, answer_bytes)
    figures = {name: float(mean_of_classes(scores[averaged])) for name, scores in classes.items()}
    if f"{SAID}_f1" not in figures:
        return LabelScores(figures, classes)
    said = labels()[SAID].of(averaged)
    reliability = image_labels.reliability(said)
    figures[f"{SAID}_ece"] = float(calibration.ece(reliability))
    tuned = tuned_threshold(cursor, run, class_count, background, choice)
    figures[f"{SAID}_f1_tuned"] = _tuned_f1(said, tuned)
    return LabelScores(figures, classes, tuned, reliability)


def labels_of(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    images: Sequence[int] | None,
    class_count: int,
    background: int | None,
) -> dict[str, ImageLabels]:
    """Return the labels of a run under `SAID` and `DERIVED`, those of them that it has."""
    rows = questions.image_labels(
        cursor,
        LabelQuestion(
            runs=(int(run.run_id),),
            class_count=class_count,
            background=background,
            least_pixels=LEAST_PIXELS,
            images=None if images is None else tuple(images),
        ),
    )
    answered = catalogue.answered_images(cursor, int(run.run_id))["image_id"].to_numpy()
    keys = answered if images is None else np.intersect1d(answered, np.asarray(images, int))
    columns = {SAID: "probability"} if run.has_labels else {}
    if run.has_boxes or run.has_masks or run.pixel_source == "label_map":
        columns[DERIVED] = "found"
    return {kind: _dense(rows, keys, class_count, name) for kind, name in columns.items()}


def tuned_threshold(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    class_count: int,
    background: int | None,
    choice: Choice,
) -> Tuned | None:
    """Return the threshold with the highest macro F1 on another split, or None if there is none.

    It is chosen on the newest run of the same system, weights and settings on `FIRST_SPLIT`, else
    on the first other split by name, but `NEVER_SPLIT`. Filters of images have no say in it.
    """

    def find() -> Tuned | None:
        return _tuned_threshold(cursor, run, class_count, background, choice)

    asked = int(run.run_id), class_count, background, choice
    return remembered("threshold of image labels", asked, find, answer_bytes)


def _tuned_threshold(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    class_count: int,
    background: int | None,
    choice: Choice,
) -> Tuned | None:
    other = _tuning_run(cursor, run)
    if other is None:
        return None
    labels = labels_of(cursor, other, None, class_count, background)[SAID]
    said = labels.of(averaged_labels(class_count, background, choice))
    threshold = image_labels.best_threshold(said)
    if not said.shown.any() or math.isnan(threshold):
        return None
    return Tuned(threshold, str(other.run), str(other.split))


def _tuning_run(cursor: Cursor, run: Any) -> Any | None:  # noqa: ANN401
    def find() -> Any | None:  # noqa: ANN401
        return _found_tuning_run(cursor, run)

    return remembered("run that lends a threshold", int(run.run_id), find, answer_bytes)


def _found_tuning_run(cursor: Cursor, run: Any) -> Any | None:  # noqa: ANN401
    runs = catalogue.runs(cursor, run.dataset)
    own = runs[runs["run_id"] == run.run_id].iloc[0]
    others = same_system(runs[runs["has_labels"]], own)
    others = others[others["split"] != NEVER_SPLIT]
    ordered = others.sort_values("split", key=lambda split: split != FIRST_SPLIT, kind="stable")
    return next(ordered.itertuples(index=False), None)


def averaged_labels(class_count: int, background: int | None, choice: Choice) -> list[int]:
    """Return the classes that means of labels are taken over: the background is no label."""
    chosen = range(class_count) if choice.classes is None else choice.classes
    return [index for index in chosen if index != background and index < class_count]


def _ranks(run: Any, prefix: str) -> bool:  # noqa: ANN401
    """Return whether there are degrees between said and not said: a label map has none."""
    return prefix == SAID or bool(run.has_boxes or run.has_masks)


def _class_figures(prefix: str, labels: ImageLabels, *, ranked: bool) -> ClassFigures:
    counts = image_labels.count_labels(labels)
    figures = {f"{prefix}_f1": image_labels.f1(counts)[0]}
    if prefix == SAID:
        figures[f"{prefix}_precision"] = image_labels.precision(counts)[0]
        figures[f"{prefix}_recall"] = image_labels.recall(counts)[0]
    if ranked:
        figures[f"{prefix}_ap"] = image_labels.average_precision(labels)
    return figures


def _tuned_f1(labels: ImageLabels, tuned: Tuned | None) -> float:
    if tuned is None:
        return math.nan
    counts = image_labels.count_labels(labels, [tuned.threshold])
    return float(mean_of_classes(image_labels.f1(counts))[0])


def _dense(
    rows: pd.DataFrame, keys: NDArray[np.int64], class_count: int, column: str
) -> ImageLabels:
    """Return rows of the question as arrays; what has no row is not shown and not said."""
    places = np.searchsorted(keys, rows["image_id"].to_numpy()), rows["class"].to_numpy()
    answers, given = rows["shown"].to_numpy(object), rows[column].to_numpy(np.float64)
    certain = ~pd.isna(answers)
    shown = np.zeros((len(keys), class_count), bool)
    known = np.ones_like(shown)
    probabilities = np.zeros(shown.shape)
    known[places] = certain
    shown[places] = np.where(certain, answers, 0).astype(bool)
    probabilities[places] = np.where(np.isnan(given), 0.0, given)
    return ImageLabels(shown, probabilities, known)
