"""Of what the union of true and predicted pixels of runs is made: hits, and errors by kind."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import quiet, rows_height
from core.charts.palette import PIXEL_PART_COLOURS
from core.charts.words import Say, in_english


def error_bars(losses: pd.DataFrame, say: Say = in_english) -> go.Figure:
    """Return a bar for each run, its parts one after the other, the first run on top.

    Args:
        losses: columns run, part, share (of the union, from 0 to 1), pixels, missed and added;
            parts in their order.
        say: gives the words of the chart in the language of its reader.
    """
    figure = go.Figure()
    for part in losses["part"].unique():
        own = losses[losses["part"] == part]
        hits = (own["missed"] == 0) & (own["added"] == 0)
        words = [
            say(
                "{pixels:,} pixels"
                if alone
                else "{pixels:,} pixels: {missed:,} missed, {added:,} added",
                pixels=row.pixels,
                missed=row.missed,
                added=row.added,
            )
            for row, alone in zip(own.itertuples(index=False), hits, strict=True)
        ]
        figure.add_bar(
            name=say(part),
            x=100 * own["share"],
            y=own["run"],
            orientation="h",
            marker={"color": PIXEL_PART_COLOURS[part]},
            customdata=words,
            hovertemplate="%{y}, %{fullData.name}: %{x:.2f} %<br>%{customdata}<extra></extra>",
        )
    runs = list(losses["run"].unique())
    quiet(figure, height=rows_height(len(runs), around=110), x_title=say("per cent of the union"))
    figure.update_layout(barmode="stack", legend_traceorder="normal")
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=runs[::-1])
    return literal(figure)
