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
from core.metrics.ranking import rank_predictions
from core.structures import ObjectTable

IOU_THRESHOLDS: Final = np.linspace(0.5, 0.95, 10)
# all, small, medium, large: least and largest area in square pixels, both included
AREA_RANGES: Final = ((0.0, 1e10), (0.0, 32.0**2), (32.0**2, 96.0**2), (96.0**2, 1e10))
MAX_RANK: Final = 100
_STEP_BITS: Final = 2 ** len(IOU_THRESHOLDS) - 1
ALL_BITS: Final = np.uint64(2 ** (len(IOU_THRESHOLDS) * len(AREA_RANGES)) - 1)


@dataclass(frozen=True, eq=False)
class Hits:
    """Which of P predictions are right, in the order of their table: all that scores need.

    Attributes:
        rank: (P,) int32 position by descending score among the predictions of the same image
            and class, from 0; of equal scores the first in the file ranks first.
        hits: (P,) uint64, bits in which the prediction is a true positive.
        ignored: (P,) uint64, bits in which it is neither a true nor a false positive: it
            matched a crowd region or an annotation outside the range, or matched nothing and
            is outside the range itself. All bits where rank is 100 or more: those take no part.
    """

    rank: NDArray[np.int32]
    hits: NDArray[np.uint64]
    ignored: NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class MatchTable(Hits):
    """How each of P predictions fared, in the order of their table.

    Attributes:
        matched: (P,) int32, `indices` of the annotation it matched at IoU .5 over all areas,
            crowd regions included, or -1.
        iou: (P,) overlap with that annotation, or 0.
        nearest: (P,) int32, `indices` of the annotation of any class that it overlaps most,
            the first of equals, crowd regions left out; -1 if it overlaps none.
        nearest_iou: (P,) overlap with that one, or 0.
        kind: (P,) str, an `errors.Kind`.
    """

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
    found, matched = _match(truth, predicted, pairs, same_class)
    nearest, same, other = matching.nearest_annotations(
        pairs.starts, pairs.rows, pairs.overlaps, same_class, truth.crowd
    )
    at_half = np.uint64(1)
    return MatchTable(
        found.rank,
        found.hits,
        found.ignored,
        *_annotations_of(matched, pairs, truth),
        *_annotations_of(nearest, pairs, truth),
        errors.kinds_of_error(
            (found.hits & at_half) > 0, (found.ignored & at_half) > 0, same, other
        ),
    )


def match_classes(truth: ObjectTable, predicted: ObjectTable, geometry: Geometry) -> Hits:
    """Return what `match_objects` says of hits alone, much quicker.

    Annotations of other classes, and masks whose class is not in their image, are not looked at.

    Args:
        truth: as of `match_objects`.
        predicted: likewise.
        geometry: compare boxes or masks.

    Raises:
        UsageError: as of `match_objects`.
        ValueError: likewise.
    """
    pairs = overlapping_pairs(truth, predicted, geometry, own_class=True)
    return _match(truth, predicted, pairs, np.ones(len(pairs.rows), np.bool_))[0]


def _match(
    truth: ObjectTable, predicted: ObjectTable, pairs: Pairs, same_class: NDArray[np.bool_]
) -> tuple[Hits, NDArray[np.int64]]:
    """Return the hits, and the pair with what each prediction matched at IoU .5, or -1."""
    from core.metrics.kernels import matching

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
    return Hits(rank, hits, ignored), matched


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

    pairs = overlapping_pairs(truth, predicted, geometry, own_class=True)
    crowd = np.ascontiguousarray(truth.crowd, np.bool_)
    order, rank = rank_predictions(predicted)
    # one threshold and one area range: all is in bit 0
    hits, _, matched = matching.match_predictions(
        order[rank[order] < MAX_RANK],
        pairs.starts,
        pairs.rows,
        pairs.overlaps,
        np.ones(len(pairs.rows), np.bool_),
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


def in_range(areas: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of the four `AREA_RANGES` N areas belong to, shape (N, 4), ends included."""
    least, largest = np.array(AREA_RANGES).T
    within: NDArray[np.bool_] = (areas[:, None] >= least) & (areas[:, None] <= largest)
    return within


def _bits_outside(areas: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return the bits of the ranges that each area is outside of, shape (N,)."""
    outside = np.zeros(len(areas), np.uint64)
    for area, (least, largest) in enumerate(AREA_RANGES):
        bits = np.uint64(_STEP_BITS << len(IOU_THRESHOLDS) * area)
        outside |= ~((areas >= least) & (areas <= largest)) * bits
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
