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


def clickable(
    figure: go.Figure, way: Callable[[str, str], Way | None], *, key: str, alt: str
) -> None:
    """Draw a chart of rows; below it how to click, or the links of what was clicked.

    Args:
        figure: of which dots or bars have names as y.
        way: takes the name of a trace ("" for none) and of the row, plain texts as the chart's
            maker was given them, and returns where they lead, or None for nowhere.
        key: of the chart on its page.
        alt: what the chart shows.
    """
    chosen = st.plotly_chart(figure, key=key, on_select="rerun", selection_mode="points", alt=alt)
    # the chart keeps what was clicked when its data change
    drawn = figure.data
    ways = [
        way(name_of(drawn[point["curve_number"]].name or ""), name_of(str(point["y"])))
        for point in chosen["selection"]["points"]
        if point["curve_number"] < len(drawn)
    ]
    found = list(dict.fromkeys(filter(None, ways)))
    if found:
        link_list(found, key=f"{key} images")
    else:
        st.caption(say("Click a dot or bar to see the images behind it."))
