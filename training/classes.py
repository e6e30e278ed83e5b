"""Classes of a network, by name, among those of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.structures import BACKGROUND_NAME, label_dtype
from core.words import counted

SHOWN = 12


@dataclass(frozen=True, eq=False)
class ClassMap:
    """Which class of the data set each class of a network is.

    Attributes:
        indices: (K,) int32 index among the data set's classes, -1 for none.
        note: one sentence for the user, or "" where all classes are on both sides.
    """

    indices: NDArray[np.int32]
    note: str

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the note, if there is one."""
        return (self.note,) if self.note else ()

    @property
    def known(self) -> tuple[int, ...]:
        """Return the network's classes that the data set has."""
        return tuple(np.flatnonzero(self.indices >= 0).tolist())


def map_classes(names: Sequence[str], categories: Sequence[str]) -> ClassMap:
    """Match the classes of a network to those of a data set by name.

    Case, and blanks around a name, make no difference unless the data set tells classes apart by
    them alone.

    Args:
        names: (K,) of the network.
        categories: (C,) of the data set.

    Raises:
        UsageError: they have no class in common.
    """
    exact = {name: index for index, name in enumerate(categories)}
    folded: dict[str, list[int]] = {}
    for index, name in enumerate(categories):
        folded.setdefault(_folded(name), []).append(index)
    loose = {name: found[0] for name, found in folded.items() if len(found) == 1}
    indices = np.array(
        [exact.get(name, loose.get(_folded(name), -1)) for name in names], dtype=np.int32
    )
    if not (indices >= 0).any():
        raise UsageError(
            f"The weights know the classes {_listed(names)}; the data set has "
            f"{_listed(categories)}: none in common. Choose weights that were trained on these "
            "classes, or give the data set's classes the names that the weights use."
        )
    return ClassMap(indices, _note(names, categories, indices))


def map_labels(
    names: Sequence[str], background: int, categories: Sequence[str]
) -> tuple[ClassMap, type[np.uint8] | type[np.uint16]]:
    """Match the labels of a network to the values of a data set's label maps.

    A network that learnt from painted maps has a background that no category need be: it is the
    index after the last category.

    Args:
        names: (K,) of the network's labels.
        background: index in `names` of what means "nothing", or -1.
        categories: (C,) of the data set.

    Returns:
        Which value each label is, and the dtype of such maps.

    Raises:
        UsageError: they have no class in common.
    """
    painted = (
        background >= 0
        and names[background] == BACKGROUND_NAME
        and BACKGROUND_NAME not in categories
    )
    labels = [*categories, BACKGROUND_NAME] if painted else list(categories)
    return map_classes(names, labels), label_dtype(len(labels))


def _note(names: Sequence[str], categories: Sequence[str], indices: NDArray[np.int32]) -> str:
    missing = [name for index, name in enumerate(categories) if index not in indices]
    unused = [name for name, index in zip(names, indices, strict=True) if index < 0]
    parts = []
    if missing:
        parts.append(
            f"the weights do not know {len(missing)} of the data set's "
            f"{counted(len(categories), 'class', 'classes')} and will find "
            f"none of them: {_listed(missing)}"
        )
    if unused:
        parts.append(
            f"{len(unused)} of the weights' {counted(len(names), 'class', 'classes')} are not in "
            f"the data set and are left out: {_listed(unused)}"
        )
    sentence = "; ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
