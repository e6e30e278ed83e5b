"""What all plotly figures share: quiet axes, no background, room for long names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core.charts.labels import escaped

BAR = "#3b82b8"
QUIET = "#9aa3ad"
GAIN, LOSS = "#0072b2", "#d55e00"
ROW_HEIGHT = 19
AROUND: dict[str, Any] = {
    "margin": {"l": 8, "r": 16, "t": 12, "b": 8},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "bargap": 0.25,
    "minreducedheight": ROW_HEIGHT,  # else a legend of several lines lies over the first bars
    "hoverlabel": {"namelength": -1},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
}
AXIS = {"automargin": True, "zeroline": False}


def quiet(figure: go.Figure, *, height: int, x_title: str = "", y_title: str = "") -> go.Figure:
    """Return the figure with the shared layout; colours of text come from the page's theme."""
    figure.update_layout(height=height, **AROUND)
    figure.update_xaxes(title_text=x_title, **AXIS)
    figure.update_yaxes(title_text=y_title, **AXIS)
    return figure


def quiet_figure(
    traces: Sequence[Mapping[str, Any]],
    *,
    height: int,
    x: Mapping[str, Any],
    y: Mapping[str, Any],
    **layout: object,
) -> go.Figure:
    """Return a figure of one pair of axes with the layout of `quiet`.

    Plotly holds each word of a figure against its schema, which takes 15 ms where there are twelve
    runs: of these the tests do it instead.

    Args:
        traces: as Plotly has them, of plain lists.
        height: pixels.
        x: the axis, beside what all have.
        y: likewise.
        layout: more of it.
    """
    around = {"height": height, **AROUND, "xaxis": {**AXIS, **x}, "yaxis": {**AXIS, **y}}
    return go.Figure({"data": list(traces), "layout": around | layout}, _validate=False)


def stacked(
    bars: Sequence[Mapping[str, Any]], x_title: str, labels: Sequence[str], **x: object
) -> go.Figure:
    """Return bars that lie one after the other, a line for each label.

    Args:
        bars: traces, as `quiet_figure` takes them.
        x_title: of the axis of lengths, plain text.
        labels: from the bottom to the top.
        x: more of that axis.
    """
    return quiet_figure(
        bars,
        height=rows_height(len(labels), least=190, around=140),
        x={"title": {"text": escaped(x_title)}, **x},
        y=categories(labels),
        barmode="stack",
        legend={**AROUND["legend"], "traceorder": "normal"},
    )


def categories(labels: Sequence[str], **axis: object) -> dict[str, Any]:
    """Return an axis without a title for `quiet_figure`: one place for each name.

    Args:
        labels: from the bottom to the top; names that look like numbers stay names.
        axis: more of it.
    """
    order = {"type": "category", "categoryorder": "array", "categoryarray": list(labels)}
    return {"title": {"text": ""}, **order, **axis}


def legend_height(names: int, across: int) -> int:
    """Return the height, pixels, of the lines that a legend has after its first.

    Args:
        names: in the legend.
        across: names that stand side by side in a line of it.
    """
    return ROW_HEIGHT * max(0, -(-names // across) - 1)


def rows_height(rows: int, *, least: int = 160, around: int = 70) -> int:
    """Return the height, pixels, of a chart with one line for each row."""
    return max(least, rows * ROW_HEIGHT + around)
