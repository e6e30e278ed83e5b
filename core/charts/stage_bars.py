"""What each stage of several runs takes of the time of an image."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import escaped
from core.charts.layout import QUIET, stacked
from core.charts.words import Say, in_english

REST = "not told by stage"


def stage_bars(
    stages: pd.DataFrame, colours: Mapping[str, str], say: Say = in_english
) -> go.Figure:
    """Return a bar for each run, its stages one after the other, the fastest run on top.

    Args:
        stages: columns run, stage, seconds (mean of an image), in the order the stages act; the
            stage `REST` is grey.
        colours: stage to its colour, of all but `REST`.
        say: gives the words of the chart in the language of its reader.
    """
    order = stages.groupby("run", sort=False)["seconds"].sum().sort_values(ascending=False)
    bars = []
    for stage in stage_names(stages):
        own = stages[stages["stage"] == stage]
        bars.append(
            {
                "type": "bar",
                "name": escaped(say(REST) if stage == REST else stage),
                "x": own["seconds"].to_numpy(),
                "y": [escaped(run) for run in own["run"]],
                "orientation": "h",
                "marker": {"color": QUIET if stage == REST else colours[stage]},
                "hovertemplate": "%{y}, %{fullData.name}: %{x:.3f} s<extra></extra>",
            }
        )
    names = [escaped(str(run)) for run in order.index]
    return stacked(bars, say("seconds for an image, mean"), names)


def stage_names(stages: pd.DataFrame) -> list[str]:
    """Return all stages so that those of each run are in its order, and `REST` last."""
    place = stages.groupby("run", sort=False).cumcount()
    latest = place.groupby(stages["stage"], sort=False).max().sort_values(kind="stable")
    return [*(str(stage) for stage in latest.index if stage != REST), REST]
