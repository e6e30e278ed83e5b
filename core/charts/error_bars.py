"""Of what the union of true and predicted pixels of runs is made: hits, and errors by kind."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import escaped
from core.charts.layout import stacked
from core.charts.palette import PIXEL_PART_COLOURS
from core.charts.words import Say, in_english


def error_bars(losses: pd.DataFrame, say: Say = in_english) -> go.Figure:
    """Return a bar for each run, its parts one after the other, the first run on top.

    Args:
        losses: columns run, part, share (of the union, from 0 to 1), pixels, missed and added;
            parts in their order.
        say: gives the words of the chart in the language of its reader.
    """
    bars = [_bar(part, losses[losses["part"] == part], say) for part in losses["part"].unique()]
    runs = [escaped(run) for run in losses["run"].unique()]
    return stacked(bars, say("per cent of the union"), runs[::-1], range=[0, 100])


def _bar(part: str, rows: pd.DataFrame, say: Say) -> dict[str, Any]:
    hits = (rows["missed"] == 0) & (rows["added"] == 0)
    words = [
        say(
            "{pixels:,} pixels"
            if alone
            else "{pixels:,} pixels: {missed:,} missed, {added:,} added",
            pixels=row.pixels,
            missed=row.missed,
            added=row.added,
        )
        for row, alone in zip(rows.itertuples(index=False), hits, strict=True)
    ]
    return {
        "type": "bar",
        "name": escaped(say(part)),
        "x": 100 * rows["share"].to_numpy(),
        "y": [escaped(run) for run in rows["run"]],
        "orientation": "h",
        "marker": {"color": PIXEL_PART_COLOURS[part]},
        "customdata": words,
        "hovertemplate": "%{y}, %{fullData.name}: %{x:.2f} %<br>%{customdata}<extra></extra>",
    }
