"""Which pixels of each class were given which class: sparse confusion counts of label maps.

Counts add up; scores do not. Sum the counts of the images you want to describe, then ask
`core.metrics.pixel` for a score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry import label_runs
from core.structures import LabelMap, void_of

NO_ANSWER = -1

# Above this many classes (C + 1)² counters no longer fit the processor's cache, and runs win.
_MOST_TABLE_CLASSES = 512


@dataclass(frozen=True, eq=False)
class PixelCounts:
    """How the labelled pixels of some images fell.

    One row for each pair of classes that occurs, in ascending order of (truth, predicted).

    Attributes:
        truth: (R,) int32 class index of the annotation.
        predicted: (R,) int32 class index of the prediction, -1 where the system gave none: a
            miss of the true class, and no false positive of another.
        pixels: (R,) int64 pixels of that pair, above 0.
    """

    truth: NDArray[np.int32]
    predicted: NDArray[np.int32]
    pixels: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check that the columns are equally long."""
        if not len(self.truth) == len(self.predicted) == len(self.pixels):
            raise ValueError(
                f"columns of {len(self.truth)}, {len(self.predicted)} and {len(self.pixels)} rows"
            )

    def __add__(self, other: PixelCounts) -> PixelCounts:
        """Return the counts of both together."""
        return PixelCounts.sum((self, other))

    @staticmethod
    def sum(parts: Iterable[PixelCounts]) -> PixelCounts:
        """Return the counts of all parts together; no parts give no rows."""
        parts = tuple(parts)
        if not parts:
            nothing = np.empty(0, dtype=np.int64)
            return _gather(nothing, nothing, nothing)
        return _gather(
            np.concatenate([part.truth for part in parts]).astype(np.int64),
            np.concatenate([part.predicted for part in parts]).astype(np.int64),
            np.concatenate([part.pixels for part in parts]),
        )


def count_pixels(truth: LabelMap, predicted: LabelMap, class_count: int) -> PixelCounts:
    """Count the pixels of one image, pair by pair of classes.

    Args:
        truth: (H, W) class index of each pixel; void pixels are left out of every count.
        predicted: (H, W) class index of each pixel; void where the system gave no answer.
        class_count: C, the number of class indices allowed: the categories, and one more where
            a background class was painted.

    Raises:
        ValueError: the shapes differ, or an index of a labelled pixel is not below C.

    Example:
        >>> truth, predicted = np.array([[[0, 1, 255]], [[1, 1, 0]]], dtype=np.uint8)
        >>> counts = count_pixels(truth, predicted, class_count=2)
        >>> counts.truth.tolist(), counts.predicted.tolist(), counts.pixels.tolist()
        ([0, 1], [1, 1], [1, 1])
    """
    label_runs.check_label_map(truth, "truth")
    label_runs.check_label_map(predicted, "predicted")
    if truth.shape != predicted.shape:
        raise ValueError(
            f"truth is {truth.shape} but predicted is {predicted.shape}; "
            "resize the prediction to the image before counting"
        )
    if class_count > _MOST_TABLE_CLASSES:
        return _count(label_runs.find_runs(truth), label_runs.find_runs(predicted), class_count)
    return _count_in_table(truth.ravel(), predicted.ravel(), class_count)


def count_runs(truth: bytes, predicted: bytes, class_count: int) -> PixelCounts:
    """Count the pixels of one image from its stored label runs, without painting the maps.

    Args:
        truth: label runs (`core.geometry.label_runs`) of the annotation.
        predicted: label runs of the prediction, of as many pixels.
        class_count: C, as in `count_pixels`, whose counts these are.

    Raises:
        ValueError: a blob is damaged, the sizes differ, or an index of a labelled pixel is not
            below C.
    """
    return _count(label_runs.runs(truth), label_runs.runs(predicted), class_count)


def foreground(counts: PixelCounts, background: int) -> PixelCounts:
    """Return the counts of two classes: 0, the background, and 1, anything else.

    Args:
        counts: counts of any classes; pixels without an answer stay so.
        background: index of the background class in `counts`.
    """
    return _gather(
        foreground_classes(counts.truth, background),
        foreground_classes(counts.predicted, background),
        counts.pixels,
    )


