"""p values of many comparisons, corrected; and the groups that they leave together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

PValues = NDArray[np.float64]


def holm(p: PValues) -> PValues:
    """Return p values adjusted so that one wrong finding among all is as rare as the level.

    Holm's step-down method (Scandinavian Journal of Statistics 6, 1979): the smallest of m is
    multiplied by m, the next by m - 1 and so on. It holds whatever the comparisons share.

    Args:
        p: (M,); NaN where nothing was compared, which stays NaN and does not count.

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(4).tolist()
        [0.03, 0.06, 0.06]
    """
    return _adjusted(
        p, lambda ascending: np.maximum.accumulate(ascending * np.arange(len(ascending), 0, -1))
    )


def benjamini_hochberg(p: PValues) -> PValues:
    """Return p values adjusted so that of the findings at most the level's share is wrong.

    Benjamini and Hochberg's step-up method (Journal of the Royal Statistical Society B 57,
    1995): the k-th smallest of m is multiplied by m / k. It finds more than Holm's, and holds on
    average where comparisons are independent or go together.

    Args:
        p: (M,); NaN where nothing was compared, which stays NaN and does not count.
    """
    return _adjusted(
        p,
        lambda ascending: np.minimum.accumulate(
            (ascending * len(ascending) / np.arange(1, len(ascending) + 1))[::-1]
        )[::-1],
    )


CORRECTIONS: Final[Mapping[str, Callable[[PValues], PValues]]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
}


def letters(order: Sequence[int], apart: NDArray[np.bool_]) -> list[str]:
    """Return letters for N runs: two that share one cannot be told apart.

    The compact letter display by insertion and absorption (Piepho, Journal of Computational and
    Graphical Statistics 13, 2004).

    Args:
        order: the runs from best to worst: the best has the letter "a".
        apart: (N, N) bool, symmetric, whether two runs differ.

    Example:
        >>> apart = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], bool)
        >>> letters([0, 1, 2], apart)
        ['a', 'ab', 'b']
    """
    groups = [frozenset(order)]
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            if apart[one, other]:
                groups = _split(groups, one, other)
    position = {run: place for place, run in enumerate(order)}
    groups.sort(key=lambda group: sorted(position[run] for run in group))
    return [
        "".join(_letter(index) for index, group in enumerate(groups) if run in group)
        for run in range(len(order))
    ]


def _split(groups: list[frozenset[int]], one: int, other: int) -> list[frozenset[int]]:
    """Return the groups without any that holds both; those inside others are dropped."""
    parts: set[frozenset[int]] = set()
    for group in groups:
        parts |= {group - {one}, group - {other}} if {one, other} <= group else {group}
    return [part for part in parts if not any(part < larger for larger in parts)]


def _letter(index: int) -> str:
    """Return a, b, … z, then a1, b1 and so on."""
    turn, place = divmod(index, 26)
    return chr(ord("a") + place) + (str(turn) if turn else "")


def _adjusted(p: PValues, ascending: Callable[[PValues], PValues]) -> PValues:
    """Adjust the p values there are, given the rule for those in ascending order."""
    adjusted = np.full(len(p), np.nan)
    there = np.flatnonzero(~np.isnan(p))
    by_size = there[np.argsort(p[there], kind="stable")]
    adjusted[by_size] = np.minimum(ascending(p[by_size]), 1.0)
    return adjusted
