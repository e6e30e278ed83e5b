"""COCO's average precision and recall from stored matches, for any subset of them.

Matching is done once, for all images, classes and scores. Its rows can then be filtered by
image, by class and by a least score, and what these functions say of the rows that are left is
what pycocotools 2.0.11 says of that subset from scratch: matching never looks beyond one image
and class, and a prediction's match never depends on those with lower scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics.matching import AREA_RANGES, IOU_THRESHOLDS, Hits, in_range
from core.metrics.ranking import check_categories, order_in_classes
from core.structures import ObjectTable

Scores = NDArray[np.float64]

RECALL_POINTS: Final = np.linspace(0.0, 1.0, 101)
LIMITS: Final = (1, 10, 100)
_ALL, _SMALL, _MEDIUM, _LARGE = range(len(AREA_RANGES))
_TOP_1, _TOP_10, _TOP_100 = range(len(LIMITS))
_EVERY_IOU, _IOU_50, _IOU_75 = slice(None), slice(0, 1), slice(5, 6)

# Of which thresholds and area range AP is the mean, always of the best 100 predictions
PRECISIONS: Final = {
    "ap": (_EVERY_IOU, _ALL),
    "ap50": (_IOU_50, _ALL),
    "ap75": (_IOU_75, _ALL),
    "ap_small": (_EVERY_IOU, _SMALL),
    "ap_medium": (_EVERY_IOU, _MEDIUM),
    "ap_large": (_EVERY_IOU, _LARGE),
}
# Of which area range and limit AR is the mean, always over every threshold
RECALLS: Final = {
    "ar1": (_ALL, _TOP_1),
    "ar10": (_ALL, _TOP_10),
    "ar100": (_ALL, _TOP_100),
    "ar_small": (_SMALL, _TOP_100),
    "ar_medium": (_MEDIUM, _TOP_100),
    "ar_large": (_LARGE, _TOP_100),
}
FIGURES: Final = (*PRECISIONS, *RECALLS)


@dataclass(frozen=True, eq=False)
class MatchRows:
    """What scores need of P predictions, just matched or from the store, in any order.

    Attributes:
        images: (P,) int64, a key that ascends in the order of the images' ids.
        categories: (P,) int32 class indices.
        scores: (P,) float64.
        rank: (P,) int32, see `matching.Hits`.
        hits: (P,) uint64, see `matching.Hits`.
        ignored: (P,) uint64, see `matching.Hits`.
    """

    images: NDArray[np.int64]
    categories: NDArray[np.int32]
    scores: Scores
    rank: NDArray[np.int32]
    hits: NDArray[np.uint64]
    ignored: NDArray[np.uint64]

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> MatchRows:
        """Return the chosen rows. Rows may be left out by image, class or least score only."""
        return MatchRows(
            self.images[chosen],
            self.categories[chosen],
            self.scores[chosen],
            self.rank[chosen],
            self.hits[chosen],
            self.ignored[chosen],
        )


@dataclass(frozen=True, eq=False)
class Accumulated:
    """Precision and recall of C classes; -1 where a class has no positives.

    Axes: T IoU thresholds, R recall points, C classes, A area ranges (all, small, medium,
    large), M limits (1, 10, 100 predictions of each image and class).

    Attributes:
        precision: (T, R, C, A, M) highest precision at each recall or beyond, 0 if not reached.
        recall: (T, C, A, M) final recall.
    """

    precision: Scores
    recall: Scores


@dataclass(frozen=True, eq=False)
class DetectionCounts:
    """What the predictions from a least score on find, for each of C classes.

    Attributes:
        tp: (C,) predictions that match an annotation.
        fp: (C,) predictions that match none.
        fn: (C,) annotations that no prediction matches.
    """

    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    fn: NDArray[np.int64]


def match_rows(predicted: ObjectTable, matches: Hits) -> MatchRows:
    """Return the rows of a table of predictions that was just matched."""
    if predicted.scores is None:
        raise ValueError("the predictions have no scores; give the table that was matched")
    return MatchRows(
        predicted.images,
        predicted.categories,
        predicted.scores,
        matches.rank,
        matches.hits,
        matches.ignored,
    )


def positives(truth: ObjectTable, class_count: int) -> NDArray[np.int64]:
    """Return how many annotations count for each class and area range, shape (C, 4).

    Crowd regions never count; an area of exactly 1024 counts as small and as medium.

    Raises:
        ValueError: a class index is not below `class_count`.
    """
    check_categories(truth.categories, class_count)
    counted = in_range(truth.areas) & ~truth.crowd[:, None]
    return np.stack(
        [np.bincount(truth.categories[column], minlength=class_count) for column in counted.T],
        axis=1,
    ).astype(np.int64, copy=False)


def accumulate(rows: MatchRows, positives: NDArray[np.int64]) -> Accumulated:
    """Return precision and recall as `COCOeval.accumulate` of pycocotools 2.0.11 does.

    Args:
        rows: matches of the subset to score.
        positives: (C, 4) annotations of the same subset of images, see `positives`; zeros for
            classes that are left out.

    Raises:
        ValueError: a class index is not below C.
    """
    from core.metrics.kernels import accumulation

    class_count = len(positives)
    order, starts = order_in_classes(
        rows.images, rows.categories, rows.scores, rows.rank, class_count
    )
    precision, recall = accumulation.accumulate_classes(
        starts,
        rows.rank[order],
        rows.hits[order],
        rows.ignored[order],
        np.ascontiguousarray(positives, np.int64),
        np.array(LIMITS),
        len(IOU_THRESHOLDS),
        RECALL_POINTS,
    )
    return Accumulated(precision.transpose(3, 4, 0, 1, 2), recall.transpose(3, 0, 1, 2))


def summarize(accumulated: Accumulated) -> dict[str, float]:
    """Return COCO's twelve figures by the names in `FIGURES`; NaN where pycocotools says -1.

    Equal to pycocotools to the last bit if class indices ascend with the ids of the categories,
    which is the order it sums in.
    """
    figures = {}
    for name, (steps, area) in PRECISIONS.items():
        figures[name] = _mean(accumulated.precision[steps, :, :, area, _TOP_100])
    for name, (area, limit) in RECALLS.items():
        figures[name] = _mean(accumulated.recall[:, :, area, limit])
    return figures


def summarize_classes(accumulated: Accumulated) -> dict[str, Scores]:
    """Return the twelve figures of each class alone, shape (C,); NaN without positives."""
    figures = {}
    for name, (steps, area) in PRECISIONS.items():
        figures[name] = _class_means(accumulated.precision[steps, :, :, area, _TOP_100])
    for name, (area, limit) in RECALLS.items():
        figures[name] = _class_means(accumulated.recall[:, None, :, area, limit])
    return figures


def precision_recall_curve(
    accumulated: Accumulated, class_index: int, iou_index: int
) -> tuple[Scores, Scores]:
    """Return the curve of one class over all areas at one of `IOU_THRESHOLDS`.

    Returns:
        recall: (101,) from 0 to 1.
        precision: (101,) highest precision at that recall or beyond; NaN without positives.
    """
    precision = accumulated.precision[iou_index, :, class_index, _ALL, _TOP_100]
    return RECALL_POINTS, np.where(precision < 0, np.nan, precision)


def counts_at(
    rows: MatchRows, positives: NDArray[np.int64], score: float, iou_index: int
) -> DetectionCounts:
    """Count right and wrong predictions with at least `score`, over all areas.

    Those beyond the best hundred of their image and class are `ignored`, so count as neither.

    Args:
        rows: matches of the subset to count.
        positives: (C, 4) annotations of the same subset of images.
        score: least score of a prediction that counts.
        iou_index: one of `IOU_THRESHOLDS`.

    Raises:
        ValueError: a class index is not below C.
    """
    class_count = len(positives)
    check_categories(rows.categories, class_count)
    bit = np.uint64(1 << iou_index)
    hit = (rows.hits & bit) > 0
    wrong = ~hit & ((rows.ignored & bit) == 0)
    kept = rows.scores >= score
    tp = np.bincount(rows.categories[kept & hit], minlength=class_count)
    fp = np.bincount(rows.categories[kept & wrong], minlength=class_count)
    return DetectionCounts(tp, fp, positives[:, _ALL] - tp)


def _mean(scores: Scores) -> float:
    """Return the mean of all scores that exist, summed in the order of pycocotools."""
    existing = scores[scores > -1]
    return float(np.mean(existing)) if existing.size else float("nan")


def _class_means(scores: Scores) -> Scores:
    """Return the mean over the first two axes of scores (T, R, C), shape (C,)."""
    # one contiguous row a class, so that numpy sums it as it sums a single class
    rows = np.ascontiguousarray(scores.transpose(2, 0, 1)).reshape(scores.shape[2], -1)
    means: Scores = rows.mean(axis=1)
    means[np.any(rows < 0, axis=1)] = np.nan
    return means
