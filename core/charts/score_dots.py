"""One score of several runs on one line each."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.layout import quiet


def score_dots(
    scores: pd.DataFrame,
    title: str,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
    *,
    percent: bool = True,
) -> go.Figure:
    """Return a dot for each run, the highest on top; runs without the score are left out.

    Args:
        scores: columns run, score (a fraction, or seconds).
        title: of the score, for the axis.
        colours: run to its colour.
        markers: run to its plotly symbol, so that colour is never alone.
        percent: whether the score is a fraction, shown as per cent.
    """
    ordered = scores.dropna(subset=["score"]).sort_values("score", kind="stable")
    shown = ordered["score"] * 100 if percent else ordered["score"]
    sign, digits = ("%", ".1f") if percent else (" s", ".3f")
    figure = go.Figure(
        go.Scatter(
            x=shown,
            y=ordered["run"],
            mode="markers+text",
            text=shown,
            texttemplate="%{x:" + digits + "}",
            textposition="middle right",
            cliponaxis=False,
            marker={
                "size": 13,
                "color": [colours[run] for run in ordered["run"]],
                "symbol": [markers[run] for run in ordered["run"]],
            },
            hovertemplate="%{y}: %{x:" + digits + "}" + sign + "<extra></extra>",
        )
    )
    quiet(
        figure, height=96 + 34 * len(ordered), x_title=f"{title}, {'%' if percent else 'seconds'}"
    )
    figure.update_yaxes(type="category", showgrid=True)
    figure.update_xaxes(range=_range(shown))
    return figure


def _range(shown: pd.Series[float]) -> list[float]:
    """Return limits with room for the labels right of the dots."""
    if shown.empty:
        return [0, 1]
    low, high = float(shown.min()), float(shown.max())
    room = max((high - low) * 0.25, abs(high) * 0.04, 1e-3)
    return [low - room, high + room * 1.5]
