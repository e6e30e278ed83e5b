"""What a detector finds for every least score: counts, precision, recall and F1, without matching.

COCO matches in descending order of score, so leaving out predictions below a score changes
nothing for those above it: one pass over stored matches answers for all scores at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics.detection import DetectionCounts, MatchRows
from core.metrics.matching import IOU_THRESHOLDS

Scores = NDArray[np.float64]

_EVERY_AREA: Final = 0


@dataclass(frozen=True, eq=False)
class Sweep:
    """Right and wrong predictions of G groups of classes, for every least score that matters.

    Attributes:
        starts: (G + 1,) where each group begins in the columns below, and the end.
        scores: (S,) distinct scores, descending in each group.
        tp: (S,) predictions of the group with at least that score that match an annotation.
        fp: (S,) those that match none.
        positives: (G,) annotations that count.
    """

    starts: NDArray[np.int64]
    scores: Scores
    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    positives: NDArray[np.int64]

    def at(self, score: float) -> DetectionCounts:
        """Return the counts (G,) of predictions with at least `score`."""
        places = [
            first + int(np.count_nonzero(self.scores[first:last] >= score)) - 1
            for first, last in zip(self.starts[:-1], self.starts[1:], strict=True)
        ]
        some = np.array(places) >= self.starts[:-1]
        tp, fp = (np.where(some, column[places], 0) for column in self._padded())
        return DetectionCounts(tp, fp, self.positives - tp)

    def group(self, index: int) -> tuple[Scores, DetectionCounts]:
        """Return the scores of one group, descending, and the counts from each of them on."""
        rows = slice(self.starts[index], self.starts[index + 1])
        return self.scores[rows], DetectionCounts(
            self.tp[rows], self.fp[rows], self.positives[index] - self.tp[rows]
        )

    def _padded(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return tp and fp with a last row, for the place before the first of no rows."""
        return np.append(self.tp, 0), np.append(self.fp, 0)


def sweep_classes(
    rows: MatchRows, positives: NDArray[np.int64], iou_index: int, area: int = _EVERY_AREA
) -> Sweep:
    """Count for every least score, each of C classes by itself.

    Args:
        rows: matches of the subset to count.
        positives: (C, 4) annotations of the same subset, see `detection.positives`.
        iou_index: one of `IOU_THRESHOLDS`.
        area: one of `AREA_RANGES`.
    """
    bit = np.uint64(1 << (len(IOU_THRESHOLDS) * area + iou_index))
    counted = rows.where((rows.ignored & bit) == 0)
    order = np.lexsort((-counted.scores, counted.categories))
    categories, scores = counted.categories[order], counted.scores[order]
    hits = (counted.hits[order] & bit) > 0
    last = np.ones(len(order), np.bool_)
    last[:-1] = (categories[1:] != categories[:-1]) | (scores[1:] != scores[:-1])
    ends = np.flatnonzero(last)
    begins = np.searchsorted(categories, np.arange(len(positives)))[categories[ends]]
    found = np.concatenate([[0], np.cumsum(hits)])
    tp = found[ends + 1] - found[begins]
    return Sweep(
        starts=np.searchsorted(categories[ends], np.arange(len(positives) + 1)),
        scores=scores[ends],
        tp=tp,
        fp=ends + 1 - begins - tp,
        positives=positives[:, area],
    )


def sweep_together(
    rows: MatchRows, positives: NDArray[np.int64], iou_index: int, area: int = _EVERY_AREA
) -> Sweep:
    """Count for every least score, the predictions of all classes in one group.

    Args:
        rows: see `sweep_classes`.
        positives: see `sweep_classes`.
        iou_index: see `sweep_classes`.
        area: see `sweep_classes`.
    """
    together = replace(rows, categories=np.zeros_like(rows.categories))
    return sweep_classes(together, positives.sum(axis=0, keepdims=True), iou_index, area)


def precision(counts: DetectionCounts) -> Scores:
    """Share of the predictions that are right, TP / (TP + FP); NaN without predictions."""
    return _ratio(counts.tp, counts.tp + counts.fp)


def recall(counts: DetectionCounts) -> Scores:
    """Share of the annotations that are found, TP / (TP + FN); NaN without annotations."""
    return _ratio(counts.tp, counts.tp + counts.fn)


def f1(counts: DetectionCounts) -> Scores:
    """Harmonic mean of precision and recall, 2·TP / (2·TP + FP + FN); NaN where all are 0.

    Example:
        >>> counts = DetectionCounts(tp=np.array([3, 0]), fp=np.array([1, 0]), fn=np.array([2, 0]))
        >>> precision(counts).tolist(), recall(counts).tolist(), f1(counts).round(3).tolist()
        ([0.75, nan], [0.6, nan], [0.667, nan])
    """
    return _ratio(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn)


def best_scores(sweep: Sweep) -> tuple[Scores, Scores]:
    """Return for each group the least score with the highest F1, and that F1; NaN without any.

    Of equals the lowest is chosen: it leaves out the fewest predictions. A group without
    annotations has no such score.
    """
    thresholds = np.full(len(sweep.positives), np.nan)
    highest = np.full(len(sweep.positives), np.nan)
    for index in np.flatnonzero((np.diff(sweep.starts) > 0) & (sweep.positives > 0)):
        scores, counts = sweep.group(int(index))
        values = f1(counts)
        place = len(values) - 1 - int(np.argmax(values[::-1]))
        thresholds[index], highest[index] = scores[place], values[place]
    return thresholds, highest


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Scores:
    ratio = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=ratio, where=np.asarray(whole) > 0)
    return ratio
