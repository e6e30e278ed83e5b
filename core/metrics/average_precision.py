"""Average precision by three rules, from the same stored matches.

Matching is COCO's in all three; only how a curve of precision against recall becomes one number
differs. The rules' own tools also match differently (Pascal VOC: an overlap above .5 of boxes
with one pixel added to each side), so their figures on other matches may differ by more.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics import AP_PROTOCOLS
from core.metrics.detection import MatchRows, accumulate
from core.metrics.matching import AREA_RANGES, IOU_THRESHOLDS
from core.metrics.ranking import order_in_classes

Scores = NDArray[np.float64]

# the floats of the reference: the fourth is a little more than .3, and 3 of 10 does not reach it
VOC_RECALL_POINTS: Final = np.arange(0.0, 1.1, 0.1)
_BEST_100: Final = -1


def average_precisions(
    rows: MatchRows, positives: NDArray[np.int64], protocol: str = "coco"
) -> Scores:
    """Return AP at each threshold, in each area range, of each class, shape (T, A, C).

    NaN where a class has no annotation of the range: it is no part of any mean.

    Args:
        rows: matches of the subset to score.
        positives: (C, 4) annotations of the same subset, see `detection.positives`.
        protocol: one of `AP_PROTOCOLS`: "coco" is what pycocotools 2.0.11 does, "voc07" and
            "voc" what detectron2 does for Pascal VOC (`voc_ap`).

    Raises:
        ValueError: there is no such protocol.
    """
    if protocol not in AP_PROTOCOLS:
        raise ValueError(f"there is no protocol {protocol!r}; known are {', '.join(AP_PROTOCOLS)}")
    if protocol == "coco":
        precision = accumulate(rows, positives).precision[..., _BEST_100]
        means: Scores = precision.mean(axis=1).transpose(0, 2, 1)
        return np.where(positives.T > 0, means, np.nan)
    rule = voc07_ap if protocol == "voc07" else voc_ap
    scores = np.full((len(IOU_THRESHOLDS), len(AREA_RANGES), len(positives)), np.nan)
    order, starts = order_in_classes(
        rows.images, rows.categories, rows.scores, rows.rank, len(positives)
    )
    for step, area, index in np.ndindex(scores.shape):
        if positives[index, area]:
            bit = np.uint64(1 << (len(IOU_THRESHOLDS) * area + step))
            own = order[starts[index] : starts[index + 1]]
            counted = own[(rows.ignored[own] & bit) == 0]
            hits = (rows.hits[counted] & bit) > 0
            scores[step, area, index] = rule(*ranked_curve(hits, int(positives[index, area])))
    return scores


def ranked_curve(hits: NDArray[np.bool_], positives: int) -> tuple[Scores, Scores]:
    """Return recall and precision after each of P predictions, shapes (P,).

    Args:
        hits: (P,) which predictions are right, by descending score.
        positives: annotations that count, above 0.
    """
    true = np.cumsum(hits)
    return true / positives, true / np.arange(1, len(hits) + 1)


def voc07_ap(recall: Scores, precision: Scores) -> float:
    """Return the mean of the highest precision at recall 0, .1, …, 1 or beyond (VOC 2007).

    Args:
        recall: (P,) ascending.
        precision: (P,).

    Example:
        >>> round(voc07_ap(*ranked_curve(np.array([True, False]), 2)), 3)
        0.545
    """
    highest = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(highest[np.searchsorted(recall, VOC_RECALL_POINTS, side="left")].mean())


def voc_ap(recall: Scores, precision: Scores) -> float:
    """Return the area under the curve made monotone from the right (VOC 2010 and later).

    Args:
        recall: (P,) ascending.
        precision: (P,).

    Example:
        >>> voc_ap(*ranked_curve(np.array([True, False]), 2))
        0.5
    """
    highest = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0.0) * highest).sum())
