"""How often each class occurs: one bar a class."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import BAR, quiet, rows_height


def class_frequency(classes: pd.DataFrame, measure: str, title: str, *, log: bool) -> go.Figure:
    """Return bars of `measure`, the most frequent class on top.

    Args:
        classes: columns name and `measure`; a row for each class.
        measure: the column to draw.
        title: what it counts, for the axis.
        log: whether the axis is logarithmic; classes that never occur have no bar then.
    """
    ordered = classes.sort_values(measure, kind="stable")
    figure = go.Figure(
        go.Bar(
            x=ordered[measure],
            y=ordered["name"],
            orientation="h",
            marker_color=BAR,
            text=ordered[measure],
            texttemplate="%{x:,}",
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,} " + title + "<extra></extra>",
        )
    )
    quiet(figure, height=rows_height(len(ordered)), x_title=title)
    # room for the figure behind the longest bar
    figure.update_layout(margin_r=72)
    # names may look like numbers: "0" … "9" are classes too
    figure.update_yaxes(type="category", dtick=1)
    figure.update_xaxes(type="log" if log else "linear", side="top", showgrid=True)
    return literal(figure)
