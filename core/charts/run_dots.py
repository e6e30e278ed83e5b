"""Several scores of several runs: a row a score, a dot a run."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import quiet

ROW = 34


def run_dots(
    scores: pd.DataFrame,
    title: str,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
) -> go.Figure:
    """Return a row for each name, in the order of the table, with a dot for each run.

    Args:
        scores: columns run, name (of the row), score (a fraction; rows without one are left out).
        title: of the axis.
        colours: run to its colour.
        markers: run to its plotly symbol, so that colour is never alone.
    """
    names = list(dict.fromkeys(scores["name"]))
    figure = go.Figure()
    for run, own in scores.dropna(subset=["score"]).groupby("run", sort=False):
        figure.add_scatter(
            x=100 * own["score"],
            y=own["name"],
            name=str(run),
            mode="markers",
            cliponaxis=False,
            marker={"size": 12, "color": colours[str(run)], "symbol": markers[str(run)]},
            hovertemplate="%{fullData.name}, %{y}: %{x:.1f}<extra></extra>",
        )
    quiet(figure, height=ROW * len(names) + 90, x_title=title)
    figure.update_layout(showlegend=len(scores["run"].unique()) > 1)
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=names[::-1], showgrid=True
    )
    figure.update_xaxes(rangemode="tozero")
    return literal(figure)
