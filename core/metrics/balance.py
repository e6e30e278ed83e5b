"""How evenly classes occur in a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Balance:
    """How evenly C classes occur.

    Attributes:
        ratio: the most frequent class against the least frequent one that occurs at all;
            NaN if none occurs.
        evenness: Shannon entropy of the shares over its largest possible value, log C
            (Pielou 1966): 1 where all classes occur equally often, 0 where only one occurs;
            NaN with fewer than two classes or without any occurrence.
        few: number of classes that occur, but fewer than the limit.
        absent: number of classes that never occur.
    """

    ratio: float
    evenness: float
    few: int
    absent: int


def class_balance(counts: Sequence[float], limit: int) -> Balance:
    """Return how evenly classes occur.

    Args:
        counts: how often each class occurs (objects, images or pixels), C entries.
        limit: a class that occurs less often than this is one of the few.

    Example:
        >>> class_balance([8, 2, 0], limit=5)
        Balance(ratio=4.0, evenness=0.4554859150035952, few=1, absent=1)
    """
    every = np.asarray(counts, dtype=np.float64)
    present = every[every > 0]
    return Balance(
        ratio=float(present.max() / present.min()) if len(present) else float("nan"),
        evenness=_evenness(present, len(every)),
        few=int((present < limit).sum()),
        absent=len(every) - len(present),
    )


def expected_draws(
    shown: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return how many images show each class, and how many of N that are drawn are to be expected.

    Args:
        shown: (N, C) whether an image shows a class.
        weights: (N,) probability that a draw is of the image, summing to 1.

    Returns:
        (C,) images, which is what N draws bring if all images are drawn alike, and (C,) the
        expected number of draws that show the class, N times the sum of their probabilities.

    Example:
        >>> shown = np.array([[True, True], [True, False]])
        >>> [each.tolist() for each in expected_draws(shown, np.array([0.75, 0.25]))]
        [[2, 1], [2.0, 1.5]]
    """
    return shown.sum(axis=0), len(shown) * (weights @ shown)


def _evenness(present: np.ndarray, class_count: int) -> float:
    if class_count < 2 or not len(present):
        return float("nan")
    shares = present / present.sum()
    # a lone class would give -0.0
    return float(abs(-(shares * np.log(shares)).sum()) / np.log(class_count))
