"""Several scores of several runs: a row a score, a dot a run."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import escaped
from core.charts.layout import categories, legend_height, quiet_figure

ROW = 34


def run_dots(
    scores: pd.DataFrame,
    title: str,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
    *,
    across: int = 3,
) -> go.Figure:
    """Return a row for each name, in the order of the table, with a dot for each run.

    Args:
        scores: columns run, name (of the row), score (a fraction; rows without one are left out),
            and, if it is there, told (what is said at the pointer beside the score).
        title: of the axis.
        colours: run to its colour.
        markers: run to its plotly symbol, so that colour is never alone.
        across: names of runs that fit in a line of the legend, which adds to the height.
    """
    names = list(dict.fromkeys(scores["name"]))
    traces = [
        {
            "type": "scatter",
            "x": (100 * own["score"]).to_numpy(),
            "y": [escaped(name) for name in own["name"]],
            "name": escaped(str(run)),
            "mode": "markers",
            "cliponaxis": False,
            "marker": {"size": 12, "color": colours[str(run)], "symbol": markers[str(run)]},
            "customdata": [escaped(each) for each in own["told"]] if "told" in own else None,
            "hovertemplate": "%{fullData.name}, %{y}: %{x:.1f}"
            + ("<br>%{customdata}" if "told" in own else "")
            + "<extra></extra>",
        }
        for run, own in scores.dropna(subset=["score"]).groupby("run", sort=False)
    ]
    return quiet_figure(
        traces,
        height=ROW * len(names) + 90 + legend_height(len(traces), across),
        x={"title": {"text": escaped(title)}, "rangemode": "tozero"},
        y=categories([escaped(name) for name in names[::-1]], showgrid=True),
        showlegend=len(scores["run"].unique()) > 1,
    )
