"""What class-balanced sampling changes: how often a training sees each class, with and without."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import BAR, QUIET, quiet, rows_height
from core.charts.words import Say, in_english

ALIKE = "all images drawn alike"
BALANCED = "drawn by their classes"
HOVER = (
    "%{y}, %{fullData.name}: %{x:,.1f} draws an epoch<br>"
    "%{customdata:.2f} times as often as without"
)


def class_draws(draws: pd.DataFrame, *, log: bool, say: Say = in_english) -> go.Figure:
    """Return two bars a class, the most frequent class on top.

    Args:
        draws: columns name, images (its draws if all images are drawn alike) and drawn (its draws
            to be expected by the weights of the sampling); a row for each class.
        log: whether the axis is logarithmic; classes that never occur have no bar then.
        say: gives the words of the chart in the language of its reader.
    """
    ordered = draws.sort_values("images", kind="stable")
    factor = (ordered["drawn"] / ordered["images"].where(ordered["images"] > 0)).fillna(1)
    figure = go.Figure()
    # plotly draws the last of a group on top
    for column, title, colour in (("drawn", say(BALANCED), BAR), ("images", say(ALIKE), QUIET)):
        figure.add_bar(
            name=title,
            x=ordered[column],
            y=ordered["name"],
            orientation="h",
            marker_color=colour,
            text=ordered[column],
            texttemplate="%{x:,.0f}",
            textposition="outside",
            cliponaxis=False,
            customdata=factor,
            hovertemplate=say(HOVER) + "<extra></extra>",
        )
    quiet(figure, height=rows_height(2 * len(ordered), around=110), x_title=say("draws an epoch"))
    figure.update_layout(barmode="group", legend_traceorder="reversed", margin_r=72)
    # names may look like numbers: "0" … "9" are classes too
    figure.update_yaxes(type="category", dtick=1)
    figure.update_xaxes(type="log" if log else "linear", showgrid=True)
    return literal(figure)
