"""Classification of images that show one class each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.metrics.ratios import mean_of_classes, ratio

Classes = NDArray[np.integer]

NO_ANSWER = "no answer"
# What becomes of an image of one object: its class read, its place found.
JOINT_OUTCOMES = (
    "right class, right place",
    "right class, wrong place",
    "wrong class, right place",
    "wrong class, wrong place",
    NO_ANSWER,
)


def confusion(truth: Classes, predicted: Classes, class_count: int) -> NDArray[np.int64]:
    """Return how many images of each class were given which class, (C, C) [truth, prediction].

    Args:
        truth: (N,) class indices.
        predicted: (N,) class indices.
        class_count: C.

    Raises:
        ValueError: the lengths differ, or an index is not of 0 to C - 1.

    Example:
        >>> confusion(np.array([0, 1, 1]), np.array([0, 0, 1]), 2).tolist()
        [[1, 0], [1, 1]]
    """
    truth, predicted = _indices(truth, class_count), _indices(predicted, class_count)
    if len(truth) != len(predicted):
        raise ValueError(f"{len(truth)} true classes but {len(predicted)} predicted ones")
    pairs = np.bincount(truth * class_count + predicted, minlength=class_count**2)
    return pairs.reshape(class_count, class_count).astype(np.int64)


def top1(table: NDArray[np.int64]) -> float:
    """Return the share of images that were given their class, NaN for no images.

    Args:
        table: (C, C) as `confusion` makes it.
    """
    return _fraction(float(np.trace(table)), float(table.sum()))


def class_f1(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return F1 of each class, (C,), NaN for classes in neither truth nor prediction.

    Args:
        table: (C, C) as `confusion` makes it.
    """
    return f1(np.diag(table), table.sum(axis=1), table.sum(axis=0))


def macro_f1(table: NDArray[np.int64]) -> float:
    """Return the mean F1 of the classes in truth or prediction, NaN if there are none.

    The average that scikit-learn 1.9 gives by `f1_score(average="macro")` without `labels`.

    Args:
        table: (C, C) as `confusion` makes it.
    """
    return float(mean_of_classes(class_f1(table)))


def joint_outcomes(
    truth: Classes,
    predicted: Classes,
    ious: NDArray[np.float64],
    least: float = 0.5,
) -> NDArray[np.int64]:
    """Return what became of each image of one object, (N,) positions in `JOINT_OUTCOMES`.

    Args:
        truth: (N,) class indices.
        predicted: (N,) class indices, negative where there is no answer.
        ious: (N,) overlap of the boxes (`core.metrics.localization`).
        least: IoU from which a box lies right.

    Raises:
        ValueError: the lengths differ, or an IoU is NaN.

    Example:
        >>> joint_outcomes(np.array([3, 3, 3]), np.array([3, 5, -1]), np.array([0.4, 0.9, 0]))
        array([1, 2, 4])
    """
    truth, predicted, ious = np.asarray(truth), np.asarray(predicted), np.asarray(ious)
    if not len(truth) == len(predicted) == len(ious):
        raise ValueError(f"{len(truth)} true, {len(predicted)} predicted classes, {len(ious)} IoUs")
    if np.isnan(ious).any():
        raise ValueError("an IoU is NaN; without an annotated place there is no such outcome")
    outcomes = 2 * (truth != predicted) + (ious < least)
    return np.where(predicted < 0, JOINT_OUTCOMES.index(NO_ANSWER), outcomes).astype(np.int64)


def joint_accuracy(
    truth: Classes,
    predicted: Classes,
    ious: NDArray[np.float64],
    least: float = 0.5,
) -> float:
    """Return the share of images whose class is right and whose box lies right, NaN for none.

    ILSVRC's localisation (Russakovsky et al. 2015) with one guess an image; arguments and errors
    as those of `joint_outcomes`.
    """
    outcomes = joint_outcomes(truth, predicted, ious, least)
    return _fraction(float((outcomes == 0).sum()), float(len(outcomes)))


def f1(
    shared: NDArray[np.int64], truth: NDArray[np.int64], predicted: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return F1 of each class, (…, C), NaN for classes in neither truth nor prediction.

    Args:
        shared: (…, C) images of the class that were given it.
        truth: (…, C) images of the class.
        predicted: (…, C) images that were given it.
    """
    return ratio(2 * shared, truth + predicted)


def _fraction(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _indices(classes: Classes, class_count: int) -> NDArray[np.int64]:
    classes = np.asarray(classes)
    if classes.ndim != 1 or (len(classes) and not np.issubdtype(classes.dtype, np.integer)):
        raise ValueError(f"classes are {classes.dtype} of shape {classes.shape}, expected (N,) int")
    if len(classes) and not 0 <= classes.min() <= classes.max() < class_count:
        raise ValueError(
            f"classes of {classes.min()} to {classes.max()}, expected 0 to {class_count - 1}"
        )
    return classes.astype(np.int64)
