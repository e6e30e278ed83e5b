"""Which classes appear on the same images."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.words import Say, in_english

CELL = 19
ROOM_FOR_NAMES = 130


def co_occurrence(pairs: pd.DataFrame, order: list[str], say: Say = in_english) -> alt.Chart:
    """Return a heat map: of the images with the row's class, the share with the column's too.

    A clicked cell is the selection "cell" with the fields class and other.

    Args:
        pairs: columns class, other (names), images (that hold both), share (a fraction of the
            images that hold `class`); the pairs of a class with itself are left blank.
        order: names of the classes, as rows and columns should follow.
        say: gives the words of the chart in the language of its reader.
    """
    picked = alt.selection_point(name="cell", fields=["class", "other"], empty=False)
    apart = pairs[pairs["class"] != pairs["other"]]
    return (
        alt.Chart(apart)
        .mark_rect(cursor="pointer")
        .encode(
            x=alt.X(
                "other:N", sort=order, title=say("… also hold"), scale=alt.Scale(domain=order)
            ).axis(
                orient="top",
                labelAngle=-90,
                labelLimit=120,
                labelOverlap="greedy",
                labelFlush=False,
            ),
            y=alt.Y(
                "class:N", sort=order, title=say("images with …"), scale=alt.Scale(domain=order)
            ).axis(labelLimit=120, labelOverlap=False, labelFlush=False),
            color=alt.Color("share:Q", title=say("share"), scale=alt.Scale(scheme="blues")).legend(
                format=".0%"
            ),
            stroke=alt.condition(picked, alt.value("#d55e00"), alt.value(None)),
            strokeWidth=alt.value(2),
            tooltip=[
                alt.Tooltip("class:N", title=say("images with")),
                alt.Tooltip("other:N", title=say("also hold")),
                alt.Tooltip("share:Q", title=say("share"), format=".1%"),
                alt.Tooltip("images:Q", title=say("images with both"), format=","),
            ],
        )
        .add_params(picked)
        .properties(height=CELL * len(order) + ROOM_FOR_NAMES)
    )
