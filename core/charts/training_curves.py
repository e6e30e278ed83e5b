"""How the values of a training moved, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import QUIET, quiet
from core.charts.words import Say, in_english

HEIGHT = 280


def training_curves(
    points: pd.DataFrame,
    title: str,
    best_epoch: int,
    phases: Sequence[int] = (),
    best: str = "kept",
    say: Say = in_english,
) -> go.Figure:
    """Return a line for each name, the epoch that was kept, and where later phases begin.

    Args:
        points: columns epoch (from 1), name, value.
        title: what the values are, for the axis.
        best_epoch: the epoch whose weights were kept.
        phases: first epoch of the second phase of the training, of the third and so on.
        best: what is said of that epoch: "kept", or "best" where nobody knows which was kept.
        say: gives the words of the chart in the language of its reader.
    """
    lines = [
        go.Scatter(
            x=curve["epoch"],
            y=curve["value"],
            name=str(name),
            mode="lines+markers",
            hovertemplate="%{fullData.name}, " + say("epoch %{x}: %{y:.4g}") + "<extra></extra>",
        )
        for name, curve in points.groupby("name", sort=True)
    ]
    figure = go.Figure(lines)
    quiet(figure, height=HEIGHT, x_title=say("epoch"), y_title=title)
    figure.update_layout(showlegend=True)
    figure.add_vline(
        x=best_epoch, line_dash="dot", line_color=QUIET, annotation_text=f"{best}: {best_epoch}"
    )
    for number, epoch in enumerate(phases, start=2):
        figure.add_vline(
            x=epoch - 0.5,
            line_color=QUIET,
            annotation_text=say("phase {number}", number=number),
            annotation_position="bottom right",
        )
    figure.update_xaxes(dtick=None if points["epoch"].max() > 12 else 1)
    return literal(figure)
