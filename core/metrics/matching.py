"""Which prediction finds which annotation, exactly as pycocotools 2.0.11 decides it.

Everything that COCO's scores need of a prediction is kept in two numbers of forty bits: bit
10 * a + t speaks of area range a of `AREA_RANGES` and threshold t of `IOU_THRESHOLDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics import errors
from core.metrics.overlap import Geometry, Pairs, overlapping_pairs
from core.structures import ObjectTable

IOU_THRESHOLDS: Final = np.linspace(0.5, 0.95, 10)
# all, small, medium, large: least and largest area in square pixels, both included
AREA_RANGES: Final = ((0.0, 1e10), (0.0, 32.0**2), (32.0**2, 96.0**2), (96.0**2, 1e10))
MAX_RANK: Final = 100
_STEP_BITS: Final = 2 ** len(IOU_THRESHOLDS) - 1
ALL_BITS: Final = np.uint64(2 ** (len(IOU_THRESHOLDS) * len(AREA_RANGES)) - 1)


@dataclass(frozen=True, eq=False)
class MatchTable:
    """How each of P predictions fared, in the order of their table.

    Attributes:
        rank: (P,) int32 position by descending score among the predictions of the same image
            and class, from 0; of equal scores the first in the file ranks first.
        hits: (P,) uint64, bits in which the prediction is a true positive.
        ignored: (P,) uint64, bits in which it is neither a true nor a false positive: it
            matched a crowd region or an annotation outside the range, or matched nothing and
            is outside the range itself. All bits where rank is 100 or more: those take no part.
        matched: (P,) int32, `indices` of the annotation it matched at IoU .5 over all areas,
            crowd regions included, or -1.
        iou: (P,) overlap with that annotation, or 0.
        nearest: (P,) int32, `indices` of the annotation of any class that it overlaps most,
            the first of equals, crowd regions left out; -1 if it overlaps none.
        nearest_iou: (P,) overlap with that one, or 0.
        kind: (P,) str, an `errors.Kind`.
    """

    rank: NDArray[np.int32]
    hits: NDArray[np.uint64]
    ignored: NDArray[np.uint64]
    matched: NDArray[np.int32]
    iou: NDArray[np.float64]
    nearest: NDArray[np.int32]
    nearest_iou: NDArray[np.float64]
    kind: NDArray[np.str_]


def match_objects(truth: ObjectTable, predicted: ObjectTable, geometry: Geometry) -> MatchTable:
    """Match predictions with annotations of the same image and class by COCO's rules.

    One exception: pycocotools never matches an annotation whose id is 0. Here all are matched,
    as if ids began at 1.

    Args:
        truth: annotations; images ascending, inside an image in the order of the file.
        predicted: predictions with scores, in the same order.
        geometry: compare boxes or masks.

    Raises:
        UsageError: masks are asked for, but a table has none.
        ValueError: a table is not sorted by image, or predictions have no scores.
    """
    from core.metrics.kernels import matching

    pairs = overlapping_pairs(truth, predicted, geometry)
    same_class = truth.categories[pairs.rows] == predicted.categories[pairs.predictions]
    crowd = np.ascontiguousarray(truth.crowd, np.bool_)
    order, rank = rank_predictions(predicted)
    hits, ignored, matched = matching.match_predictions(
        order[rank[order] < MAX_RANK],
        pairs.starts,
        pairs.rows,
        pairs.overlaps,
        same_class,
        crowd,
        _bits_outside(truth.areas) | np.where(crowd, ALL_BITS, np.uint64(0)),
        _bits_outside(predicted.areas),
        IOU_THRESHOLDS,
        len(AREA_RANGES),
    )
    ignored[rank >= MAX_RANK] = ALL_BITS
    nearest, same, other = matching.nearest_annotations(
        pairs.starts, pairs.rows, pairs.overlaps, same_class, crowd
    )
    at_half = np.uint64(1)
    return MatchTable(
        rank,
        hits,
        ignored,
        *_annotations_of(matched, pairs, truth),
        *_annotations_of(nearest, pairs, truth),
        errors.kinds_of_error((hits & at_half) > 0, (ignored & at_half) > 0, same, other),
    )


def annotations_hit(
    truth: ObjectTable, predicted: ObjectTable, geometry: Geometry, step: int
) -> NDArray[np.int64]:
    """Return which annotation each prediction is a hit on, by COCO's rules over all areas.

    Args:
        truth: as of `match_objects`.
        predicted: likewise.
        geometry: compare boxes or masks.
        step: one of `IOU_THRESHOLDS`.

    Returns:
        (P,) row of the annotation, or -1 of a prediction that is no hit; crowd regions and
        annotations out of COCO's range are never hit.
    """
    from core.metrics.kernels import matching

    pairs = overlapping_pairs(truth, predicted, geometry)
    same_class = truth.categories[pairs.rows] == predicted.categories[pairs.predictions]
    crowd = np.ascontiguousarray(truth.crowd, np.bool_)
    order, rank = rank_predictions(predicted)
    # one threshold and one area range: all is in bit 0
    hits, _, matched = matching.match_predictions(
        order[rank[order] < MAX_RANK],
        pairs.starts,
        pairs.rows,
        pairs.overlaps,
        same_class,
        crowd,
        (crowd | ~in_range(truth.areas)[:, 0]).astype(np.uint64),
        (~in_range(predicted.areas)[:, 0]).astype(np.uint64),
        IOU_THRESHOLDS[step : step + 1],
        1,
    )
    rows = np.full(len(predicted), -1, np.int64)
    hit = hits > 0
    rows[hit] = pairs.rows[matched[hit]]
    return rows


def rank_predictions(predicted: ObjectTable) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rank predictions by score inside their image and class.

    Returns:
        order: (P,) rows by image, then class, then descending score, then place in the file.
        rank: (P,) int32, from 0 in each image and class.

    Raises:
        ValueError: the table has no scores.
    """
    if predicted.scores is None:
        raise ValueError("predictions need scores to be matched; this table has none")
    order = np.lexsort((-predicted.scores, predicted.categories, predicted.images))
    places = np.arange(len(order))
    images, categories = predicted.images[order], predicted.categories[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (images[1:] != images[:-1]) | (categories[1:] != categories[:-1])
    rank = np.empty(len(order), np.int32)
    rank[order] = places - np.maximum.accumulate(np.where(begins, places, 0))
    return order, rank


def in_range(areas: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of the four `AREA_RANGES` N areas belong to, shape (N, 4), ends included."""
    least, largest = np.array(AREA_RANGES).T
    within: NDArray[np.bool_] = (areas[:, None] >= least) & (areas[:, None] <= largest)
    return within


def _bits_outside(areas: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return the bits of the ranges that each area is outside of, shape (N,)."""
    bits = np.array([_STEP_BITS << len(IOU_THRESHOLDS) * a for a in range(len(AREA_RANGES))])
    outside: NDArray[np.uint64] = np.where(in_range(areas), 0, bits).sum(axis=1).astype(np.uint64)
    return outside


def _annotations_of(
    chosen: NDArray[np.int64], pairs: Pairs, truth: ObjectTable
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return index and overlap of the annotations in the chosen pairs; -1 and 0 for pair -1."""
    indices = np.full(len(chosen), -1, np.int32)
    overlaps = np.zeros(len(chosen), np.float64)
    found = chosen >= 0
    indices[found] = truth.indices[pairs.rows[chosen[found]]]
    overlaps[found] = pairs.overlaps[chosen[found]]
    return indices, overlaps