def foreground_classes(classes: NDArray[np.integer], background: int) -> NDArray[np.int64]:
    """Return 0 for the background, 1 for any other class, and no answer as it is."""
    return np.where(classes == NO_ANSWER, NO_ANSWER, classes != background).astype(np.int64)


def _count_in_table(truth: LabelMap, predicted: LabelMap, class_count: int) -> PixelCounts:
    """Count flat maps in a table whose last row and column take what is no class index."""
    from core.metrics.kernels import pixel as kernels  # numba takes half a second to import

    table = kernels.pixel_pairs(truth, predicted, class_count)
    if table[class_count].any() or table[:, class_count].any():
        _check_indices(truth, predicted, class_count)
    return _from_table(table)


def _from_table(table: NDArray[np.int64]) -> PixelCounts:
    """Return the counts of a (C + 1, C + 1) table: last row left out, last column no answer."""
    counted = np.roll(table[:-1], 1, axis=1)  # no answer is -1, so it comes first
    classes, columns = np.nonzero(counted)
    return PixelCounts(
        classes.astype(np.int32), (columns - 1).astype(np.int32), counted[classes, columns]
    )


def _count(
    truth_runs: tuple[LabelMap, label_runs.Lengths],
    predicted_runs: tuple[LabelMap, label_runs.Lengths],
    class_count: int,
) -> PixelCounts:
    """Count two lists of (labels, lengths)."""
    from core.metrics.kernels import pixel as kernels  # numba takes half a second to import

    truth_pixels, predicted_pixels = truth_runs[1].sum(), predicted_runs[1].sum()
    if truth_pixels != predicted_pixels:
        raise ValueError(
            f"truth has {truth_pixels} pixels but predicted has {predicted_pixels}; "
            "resize the prediction to the image before counting"
        )
    if class_count <= _MOST_TABLE_CLASSES:
        table = kernels.run_pairs(*truth_runs, *predicted_runs, class_count)
        if not (table[class_count].any() or table[:, class_count].any()):
            return _from_table(table)
    truth, predicted, lengths = kernels.merge_runs(*truth_runs, *predicted_runs)
    _check_indices(truth, predicted, class_count)
    labelled = truth != void_of(truth)
    answers = np.where(predicted == void_of(predicted), NO_ANSWER, predicted.astype(np.int64))
    return _gather(truth[labelled].astype(np.int64), answers[labelled], lengths[labelled])


def _check_indices(truth: LabelMap, predicted: LabelMap, class_count: int) -> None:
    """Refuse labels, other than void, that are no class index; under void truth all may stand."""
    labelled = truth != void_of(truth)
    answered = labelled & (predicted != void_of(predicted))
    for name, labels, counted in (
        ("truth", truth, labelled),
        ("predicted", predicted, answered),
    ):
        if np.any((labels >= class_count) & counted):
            found = labels[counted]
            raise ValueError(
                f"{name} holds class indices {found.min()}..{found.max()}, "
                f"but there are {class_count} classes"
            )


def _gather(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], pixels: NDArray[np.int64]
) -> PixelCounts:
    """Add up rows of the same pair of classes and put the pairs in order."""
    columns = int(predicted.max(initial=NO_ANSWER)) + 2  # the first is for -1
    keys = truth * columns + predicted + 1
    cells = (int(truth.max(initial=0)) + 1) * columns
    if cells <= keys.size:  # then a table is smaller than the rows, and quicker than sorting them
        table = np.zeros(cells, dtype=np.int64)
        np.add.at(table, keys, pixels)
        keys = np.flatnonzero(table)
        totals = table[keys]
    else:
        keys, places = np.unique(keys, return_inverse=True)
        totals = np.zeros(keys.size, dtype=np.int64)
        np.add.at(totals, places, pixels)
    return PixelCounts(
        truth=(keys // columns).astype(np.int32),
        predicted=(keys % columns - 1).astype(np.int32),
        pixels=totals,
    )
