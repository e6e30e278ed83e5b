"""A figure of each pair of runs as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

CELL = 44
ROOM_FOR_NAMES = 130
BLACK, WHITE = "#111111", "#ffffff"


def run_pairs(
    cells: pd.DataFrame,
    runs: Sequence[str],
    *,
    title: str,
    counts: Mapping[str, str],
    figure: str = ".1%",
) -> alt.LayerChart:
    """Return a heat map of runs by runs; the pointer shows exact counts.

    Args:
        cells: columns run and other (names), value (NaN where there is none) and those of
            `counts`.
        runs: names from top to bottom and from left to right.
        title: what the value is.
        counts: columns of whole numbers to what the pointer calls them.
        figure: d3 format of the value.
    """
    there = cells[cells["value"].notna()]
    low, high = (float(there["value"].agg(end)) if len(there) else 0.0 for end in ("min", "max"))
    names = alt.Scale(domain=list(runs))
    base = alt.Chart(there).encode(
        x=alt.X("other:N", title=None, scale=names).axis(labelAngle=-45, labelLimit=150),
        y=alt.Y("run:N", title=None, scale=names).axis(labelLimit=170),
    )
    squares = base.mark_rect().encode(
        color=alt.Color(
            "value:Q", title=title, scale=alt.Scale(scheme="viridis", domain=[low, max(high, low)])
        ).legend(format=figure, orient="top", gradientLength=180, titleLimit=420),
        tooltip=[
            alt.Tooltip("run:N"),
            alt.Tooltip("other:N"),
            alt.Tooltip("value:Q", title=title, format=figure),
            *(alt.Tooltip(f"{name}:Q", title=word, format=",") for name, word in counts.items()),
        ],
    )
    pale = f"datum.value > {low + 0.6 * (high - low)}"
    figures = base.mark_text(fontSize=11).encode(
        text=alt.Text("value:Q", format=figure),
        color=alt.condition(pale, alt.value(BLACK), alt.value(WHITE)),
    )
    return alt.layer(squares, figures).properties(height=CELL * len(runs) + ROOM_FOR_NAMES)
