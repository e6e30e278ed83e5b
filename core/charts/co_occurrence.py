"""Which classes appear on the same images."""

from __future__ import annotations

import pandas as pd

from core.charts.heat_maps import (
    Spec,
    colours,
    heat_map,
    names_axis,
    pickable_squares,
    told_figure,
    told_name,
)
from core.charts.words import Say, in_english

CELL = 19
ROOM_FOR_NAMES = 130


def co_occurrence(pairs: pd.DataFrame, order: list[str], say: Say = in_english) -> Spec:
    """Return a heat map: of the images with the row's class, the share with the column's too.

    A clicked cell is the selection "cell" with the fields class and other.

    Args:
        pairs: columns class, other (names), images (that hold both), share (a fraction of the
            images that hold `class`); the pairs of a class with itself are left blank.
        order: names of the classes, as rows and columns should follow.
        say: gives the words of the chart in the language of its reader.
    """
    columns = names_axis(
        "other",
        order,
        say("… also hold"),
        orient="top",
        labelAngle=-90,
        labelLimit=120,
        labelOverlap="greedy",
        labelFlush=False,
    )
    rows = names_axis(
        "class",
        order,
        say("images with …"),
        labelLimit=120,
        labelOverlap=False,
        labelFlush=False,
    )
    apart = pairs[pairs["class"] != pairs["other"]]
    return heat_map(
        apart, columns, rows, [_squares(say)], height=CELL * len(order) + ROOM_FOR_NAMES
    )


def _squares(say: Say) -> Spec:
    """The layer of cells, one of which can be picked."""
    return pickable_squares(
        ("class", "other"),
        colours("share", say("share"), {"scheme": "blues"}, format=".0%", orient="right"),
        [
            told_name("class", say("images with")),
            told_name("other", say("also hold")),
            told_figure("share", ".1%", say("share")),
            told_figure("images", ",", say("images with both")),
        ],
        edge=2,
    )
