"""How far systems are right and wrong together: pairs of them, and the best of them by image.

Letters: R runs, N things that each run gets right or wrong, I images.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.detection import LIMITS, MatchRows, accumulate
from core.metrics.matching import AREA_RANGES, in_range
from core.metrics.ratios import ratio
from core.structures import ObjectTable

Scores = NDArray[np.float64]
Counts = NDArray[np.int64]

# curves of this many pairs of image and class take some 50 MB at a time
_BLOCK = 512
_ALL, _BEST_100 = 0, len(LIMITS) - 1


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Of N things, how many each pair of R runs gets right: [row, column].

    Attributes:
        both: (R, R) right by both; on the diagonal right by the run.
        alone: (R, R) right by the run of the row and not by that of the column.
        neither: (R, R) right by neither.
    """

    both: Counts
    alone: Counts
    neither: Counts


def pair_counts(right: NDArray[np.bool_]) -> PairCounts:
    """Count what pairs of runs get right together.

    Args:
        right: (R, N) whether a run gets each thing right.

    Example:
        >>> counts = pair_counts(np.array([[1, 1, 0, 0], [1, 0, 1, 0]], bool))
        >>> [table[0, 1].item() for table in (counts.both, counts.alone, counts.neither)]
        [1, 1, 1]
    """
    # floating point products are many times faster, and exact below 2**53
    ones = right.astype(np.float64)
    both = (ones @ ones.T).astype(np.int64)
    alone = np.diagonal(both)[:, None] - both
    return PairCounts(both, alone, right.shape[1] - both - alone - alone.T)


def only_one(right: NDArray[np.bool_]) -> Counts:
    """Return how many things each run gets right and no other run does, shape (R,).

    Args:
        right: (R, N) whether a run gets each thing right.
    """
    alone = right & (right.sum(axis=0) == 1)
    counts: Counts = alone.sum(axis=1, dtype=np.int64)
    return counts


def correlations(scores: Scores) -> tuple[Scores, Counts]:
    """Return Pearson's correlation of the images' scores for each pair of runs.

    Args:
        scores: (R, I), NaN where an image has no score.

    Returns:
        correlation: (R, R); NaN where fewer than three images have both scores, or where one of
            the two is the same on all of them.
        images: (R, R) that have both scores.
    """
    count = len(scores)
    correlation = np.full((count, count), np.nan)
    images = np.zeros((count, count), np.int64)
    for row in range(count):
        for column in range(count):
            scored = ~np.isnan(scores[row]) & ~np.isnan(scores[column])
            images[row, column] = scored.sum()
            first, second = scores[row][scored], scores[column][scored]
            if scored.sum() >= 3 and np.ptp(first) > 0 and np.ptp(second) > 0:
                correlation[row, column] = np.corrcoef(first, second)[0, 1]
    return correlation, images


def best_of(scores: Scores) -> NDArray[np.bool_]:
    """Return which runs have the highest score of each image, several where they tie.

    Args:
        scores: (R, I), NaN where a run has none; an image without any has no best.
    """
    highest = np.where(np.isnan(scores), -np.inf, scores).max(axis=0, initial=-np.inf)
    best: NDArray[np.bool_] = scores == highest
    return best


def picks(scores: Scores, overall: Scores) -> NDArray[np.int64]:
    """Return which run to take on each image, by its place, shape (I,).

    It is the best one of the image; of several that tie, and where no run has a score, the one
    that is better overall, then the first.

    Args:
        scores: (R, I) of each image, NaN where there is none.
        overall: (R,) of all images, NaN where there is none.
    """
    order = np.argsort(np.where(np.isnan(overall), np.inf, -overall), kind="stable")
    best = best_of(scores[order])
    chosen: NDArray[np.int64] = order[best.argmax(axis=0)]
    return chosen


def image_precisions(rows: MatchRows, truth: ObjectTable, images: NDArray[np.int64]) -> Scores:
    """Return COCO's AP of each image by itself, as if it were the whole data set, shape (I,).

    NaN where nothing is annotated but crowd regions.

    Args:
        rows: matches of one run on these images.
        truth: annotations of these images.
        images: (I,) keys, ascending.
    """
    counted = in_range(truth.areas)[:, _ALL] & ~truth.crowd
    span = int(max(rows.categories.max(initial=0), truth.categories.max(initial=0))) + 1
    place = np.searchsorted(images, truth.images[counted])
    groups, positives = np.unique(place * span + truth.categories[counted], return_counts=True)
    keys = np.searchsorted(images, rows.images) * span + rows.categories
    precision = _group_precisions(rows, keys, groups, positives)
    shape = {"minlength": len(images)}
    sums = np.bincount(groups // span, weights=precision, **shape)
    scores: Scores = ratio(sums, np.bincount(groups // span, **shape))
    return scores


def _group_precisions(rows: MatchRows, keys: Counts, groups: Counts, positives: Counts) -> Scores:
    """Return AP of each group of one image and class, shape (G,).

    Args:
        rows: of any groups.
        keys: the group of each row; those of no group play no part.
        groups: (G,) ascending.
        positives: (G,) annotations that count, above 0.
    """
    precision = np.zeros(len(groups))
    for start in range(0, len(groups), _BLOCK):
        block = groups[start : start + _BLOCK]
        own = np.flatnonzero(np.isin(keys, block))
        of_group = MatchRows(
            rows.images[own],
            np.searchsorted(block, keys[own]).astype(np.int32),
            rows.scores[own],
            rows.rank[own],
            rows.hits[own],
            rows.ignored[own],
        )
        counts = np.zeros((len(block), len(AREA_RANGES)), np.int64)
        counts[:, _ALL] = positives[start : start + _BLOCK]
        curves = accumulate(of_group, counts).precision[:, :, :, _ALL, _BEST_100]
        precision[start : start + _BLOCK] = curves.mean(axis=(0, 1))
    return precision
