"""Lines from one end of an interval to the other, and words right of them."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.charts.layout import QUIET


def add_intervals(
    figure: go.Figure, rows: pd.DataFrame, name: str, *, colour: str = QUIET, opacity: float = 1
) -> None:
    """Add a line for each row that has an interval, to lie below the dots that follow.

    Args:
        figure: with categories on its y axis.
        rows: columns low and high, in the units of the x axis, and the one with the category.
        name: of that column.
        colour: of the lines.
        opacity: of the lines.
    """
    there = rows.dropna(subset=["low", "high"])
    ends = there[["low", "high"]].assign(gap=None).to_numpy(object)
    figure.add_scatter(
        x=list(ends.ravel()),
        y=list(there[name].repeat(3)),
        mode="lines",
        line={"color": colour, "width": 3},
        opacity=opacity,
        hoverinfo="skip",
        showlegend=False,
    )


def add_words(
    figure: go.Figure, rows: pd.DataFrame, name: str, words: list[str], *, opacity: float = 1
) -> None:
    """Add words right of each row's interval, or of its dot where it has none.

    Args:
        figure: with categories on its y axis.
        rows: columns x, low and high, and the one with the category.
        name: of that column.
        words: one a row.
        opacity: of the words.
    """
    figure.add_scatter(
        x=rows[["x", "high"]].max(axis=1),
        y=rows[name],
        mode="text",
        text=[f"\N{NO-BREAK SPACE}{each}" for each in words],
        textposition="middle right",
        cliponaxis=False,
        opacity=opacity,
        hoverinfo="skip",
        showlegend=False,
    )
