"""What each stage of a system costs: the score as it is, and with one stage that is perfect."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import QUIET, quiet, rows_height
from core.charts.words import Say, in_english


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
        say("{run}, true {stage}", run=run, stage=oracle)
        for run, oracle in zip(gains.run, gains.oracle, strict=True)
    ]
    figure = go.Figure()
    widths = (lower, gains["gain"].clip(lower=0), gains["rest"])
    told = (gains["score"], gains["gain"], gains["rest"])
    for part, width, value, colour in zip(parts, widths, told, (*colours, QUIET), strict=True):
        figure.add_bar(
            name=part,
            x=100 * width,
            y=names,
            customdata=100 * value,
            orientation="h",
            marker={"color": colour},
            hovertemplate="%{y}<br>%{fullData.name}: "
            + say("%{customdata:.1f} points")
            + "<extra></extra>",
        )
    quiet(
        figure,
        height=rows_height(len(gains), least=190, around=140),
        x_title=say("{title}, per cent", title=title),
    )
    figure.update_layout(barmode="stack", legend_traceorder="normal")
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names[::-1])
    figure.update_xaxes(range=[0, 100])
    return literal(figure)
