"""A curve for each run in one picture."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import QUIET, quiet
from core.charts.words import Say, in_english

HEIGHT = 380


def run_curves(
    points: pd.DataFrame,
    titles: tuple[str, str],
    colours: Mapping[str, str],
    dashes: Mapping[str, str],
    *,
    at: float | None = None,
    markers: Mapping[str, str] | None = None,
    say: Say = in_english,
) -> go.Figure:
    """Return a line a run; both axes show fractions as they are, y as per cent.

    Args:
        points: columns run, x, y (fractions) in the order in which they are joined; points
            without y leave a gap.
        titles: of the two axes.
        colours: run to its colour.
        dashes: run to how plotly draws its line, so that colour is never alone.
        at: x of an upright line, or None.
        markers: run to the plotly symbol at each point, or None for a line alone.
        say: gives the words of the chart in the language of its reader.
    """
    figure = go.Figure()
    for run, own in points.groupby("run", sort=False):
        name = str(run)
        figure.add_scatter(
            x=own["x"],
            y=own["y"],
            name=name,
            mode="lines+markers" if markers else "lines",
            line={"color": colours[name], "dash": dashes[name], "width": 2},
            marker={"symbol": markers[name], "size": 8} if markers else None,
            hovertemplate="%{fullData.name}: " + say("%{y:.1%} at %{x:.3f}") + "<extra></extra>",
        )
    quiet(figure, height=HEIGHT, x_title=titles[0], y_title=titles[1])
    figure.update_layout(showlegend=len(points["run"].unique()) > 1)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    if at is not None:
        figure.add_vline(x=at, line={"color": QUIET, "dash": "dot", "width": 2})
    return literal(figure)
