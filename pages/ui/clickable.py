"""Charts of which a click shows the way to the images behind, as real links below."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import plotly.graph_objects as go
import streamlit as st

from core.charts.labels import name_of
from pages.ui.language import say
from pages.ui.link_list import link_list


class Way(NamedTuple):
    """A link: what is there in one or two words, a sentence, and the address."""

    kind: str
    sentence: str
    address: str


class Point(NamedTuple):
    """What was clicked.

    Attributes:
        name: of the trace, "" for none; plain text as the chart's maker was given it.
        row: where it lies upright: the name of its row as plain text, or a number as text.
        x: where it lies across.
    """

    name: str
    row: str
    x: float


def clickable(figure: go.Figure, way: Callable[[Point], Way | None], *, key: str, alt: str) -> None:
    """Draw a chart; below it how to click, or the links of what was clicked.

    Args:
        figure: of dots, bars, or lines with markers.
        way: returns where a point leads, or None for nowhere.
        key: of the chart on its page.
        alt: what the chart shows.
    """
    chosen = st.plotly_chart(figure, key=key, on_select="rerun", selection_mode="points", alt=alt)
    # the chart keeps what was clicked when its data change
    drawn = figure.data
    points = [
        Point(name_of(drawn[each["curve_number"]].name or ""), name_of(str(each["y"])), each["x"])
        for each in chosen["selection"]["points"]
        if each["curve_number"] < len(drawn)
    ]
    ways = map(way, points)
    found = list(dict.fromkeys(filter(None, ways)))
    if found:
        link_list(found, key=f"behind {key}")
    else:
        st.caption(say("Click a dot, bar or line to see the images behind it."))
