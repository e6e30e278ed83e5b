"""The rows and columns of a confusion matrix: classes, groups of them, or those that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics import confusion
from core.metrics.confusion import Matrix
from pages.ui.language import mark, say

MOST_ROWS = 30
GROUPS, MOST, EVERY = (
    mark("groups of classes"),
    mark("the most confused classes"),
    mark("every class"),
)
INSIDE = "in "
GIVEN, ALIKE, CONFUSED = ORDERS = (
    mark("as in the data set"),
    mark("alike together"),
    mark("most confused first"),
)
OTHERS = mark("other classes")


@dataclass(frozen=True)
class Entry:
    """A row and column.

    Attributes:
        label: what it is called, different from all others.
        classes: class indices that are added up in it.
        inside: one of `modes` that shows its classes one by one, or "" for a single class.
    """

    label: str
    classes: tuple[int, ...]
    inside: str = ""


def groups_of(names: Sequence[str], supercategories: Sequence[str]) -> dict[str, list[int]]:
    """Return the classes of each group, by its name; a class without one stands by itself.

    Args:
        names: of the classes by index; a painted background may be last.
        supercategories: of the classes of the data set by index, "" for none.
    """
    groups: dict[str, list[int]] = {}
    alone: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        group = supercategories[index] if index < len(supercategories) else ""
        if group:
            groups.setdefault(group, []).append(index)
        else:
            alone[name] = [index]
    # a class by itself that is called as a group is called still stands by itself
    return groups | {name if name not in groups else f"{name} ": own for name, own in alone.items()}


def modes(groups: Mapping[str, Sequence[int]], class_count: int) -> list[str]:
    """Return what rows and columns can be, the standard first.

    Args:
        groups: of `groups_of`.
        class_count: C.
    """
    several = [group for group, members in groups.items() if len(members) > 1]
    inside = [f"{INSIDE}{group}" for group in several]
    grouped = [GROUPS] if several and len(groups) > 1 else []
    if class_count <= MOST_ROWS:
        return [EVERY, *grouped, *inside]
    return [*grouped, MOST, EVERY, *inside]


def mode_words(mode: str) -> str:
    """Return one of `modes` in the visitor's language."""
    if mode.startswith(INSIDE):
        return say("in {group}", group=mode.removeprefix(INSIDE))
    return say(mode)


def entries_of(
    mode: str,
    names: Sequence[str],
    groups: Mapping[str, Sequence[int]],
    matrix: Matrix,
    around: int | None = None,
) -> list[Entry]:
    """Return the rows and columns; all classes together stand in them once.

    Args:
        mode: one of `modes`.
        names: of the classes by index.
        groups: of `groups_of`.
        matrix: of all runs together, (C + 1, C + 1).
        around: class index to show with those it is confused with, whatever the mode; or None.
    """
    singles = range(len(names))
    merged: list[tuple[str, Sequence[int]]] = []
    if around is not None:
        singles = _confused_with(matrix, around)
    elif mode == MOST:
        singles = sorted(confusion.most_confused_order(matrix)[:MOST_ROWS].tolist())
    elif mode == GROUPS or mode.startswith(INSIDE):
        opened = mode.removeprefix(INSIDE) if mode != GROUPS else None
        merged = [(g, own) for g, own in groups.items() if len(own) > 1 and g != opened]
        hidden = {index for _, own in merged for index in own}
        singles = [index for index in range(len(names)) if index not in hidden]
        if opened is not None:
            singles = sorted(singles, key=lambda index: index not in groups[opened])
    entries = [Entry(names[index], (index,)) for index in singles]
    shown = set(names)
    entries += [Entry(_apart(g, shown), tuple(own), f"{INSIDE}{g}") for g, own in merged]
    counted = {index for entry in entries for index in entry.classes}
    rest = tuple(index for index in range(len(names)) if index not in counted)
    return [*entries, Entry(_apart(OTHERS, shown), rest)] if rest else entries


def ordered(entries: Sequence[Entry], order: str, matrix: Matrix) -> list[Entry]:
    """Return the entries in one of `ORDERS`, without those of which nothing is in the matrix.

    Args:
        entries: of `entries_of`.
        order: one of `ORDERS`.
        matrix: of all runs together, (C + 1, C + 1).
    """
    together = confusion.merged(matrix, [entry.classes for entry in entries])
    used = (together.sum(axis=0) + together.sum(axis=1))[:-1] > 0
    places = np.arange(len(entries))
    if order == ALIKE:
        places = confusion.similar_order(together)
    elif order == CONFUSED:
        places = confusion.most_confused_order(together)
    return [entries[place] for place in places if used[place]]


def _confused_with(matrix: Matrix, index: int) -> list[int]:
    """The class, and then those that most was taken for it or it for them."""
    shared = (matrix[index] + matrix[:, index])[:-1]
    shared[index] = 0
    others = [int(other) for other in np.argsort(-shared, kind="stable") if shared[other]]
    return [index, *others[: MOST_ROWS - 1]]


def _apart(label: str, names: set[str]) -> str:
    while label in names:
        label = say("{label} (group)", label=label)
    return label
