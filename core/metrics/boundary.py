"""Boundary IoU of label maps: overlap of the bands along the outlines of regions.

A region's band is what is left of it beside its erosion: its pixels with a pixel of another label,
or the edge of the image, within d steps in rows, columns or diagonals (Cheng et al. 2021,
boundary-iou-api). Such a band does not shrink against the region's area, so that a coarse outline
of a large object costs as much as it shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics.joint_runs import VOID, JointRuns
from core.metrics.tallying import Tally

BAND_SHARE = 0.02


@dataclass(frozen=True, eq=False)
class BoundaryCounts:
    """Pixels in the bands of one image: a row for each class that has any, ascending.

    Attributes:
        classes: (R,) int64 class index.
        truth: (R,) int64 pixels of the annotation's band.
        predicted: (R,) int64 pixels of the prediction's band.
        shared: (R,) int64 pixels in both.
    """

    classes: NDArray[np.int64]
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    shared: NDArray[np.int64]


def band_width(height: int, width: int) -> int:
    """Return d, 2 % of the image's diagonal in whole pixels, at least 1."""
    return max(1, round(BAND_SHARE * math.hypot(height, width)))


def count_boundaries(runs: JointRuns, class_count: int) -> BoundaryCounts:
    """Count the pixels in the bands of one image, class by class.

    What is void in the truth is made void in the prediction first, so that the edge of a void
    area cuts both alike and a perfect prediction scores 1. Void is a label like others to its
    neighbours. Each class's band is where its pixels are: no erosion for each class is needed.

    Args:
        runs: annotation and prediction.
        class_count: C, above every class index in them.
    """
    from core.metrics.kernels import joint_runs  # numba takes half a second to import

    seen = np.where(runs.truth == VOID, VOID, runs.predicted)
    distance = band_width(runs.height, runs.width)
    amounts = joint_runs.band_pixels(
        runs.truth, seen, runs.starts, runs.ends, runs.rows, distance, class_count
    )
    classes = np.flatnonzero(amounts[0] + amounts[1])
    return BoundaryCounts(classes, *amounts[:, classes])


def boundary_tallies(
    images: ArrayLike,
    classes: ArrayLike,
    truth: ArrayLike,
    predicted: ArrayLike,
    shared: ArrayLike,
    class_count: int,
) -> tuple[NDArray[np.int64], Tally]:
    """Return the bands of images as tallies, whose `iou` is the boundary IoU.

    Args:
        images: (R,) key of the image of each row.
        classes: (R,) class index.
        truth: (R,) pixels of the annotation's band.
        predicted: (R,) pixels of the prediction's band.
        shared: (R,) pixels in both.
        class_count: C.

    Returns:
        The keys that occur, ascending, shape (I,), and the tally of each, shape (I, C).
    """
    keys, places = np.unique(np.asarray(images, dtype=np.int64), return_inverse=True)
    tables = np.zeros((3, keys.size, class_count), dtype=np.int64)
    for table, amounts in zip(tables, (truth, predicted, shared), strict=True):
        np.add.at(table, (places, np.asarray(classes, dtype=np.int64)), amounts)
    return keys, Tally(tp=tables[2], fp=tables[1] - tables[2], fn=tables[0] - tables[2])
