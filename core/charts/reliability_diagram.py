"""How often answers are right against how sure they were, with the number of answers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.intervals import Trace
from core.charts.labels import escaped
from core.charts.layout import AXIS, QUIET, quiet_figure
from core.charts.words import Say, in_english

HEIGHT = 400
BARS_END, BETWEEN = 0.266, 0.05  # of the height


def reliability_diagram(
    bins: pd.DataFrame,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
    say: Say = in_english,
) -> go.Figure:
    """Return a line a run over the diagonal of perfect calibration; below it the bins' answers.

    Args:
        bins: columns run, low and high (edges of the bin, fractions), answers, right, certainty
            (sum of the answers' probabilities); bins without answers are left out of the line.
        colours: run to its colour.
        markers: run to its plotly symbol, so that colour is never alone.
        say: gives the words of the chart in the language of its reader.
    """
    diagonal: Trace = {
        "type": "scatter",
        "x": [0, 1],
        "y": [0, 1],
        "mode": "lines",
        "line": {"color": QUIET, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    traces: list[Trace] = [diagonal]
    for run, own in bins.groupby("run", sort=False):
        shared = {"name": escaped(str(run)), "legendgroup": escaped(str(run))}
        traces.append(shared | _line(own, colours[str(run)], markers[str(run)], say))
        traces.append(shared | _bars(own, colours[str(run)], say))
    across = {"range": [0, 1.02], "tickformat": ".0%", "title": {"text": ""}}
    upright = {"range": [0, 1.04], "tickformat": ".0%", "title": {"text": say("right")}}
    return quiet_figure(
        traces,
        height=HEIGHT,
        x={**across, "anchor": "y", "matches": "x2", "showticklabels": False},
        y={**upright, "anchor": "x", "domain": [BARS_END + BETWEEN, 1]},
        xaxis2={
            **AXIS,
            **across,
            "anchor": "y2",
            "title": {"text": say("probability that the run gave")},
        },
        yaxis2={
            **AXIS,
            "anchor": "x2",
            "domain": [0, BARS_END],
            "title": {"text": say("answers")},
        },
        barmode="group",
        showlegend=len(bins["run"].unique()) > 1,
    )


def _line(bins: pd.DataFrame, colour: str, marker: str, say: Say) -> Trace:
    held = bins[bins["answers"] > 0]
    told = say("sure %{x:.1%}, right %{y:.1%}<br>%{customdata[0]:,} answers")
    return {
        "type": "scatter",
        "x": (held["certainty"] / held["answers"]).to_numpy(),
        "y": (held["right"] / held["answers"]).to_numpy(),
        "mode": "lines+markers",
        "line": {"color": colour},
        "marker": {"symbol": marker, "size": 9},
        "customdata": held[["answers"]].to_numpy(),
        "hovertemplate": f"%{{fullData.name}}<br>{told}<extra></extra>",
    }


def _bars(bins: pd.DataFrame, colour: str, say: Say) -> Trace:
    told = say("%{customdata[0]:.0%} to %{customdata[1]:.0%}: %{y:,} answers")
    return {
        "type": "bar",
        "xaxis": "x2",
        "yaxis": "y2",
        "x": ((bins["low"] + bins["high"]) / 2).to_numpy(),
        "y": bins["answers"].to_numpy(),
        "showlegend": False,
        "marker": {"color": colour},
        "customdata": bins[["low", "high"]].to_numpy(),
        "hovertemplate": f"%{{fullData.name}}<br>{told}<extra></extra>",
    }
