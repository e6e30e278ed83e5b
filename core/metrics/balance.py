"""How evenly classes occur in a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


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


def _evenness(present: np.ndarray, class_count: int) -> float:
    if class_count < 2 or not len(present):
        return float("nan")
    shares = present / present.sum()
    # a lone class would give -0.0
    return float(abs(-(shares * np.log(shares)).sum()) / np.log(class_count))
