"""How often answers are right against how sure they were, with the number of answers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.labels import literal
from core.charts.layout import QUIET, quiet
from core.charts.words import Say, in_english

HEIGHT = 400


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
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.05
    )
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": QUIET, "dash": "dot"}, hoverinfo="skip",
        showlegend=False, row=1, col=1,
    )  # fmt: skip
    for run, own in bins.groupby("run", sort=False):
        _add_run(figure, str(run), own, colours[str(run)], markers[str(run)], say)
    quiet(figure, height=HEIGHT)
    figure.update_layout(barmode="group", showlegend=len(bins["run"].unique()) > 1)
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_xaxes(title_text=say("probability that the run gave"), row=2, col=1)
    figure.update_yaxes(title_text=say("right"), range=[0, 1.04], tickformat=".0%", row=1, col=1)
    figure.update_yaxes(title_text=say("answers"), row=2, col=1)
    return literal(figure)


def _add_run(
    figure: go.Figure, run: str, bins: pd.DataFrame, colour: str, marker: str, say: Say
) -> None:
    held = bins[bins["answers"] > 0]
    figure.add_scatter(
        x=held["certainty"] / held["answers"],
        y=held["right"] / held["answers"],
        name=run,
        legendgroup=run,
        mode="lines+markers",
        line={"color": colour},
        marker={"symbol": marker, "size": 9},
        customdata=held[["answers"]],
        hovertemplate="%{fullData.name}<br>"
        + say("sure %{x:.1%}, right %{y:.1%}<br>%{customdata[0]:,} answers")
        + "<extra></extra>",
        row=1,
        col=1,
    )
    figure.add_bar(
        x=(bins["low"] + bins["high"]) / 2,
        y=bins["answers"],
        name=run,
        legendgroup=run,
        showlegend=False,
        marker={"color": colour},
        customdata=bins[["low", "high"]],
        hovertemplate="%{fullData.name}<br>"
        + say("%{customdata[0]:.0%} to %{customdata[1]:.0%}: %{y:,} answers")
        + "<extra></extra>",
        row=2,
        col=1,
    )
