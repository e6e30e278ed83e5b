"""Image labels: which of several classes an image shows, by how probable a system finds each.

Each pair of an image and a class is judged by itself. Counts add up; scores do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics import calibration, classification
from core.metrics.ratios import mean_of_classes, ratio

FIXED_THRESHOLD: Final = 0.5
THRESHOLDS: Final = tuple(step / 100 for step in range(1, 100))
# of a class in a label map, for the image to show it: a few stray pixels are no object
LEAST_PIXELS: Final = 16

Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ImageLabels:
    """Which classes some images show, and what a system says.

    Attributes:
        shown: (N, C) whether the image shows the class.
        probabilities: (N, C) what the system says, fractions.
        known: (N, C) whether anybody knows that the image shows the class or not: pairs of which
            nobody does count nowhere.
    """

    shown: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    known: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Check that all parts speak of the same images and classes, in probabilities."""
        shapes = {self.shown.shape, self.probabilities.shape, self.known.shape}
        if len(shapes) != 1 or self.shown.ndim != 2:
            raise ValueError(f"image labels of shapes {sorted(shapes)}, expected one (N, C)")
        if not ((self.probabilities >= 0) & (self.probabilities <= 1)).all():
            raise ValueError("probabilities of image labels must be of 0 to 1")

    @classmethod
    def all_known(cls, shown: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> ImageLabels:
        """Return labels of images of which everything is known, both (N, C)."""
        return cls(shown, probabilities, np.ones(shown.shape, bool))

    def of(self, classes: Sequence[int]) -> ImageLabels:
        """Return the labels of some classes alone."""
        chosen = list(classes)
        return ImageLabels(
            self.shown[:, chosen], self.probabilities[:, chosen], self.known[:, chosen]
        )


@dataclass(frozen=True, eq=False)
class LabelCounts:
    """Images by what they show and what was said.

    Attributes:
        tp: (…, C) images that show the class, and it was said.
        fp: (…, C) images that do not show it, though it was said.
        fn: (…, C) images that show it, though it was not said.
    """

    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    fn: NDArray[np.int64]

    def __add__(self, other: LabelCounts) -> LabelCounts:
        """Return the counts of both together."""
        return LabelCounts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)


def count_labels(
    labels: ImageLabels, thresholds: Sequence[float] = (FIXED_THRESHOLD,)
) -> LabelCounts:
    """Return the counts at each of T thresholds, shape (T, C).

    Args:
        labels: of N images and C classes.
        thresholds: ascending; a class is said from this probability on.
    """
    classes, steps = labels.shown.shape[1], len(thresholds) + 1
    # a probability passes as many thresholds as are not above it
    passed = np.searchsorted(np.asarray(thresholds), labels.probabilities, side="right")
    places = passed * classes + np.arange(classes)
    said = []
    for pairs in (labels.shown & labels.known, ~labels.shown & labels.known):
        counts = np.bincount(places[pairs], minlength=steps * classes).reshape(steps, classes)
        said.append(counts[::-1].cumsum(axis=0)[::-1])
    right, wrong = said
    return LabelCounts(tp=right[1:], fp=wrong[1:], fn=right[:1] - right[1:])


def f1(counts: LabelCounts) -> Scores:
    """Return F1 of each class, NaN for classes in neither truth nor prediction."""
    return classification.f1(counts.tp, counts.tp + counts.fn, counts.tp + counts.fp)


def precision(counts: LabelCounts) -> Scores:
    """Return the share of what was said that is right, of each class.

    0 where a class is shown but never said, NaN where it is neither (scikit-learn 1.9,
    `precision_score` with `zero_division=0`, of the classes that occur).
    """
    return _share(counts.tp, counts.tp + counts.fp, counts)


def recall(counts: LabelCounts) -> Scores:
    """Return the share of what is shown that was said, of each class.

    0 where a class is said but never shown, NaN where it is neither, as in `precision`.
    """
    return _share(counts.tp, counts.tp + counts.fn, counts)


def average_precision(labels: ImageLabels) -> Scores:
    """Return the average precision of each class, (C,), NaN for classes that no image shows.

    The sum over thresholds of precision times the recall gained, not interpolated; images of
    equal probability are taken together (scikit-learn 1.9, `average_precision_score`).
    """
    scores = np.full(labels.shown.shape[1], np.nan)
    for index in np.flatnonzero((labels.shown & labels.known).any(axis=0)).tolist():
        known = labels.known[:, index]
        scores[index] = _average_precision(
            labels.shown[known, index], labels.probabilities[known, index]
        )
    return scores


def best_threshold(labels: ImageLabels, thresholds: Sequence[float] = THRESHOLDS) -> float:
    """Return the threshold with the highest macro F1, NaN where none has a score.

    Choose it on other images than those you report scores of. Of equal thresholds the lowest is
    chosen: it leaves out the fewest labels.
    """
    macro = mean_of_classes(f1(count_labels(labels, thresholds)))
    return float("nan") if np.isnan(macro).all() else float(thresholds[int(np.nanargmax(macro))])


def reliability(labels: ImageLabels) -> calibration.Reliability:
    """Return the reliability diagram of all pairs of image and class together."""
    return calibration.reliability(labels.probabilities[labels.known], labels.shown[labels.known])


def _share(
    part: NDArray[np.int64], whole: NDArray[np.int64], counts: LabelCounts
) -> NDArray[np.float64]:
    occurs = counts.tp + counts.fp + counts.fn > 0
    return np.where(occurs & (whole == 0), 0.0, ratio(part, whole))


def _average_precision(shown: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> float:
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    # the last of each run of equal probabilities
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    right = np.cumsum(shown[order])[ends]
    return float(np.sum(np.diff(right, prepend=0) * (right / (ends + 1))) / right[-1])
