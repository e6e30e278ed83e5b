"""Where the wrong pixels of label maps lie: along outlines, in met segments, in segments not met.

As Bernhard et al. 2024 ("What's Outside the Intersection?", WACV; beyond-iou) tell false pixels of
a class apart, class by class. Its hits are the pixels that have it in the annotation and in the
prediction, its neither-nors those that have it in neither, void ones included.

- boundary: within d of a hit and of a neither-nor, or within d of such a pixel, and in a patch of
  them that touches a hit and a neither-nor: the outline is there, but off;
- extent: else, in a segment with a hit: the region was found, but is too large or too small;
- segment: else: the region was not found, or is invented.

d is 1 % of the diagonal, and segments are pixels of one class that touch, also at corners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics.joint_runs import JointRuns

KINDS = ("boundary", "extent", "segment")
REACH_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class PixelErrors:
    """Wrong pixels of one image: a row for each class and kind that has any, ascending.

    Attributes:
        classes: (R,) int64 class index.
        kinds: (R,) str, of `KINDS`.
        missed: (R,) int64 pixels of the class in the annotation, of another in the prediction.
        added: (R,) int64 pixels of the class in the prediction, of another in the annotation.
        wrong: (R,) int64 wrong pixels of the class in the annotation by `joined_kinds`.
    """

    classes: NDArray[np.int64]
    kinds: NDArray[np.str_]
    missed: NDArray[np.int64]
    added: NDArray[np.int64]
    wrong: NDArray[np.int64]


def reach_of(height: int, width: int) -> int:
    """Return d, 1 % of the image's diagonal in whole pixels, at least 1."""
    return max(1, round(REACH_SHARE * math.hypot(height, width)))


def error_kinds(runs: JointRuns) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the kind of each wrong pixel, as missed by its true class and as added to another.

    Returns:
        Two (H, W): 0 of a pixel that is right or void, or that no class was added to; else 1 and
        the place in `KINDS`.
    """
    from core.metrics.kernels import pixel_errors  # numba takes half a second to import

    distance = reach_of(runs.height, runs.width)
    rows = range(distance + 1)  # the disc holds what is nearer than d + 1/2
    reach = np.array([math.isqrt(distance * (distance + 1) - row * row) for row in rows], np.int32)
    missed, added = (np.zeros((runs.height, runs.width), np.uint8) for _ in range(2))
    pixel_errors.side_kinds(runs.columns, runs.truth, reach, missed)
    pixel_errors.side_kinds(runs.columns, runs.predicted, reach, added)
    return missed, added


def joined_kinds(missed: NDArray[np.uint8], added: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return one kind a wrong pixel: of its two classes the one that it is the graver error of."""
    return np.maximum(missed, added)


def count_errors(runs: JointRuns, class_count: int) -> PixelErrors:
    """Count the wrong pixels of one image, class by class and kind by kind.

    Args:
        runs: annotation and prediction.
        class_count: C, above every class index in them.
    """
    from core.metrics.kernels import pixel_errors  # numba takes half a second to import

    counts = pixel_errors.count_kinds(runs.columns, *error_kinds(runs), class_count)
    classes, kinds = np.nonzero(counts.any(axis=2))
    return PixelErrors(classes, np.array(KINDS)[kinds], *counts[classes, kinds].T)


def loss_shares(missed: ArrayLike, added: ArrayLike, unions: ArrayLike) -> NDArray[np.float64]:
    """Return the share of each class's union that is wrong, by kind; with its IoU they make 1.

    Args:
        missed: (..., C, 3) pixels by class and kind.
        added: (..., C, 3).
        unions: (..., C) pixels that have the class in the annotation or the prediction.

    Returns:
        (..., C, 3), NaN where the union is empty.
    """
    wrong = np.asarray(missed, np.float64) + np.asarray(added, np.float64)
    whole = np.asarray(unions, np.float64)[..., None]
    shares: NDArray[np.float64] = np.full(wrong.shape, np.nan)
    np.divide(wrong, whole, out=shares, where=whole > 0)
    return shares
