"""What all plotly figures share: quiet axes, no background, room for long names."""

from __future__ import annotations

import plotly.graph_objects as go

BAR = "#3b82b8"
QUIET = "#9aa3ad"
GAIN, LOSS = "#0072b2", "#d55e00"
ROW_HEIGHT = 19


def quiet(figure: go.Figure, *, height: int, x_title: str = "", y_title: str = "") -> go.Figure:
    """Return the figure with the shared layout; colours of text come from the page's theme."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        bargap=0.25,
        hoverlabel={"namelength": -1},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(title_text=x_title, automargin=True, zeroline=False)
    figure.update_yaxes(title_text=y_title, automargin=True, zeroline=False)
    return figure


def rows_height(rows: int, *, least: int = 160, around: int = 70) -> int:
    """Return the height, pixels, of a chart with one line for each row."""
    return max(least, rows * ROW_HEIGHT + around)
