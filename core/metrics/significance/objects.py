"""COCO's average precision and recall of any multiset of images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics.detection import LIMITS, PRECISIONS, RECALL_POINTS, RECALLS, MatchRows
from core.metrics.matching import IOU_THRESHOLDS, in_range
from core.metrics.ratios import ratio
from core.metrics.significance.measures import (
    Amounts,
    Scores,
    Sums,
    Weights,
    with_mean,
)
from core.structures import ObjectTable

Bits = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class RankedRows:
    """Predictions sorted by class, then descending score, then image, then rank.

    Attributes:
        places: (P,) int32 image that the prediction is weighed with.
        order: (P,) int32 position of that image in the data set: of equal scores the first
            image's comes first.
        categories: (P,) int32 class indices.
        scores: (P,) float64.
        rank: (P,) int32, see `MatchTable`.
        hits: (P,) uint16, bit t: a true positive at the t-th threshold that counts.
        ignored: (P,) uint16, likewise: neither a true nor a false positive.
    """

    places: NDArray[np.int32]
    order: NDArray[np.int32]
    categories: NDArray[np.int32]
    scores: Scores
    rank: NDArray[np.int32]
    hits: Bits
    ignored: Bits

    @classmethod
    def sorted(cls, *columns: NDArray[Any]) -> RankedRows:
        """Return the columns, in the order of the attributes, as sorted rows."""
        _, order, categories, scores, rank, _, _ = columns
        by = np.lexsort((rank, order, -scores, categories))
        return cls(*(column[by] for column in columns))

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return the attributes in their order."""
        return (
            *(self.places, self.order, self.categories, self.scores, self.rank),
            *(self.hits, self.ignored),
        )

    def group_ends(self) -> NDArray[np.int32]:
        """Return (P,) where the run of rows of one class, score and image ends that each is in."""
        keys = (self.categories, self.scores, self.places)
        new = np.any([key[1:] != key[:-1] for key in keys], axis=0)
        last = np.flatnonzero(np.append(new, True))
        return (last + 1)[np.searchsorted(last, np.arange(len(self.places)))].astype(np.int32)


@dataclass(frozen=True, eq=False)
class AveragePrecision:
    """Average precision, accumulated anew for each set of images, of C classes and their mean.

    Attributes:
        rows: the predictions that count.
        positives: of each image, the annotations that count: a column a class.
        threshold_count: over how many IoU thresholds it is the mean.
    """

    rows: RankedRows
    positives: Amounts
    threshold_count: int

    @property
    def images(self) -> int:
        """Return I."""
        return self.positives.images

    @cached_property
    def _tables(self) -> tuple[NDArray[Any], ...]:
        rows = self.rows
        starts = np.searchsorted(rows.categories, np.arange(self.positives.width + 1))
        return starts, rows.places, rows.hits, rows.ignored, rows.group_ends()

    def scores(self, weights: Weights) -> Scores:
        """Return (R, 1 + C) scores, see `Measure`: what pycocotools says of each multiset."""
        from core.metrics.kernels import resampling

        return with_mean(
            resampling.mean_precisions(
                np.ascontiguousarray(weights, np.int64),
                *self._tables,
                np.ascontiguousarray(self.positives.sums(weights), np.int64),
                self.threshold_count,
                RECALL_POINTS,
            )
        )

    def joined(self, other: AveragePrecision) -> AveragePrecision:
        """Return the measure on the images of both, see `Measure`."""
        shifted = replace(other.rows, places=other.rows.places + np.int32(self.images))
        pairs = zip(self.rows.columns, shifted.columns, strict=True)
        return AveragePrecision(
            RankedRows.sorted(*(np.concatenate(pair) for pair in pairs)),
            self.positives.joined(other.positives),
            self.threshold_count,
        )


def object_measure(
    name: str, rows: MatchRows, truth: ObjectTable, images: int, class_count: int, area: int = 0
) -> AveragePrecision | Sums:
    """Return one of COCO's twelve figures as a measure of C classes and their mean.

    Args:
        name: one of `detection.FIGURES`.
        rows: matches whose `images` are places from 0 to I - 1, ascending with the images' ids.
        truth: annotations whose `images` are such places; boxes play no part.
        images: I.
        class_count: C.
        area: the range of `AREA_RANGES` that figures over all areas speak of instead.
    """
    if name in RECALLS:
        own_area, limit = RECALLS[name]
        return _average_recall(
            rows.where(rows.rank < LIMITS[limit]),
            _positives(truth, images, class_count, own_area or area),
            own_area or area,
        )
    steps, own_area = PRECISIONS[name]
    return AveragePrecision(
        _ranked(rows, own_area or area, steps),
        _positives(truth, images, class_count, own_area or area),
        len(IOU_THRESHOLDS[steps]),
    )


def _ranked(rows: MatchRows, area: int, steps: slice) -> RankedRows:
    places = rows.images.astype(np.int32)
    hits, ignored = (_bits(column, area, steps) for column in (rows.hits, rows.ignored))
    return RankedRows.sorted(places, places, rows.categories, rows.scores, rows.rank, hits, ignored)


def _average_recall(rows: MatchRows, positives: Amounts, area: int) -> Sums:
    """Return the mean of the final recalls: the thresholds at which an object is found add up."""
    found = np.bitwise_count(_bits(rows.hits, area, slice(None))).astype(np.float64)
    amounts = Amounts(
        positives.images,
        2 * positives.width,
        np.concatenate([rows.images.astype(np.int32), positives.places]),
        np.concatenate([rows.categories, positives.columns + np.int32(positives.width)]),
        np.concatenate([found, positives.amounts]),
    )
    return Sums(amounts, _recalls)


def _recalls(sums: Scores) -> Scores:
    classes = sums.shape[1] // 2
    return with_mean(ratio(sums[:, :classes], len(IOU_THRESHOLDS) * sums[:, classes:]))


def _positives(truth: ObjectTable, images: int, class_count: int, area: int) -> Amounts:
    """Return the annotations that count: in the range, and no crowd regions."""
    counted = in_range(truth.areas)[:, area] & ~truth.crowd
    places = truth.images[counted].astype(np.int32)
    return Amounts(images, class_count, places, truth.categories[counted], np.ones(len(places)))


def _bits(column: NDArray[np.uint64], area: int, steps: slice) -> Bits:
    """Return the bits of some thresholds in one area range, from bit 0 on."""
    first, stop, _ = steps.indices(len(IOU_THRESHOLDS))
    shift = np.uint64(area * len(IOU_THRESHOLDS) + first)
    return ((column >> shift) & np.uint64(2 ** (stop - first) - 1)).astype(np.uint16)
