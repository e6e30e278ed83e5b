"""What each stage of a system costs: the score as it is, and with one stage that is perfect."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import escaped
from core.charts.layout import QUIET, stacked
from core.charts.words import Say, in_english


def bar_label(run: str, stage: str, say: Say = in_english) -> str:
    """Return how the bar of a run with the truth of one stage is called."""
    return say("{run}, true {stage}", run=run, stage=stage)


def stage_gains_chart(
    gains: pd.DataFrame, title: str, colours: tuple[str, str], say: Say = in_english
) -> go.Figure:
    """Return a bar to 100 % for each pair of runs, in three parts.

    A stage whose truth lowers the score has no second part; the hover text says by how much.

    Args:
        gains: as `core.scoring.oracles.stage_gains` returns them.
        title: of the score.
        colours: of the first two parts.
        say: gives the words of the chart in the language of its reader.
    """
    lower = gains[["score", "oracle_score"]].min(axis=1)
    parts = (
        say("as it is"),
        say("gained when that stage is perfect"),
        say("lost by the other stages"),
    )
    names = [
        bar_label(run, oracle, say) for run, oracle in zip(gains.run, gains.oracle, strict=True)
    ]
    widths = (lower, gains["gain"].clip(lower=0), gains["rest"])
    told = (gains["score"], gains["gain"], gains["rest"])
    template = "%{y}<br>%{fullData.name}: " + say("%{customdata:.1f} points") + "<extra></extra>"
    labels = [escaped(name) for name in names]
    bars = [
        {
            "type": "bar",
            "name": escaped(part),
            "x": (100 * width).to_numpy(),
            "y": labels,
            "customdata": (100 * value).to_numpy(),
            "orientation": "h",
            "marker": {"color": colour},
            "hovertemplate": template,
        }
        for part, width, value, colour in zip(parts, widths, told, (*colours, QUIET), strict=True)
    ]
    axis = say("{title}, per cent", title=title)
    return stacked(bars, axis, labels[::-1], range=[0, 100])
