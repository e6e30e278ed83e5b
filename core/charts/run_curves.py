"""A curve for each run in one picture."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import escaped
from core.charts.layout import QUIET, legend_height, quiet_figure
from core.charts.words import Say, in_english

HEIGHT = 380


# what can be clicked on a line alone: its markers, of which a few are enough
UNSEEN = {"opacity": 0, "size": 10, "maxdisplayed": 100}


def run_curves(
    points: pd.DataFrame,
    titles: tuple[str, str],
    colours: Mapping[str, str],
    dashes: Mapping[str, str],
    *,
    at: float | None = None,
    markers: Mapping[str, str] | None = None,
    across: int = 3,
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
        across: names of runs that fit in a line of the legend, which adds to the height.
        say: gives the words of the chart in the language of its reader.
    """
    told = "%{fullData.name}: " + say("%{y:.1%} at %{x:.3f}") + "<extra></extra>"
    traces = []
    for run, own in points.groupby("run", sort=False):
        name = str(run)
        traces.append(
            {
                "type": "scatter",
                "x": own["x"].to_numpy(),
                "y": own["y"].to_numpy(),
                "name": escaped(name),
                "mode": "lines+markers",
                "line": {"color": colours[name], "dash": dashes[name], "width": 2},
                "hovertemplate": told,
                "marker": {"symbol": markers[name], "size": 8} if markers else UNSEEN,
            }
        )
    upright = {"type": "line", "xref": "x", "yref": "y domain", "y0": 0, "y1": 1}
    line = {"color": QUIET, "dash": "dot", "width": 2}
    return quiet_figure(
        traces,
        height=HEIGHT + legend_height(len(traces), across),
        x={"title": {"text": escaped(titles[0])}},
        y={"title": {"text": escaped(titles[1])}, "tickformat": ".0%", "rangemode": "tozero"},
        showlegend=len(traces) > 1,
        **({} if at is None else {"shapes": [{**upright, "x0": at, "x1": at, "line": line}]}),
    )
