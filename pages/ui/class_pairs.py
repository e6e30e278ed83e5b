"""Which class was given which: the choice of annotated and predicted classes, shared by pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.metrics.confusion import NOTHING
from pages.ui import store
from pages.ui.image_layers import view_classes
from pages.ui.language import mark, say
from pages.ui.words import counted

MOST_NAMED = 3


@dataclass(frozen=True)
class ClassPair:
    """Cells of a confusion matrix.

    Attributes:
        truth: class indices of the annotation, `NOTHING` for none; None for any.
        predicted: class indices of the prediction, `NOTHING` for none; None for any.
    """

    truth: tuple[int, ...] | None
    predicted: tuple[int, ...] | None


def pair_names(split: pd.Series, *, pixels: bool) -> dict[str, int]:
    """Return the index of each class by its name; what is no class comes first.

    Args:
        split: row of `catalogue.datasets`.
        pixels: of label maps, whose background may be painted, instead of objects.
    """
    if pixels:
        named = {name: index for index, name, _ in view_classes(split)}
    else:
        classes = store.classes(split["dataset"])
        named = dict(zip(classes["name"], classes["class"].astype(int), strict=True))
    return {nothing(list(named)): NOTHING, **named}


def nothing(names: Sequence[str]) -> str:
    """Return what stands for no class at all, other than every class is called."""
    word = "(nothing)"
    while word in names:
        word = f"({word})"
    return word


def pair_filter(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Draw the choice of annotated and of predicted classes; none stands for any.

    Args:
        names: keys of `pair_names`.
    """
    said = say("or none was: what was missed, and pixels without an answer")
    return (
        _some_of(
            say("Annotated as"), "truth", names, say("or none was: predictions on the background")
        ),
        _some_of(say("Predicted as"), "predicted", names, said),
    )


def pair_of(
    names: dict[str, int], truth: Sequence[str], predicted: Sequence[str]
) -> ClassPair | None:
    """Return the pair that names speak of, or None if any will do; unknown names are left out.

    Args:
        names: of `pair_names`.
        truth: names of annotated classes, or none for any.
        predicted: names of predicted classes, or none for any.
    """
    if not truth and not predicted:
        return None
    sides = [
        tuple(names[name] for name in side if name in names) if side else None
        for side in (truth, predicted)
    ]
    return ClassPair(*sides)


def pair_words(truth: Sequence[str], predicted: Sequence[str]) -> str:
    """Return the pair in words, such as "annotated cat, predicted dog"."""
    sides = ((mark("annotated {names}"), truth), (mark("predicted {names}"), predicted))
    return ", ".join(say(text, names=listed(names)) for text, names in sides if names)


def listed(names: Sequence[str]) -> str:
    """Return a few names, or the first ones and how many more there are."""
    if len(names) <= MOST_NAMED + 1:
        return say(" or ").join(names)
    more = counted(len(names) - MOST_NAMED, "other")
    return say("{names} or {more}", names=", ".join(names[:MOST_NAMED]), more=more)


def _some_of(label: str, key: str, names: Sequence[str], or_none: str) -> tuple[str, ...]:
    # lists of one value fall back by themselves; here one lost name would take all with it
    kept = st.session_state.get(key, [])
    if not set(kept) <= set(names):
        st.session_state[key] = [name for name in kept if name in names]
    return tuple(
        st.multiselect(
            label,
            list(names),
            key=key,
            bind="query-params",
            placeholder=say("Any class"),
            width=260,
            help=say("One of these classes, {or_none} ({names}).", or_none=or_none, names=names[0]),
        )
    )
