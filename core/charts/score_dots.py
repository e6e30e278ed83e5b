"""One score of several runs on one line each, with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.intervals import interval_lines, words_right
from core.charts.labels import escaped
from core.charts.layout import categories, quiet_figure
from core.charts.words import Say, in_english


def score_dots(
    scores: pd.DataFrame,
    title: str,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
    *,
    percent: bool = True,
    say: Say = in_english,
) -> go.Figure:
    """Return a dot for each run, the first on top; runs without the score are left out.

    Args:
        scores: columns run, score, low and high (fractions, or seconds; its 95 % interval, NaN
            for none), group (letters right of the number, "" for none) and, if it is there, told
            (what is said at the pointer beside the score).
        title: of the score, for the axis.
        colours: run to its colour.
        markers: run to its plotly symbol, so that colour is never alone.
        percent: whether the score is a fraction, shown as per cent.
        say: gives the words of the chart in the language of its reader.
    """
    ordered = scores.dropna(subset=["score"]).iloc[::-1]
    factor = 100 if percent else 1
    sign, digits = ("%", ".1f") if percent else (" s", ".3f")
    shown = ordered.assign(
        x=factor * ordered["score"], low=factor * ordered["low"], high=factor * ordered["high"]
    )
    names = [escaped(run) for run in shown["run"]]
    dots = {
        "type": "scatter",
        "x": shown["x"].to_numpy(),
        "y": names,
        "mode": "markers",
        "cliponaxis": False,
        "marker": {
            "size": 13,
            "color": [colours[run] for run in shown["run"]],
            "symbol": [markers[run] for run in shown["run"]],
        },
        "customdata": [escaped(each) for each in shown["told"]] if "told" in shown else None,
        "hovertemplate": "%{y}: %{x:"
        + digits
        + "}"
        + sign
        + ("<br>%{customdata}" if "told" in shown else "")
        + "<extra></extra>",
        "showlegend": False,
    }
    unit = "%" if percent else say("seconds")
    words = [
        f"{x:{digits}}  <b>{group}</b>" if group else f"{x:{digits}}"
        for x, group in zip(shown["x"], shown["group"], strict=True)
    ]
    return quiet_figure(
        [interval_lines(shown, "run"), dots, words_right(shown, "run", words)],
        height=96 + 34 * len(shown),
        x={"title": {"text": escaped(f"{title}, {unit}")}, "range": _range(shown)},
        y=categories(names, showgrid=True),
    )


def _range(shown: pd.DataFrame) -> list[float]:
    """Return limits with room for the words right of the dots."""
    if shown.empty:
        return [0, 1]
    ends = shown[["x", "low", "high"]]
    low, high = float(ends.min().min()), float(ends.max().max())
    room = max((high - low) * 0.25, abs(high) * 0.04, 1e-3)
    return [low - room, high + room * 1.5]
