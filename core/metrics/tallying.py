"""Found, invented and missed pixels of each class, from rows of confusion counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics.counting import NO_ANSWER, PixelCounts

Pixels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tally:
    """Pixels of each class that were found, invented and missed.

    Attributes:
        tp: (..., C) int64, pixels of the class predicted as it.
        fp: (..., C) int64, labelled pixels of other classes predicted as it.
        fn: (..., C) int64, pixels of the class predicted as another, or not answered.
    """

    tp: Pixels
    fp: Pixels
    fn: Pixels

    def __post_init__(self) -> None:
        """Check that the three speak of the same classes."""
        if not self.tp.shape == self.fp.shape == self.fn.shape:
            raise ValueError(
                f"tp, fp and fn have shapes {self.tp.shape}, {self.fp.shape} and {self.fn.shape}"
            )

    @property
    def truth(self) -> Pixels:
        """Return (..., C) labelled pixels of the class."""
        return self.tp + self.fn

    @property
    def predicted(self) -> Pixels:
        """Return (..., C) labelled pixels predicted as the class."""
        return self.tp + self.fp


def tally(counts: PixelCounts, class_count: int) -> Tally:
    """Return what `counts` say of each class, shape (C,).

    Raises:
        ValueError: a class index is not below `class_count`.
    """
    return total_tally(counts.truth, counts.predicted, counts.pixels, class_count)


def total_tally(
    truth: ArrayLike, predicted: ArrayLike, pixels: ArrayLike, class_count: int
) -> Tally:
    """Add up rows of confusion counts, in any order and of any images.

    Args:
        truth: (R,) class index of the annotation.
        predicted: (R,) class index of the prediction, -1 where it gave none.
        pixels: (R,) pixels of the pair.
        class_count: C.

    Returns:
        Tally of shape (C,).

    Raises:
        ValueError: a class index is not below `class_count`.
    """
    rows = np.zeros(np.size(truth), dtype=np.int64)
    grouped = _tally_groups(rows, 1, truth, predicted, pixels, class_count)
    return Tally(grouped.tp[0], grouped.fp[0], grouped.fn[0])


def tallies(
    images: ArrayLike,
    truth: ArrayLike,
    predicted: ArrayLike,
    pixels: ArrayLike,
    class_count: int,
) -> tuple[NDArray[np.int64], Tally]:
    """Add up rows of confusion counts, image by image.

    Args:
        images: (R,) key of the image that each row belongs to, in any order.
        truth: (R,) class index of the annotation.
        predicted: (R,) class index of the prediction, -1 where it gave none.
        pixels: (R,) pixels of the pair.
        class_count: C.

    Returns:
        The keys that occur, ascending, shape (I,), and the tally of each, shape (I, C). An
        image without a labelled pixel has no rows, and so is not among them.

    Raises:
        ValueError: a class index is not below `class_count`.
    """
    keys, places = _group(np.asarray(images, dtype=np.int64))
    return keys, _tally_groups(places, keys.size, truth, predicted, pixels, class_count)


def _tally_groups(
    places: NDArray[np.intp],
    groups: int,
    truth: ArrayLike,
    predicted: ArrayLike,
    pixels: ArrayLike,
    class_count: int,
) -> Tally:
    """Add up rows, each into the group at its place: shape (groups, C)."""
    true_class = np.asarray(truth, dtype=np.int64)
    answer = np.asarray(predicted, dtype=np.int64)
    _check_classes("truth", true_class, 0, class_count)
    _check_classes("predicted", answer, NO_ANSWER, class_count)
    amount = np.asarray(pixels, dtype=np.int64)
    shape = (groups, class_count)
    cells = places * class_count
    right, answered = true_class == answer, answer != NO_ANSWER
    in_truth = _sums(cells + true_class, amount, shape)
    in_predicted = _sums((cells + answer)[answered], amount[answered], shape)
    tp = _sums((cells + answer)[right], amount[right], shape)
    return Tally(tp=tp, fp=in_predicted - tp, fn=in_truth - tp)


def _sums(cells: NDArray[np.int64], amounts: Pixels, shape: tuple[int, int]) -> Pixels:
    """Add each amount to its cell; unlike `np.bincount` in integers throughout."""
    sums = np.zeros(shape, dtype=np.int64)
    np.add.at(sums.reshape(-1), cells, amounts)
    return sums


def _check_classes(name: str, classes: NDArray[np.int64], lowest: int, class_count: int) -> None:
    if classes.size and not lowest <= classes.min() <= classes.max() < class_count:
        raise ValueError(
            f"{name} holds class indices {classes.min()}..{classes.max()}, "
            f"but there are {class_count} classes"
        )


def _group(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the distinct keys, ascending, and the place of each row among them."""
    if np.all(keys[1:] >= keys[:-1]):  # as the store keeps them: no need to sort
        first = np.diff(keys, prepend=keys[:1] - 1) > 0
        return keys[first], np.cumsum(first) - 1
    return np.unique(keys, return_inverse=True)
