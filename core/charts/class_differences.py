"""What one run gains and loses against another, class by class, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import plotly.graph_objects as go

from core.charts.intervals import Trace, interval_lines, words_right
from core.charts.labels import escaped
from core.charts.layout import AROUND, GAIN, LOSS, categories, quiet_figure, rows_height
from core.charts.words import Say, in_english

AXIS = "{title}, percentage points: ← {first} better · {second} better →"
PALE, PALE_WORDS = 0.35, 0.65
ROOM = 48  # right of the longest interval, for its number
HOVER = (
    "%{y}: %{x:+.1f} points on %{customdata[0]:,} images<br>"
    "95 % interval %{customdata[1]}, p %{customdata[2]}"
)


def class_differences(
    classes: pd.DataFrame, first: str, second: str, title: str, say: Say = in_english
) -> go.Figure:
    """Return a dot with its interval for each class, the largest gain of `second` on top.

    Args:
        classes: columns name, difference (second minus first, fractions), low, high (its 95 %
            interval; NaN for none), p_adjusted, sure (whether it is a finding: such dots are
            filled), images (that hold the class), few (whether that is too little to judge; such
            rows are pale). Classes without a difference are left out.
        first: name of the run that is the ground.
        second: name of the run that is held against it.
        title: of the score.
        say: gives the words of the chart in the language of its reader.
    """
    ordered = classes.dropna(subset=["difference"]).sort_values("difference", kind="stable")
    points = ordered.assign(
        x=100 * ordered["difference"], low=100 * ordered["low"], high=100 * ordered["high"]
    )
    axis = say(AXIS, title=title, first=first, second=second)
    names = [escaped(name) for name in ordered["name"]]
    return quiet_figure(
        [
            trace
            for few, rows in points.groupby("few")
            for trace in _traces(rows, say, pale=bool(few))
        ],
        height=rows_height(len(ordered)),
        x={"title": {"text": escaped(axis)}, "side": "top", "zeroline": True, "showgrid": True},
        y=categories(names, dtick=1, range=[-0.7, len(names) - 0.3]),
        margin={**AROUND["margin"], "r": ROOM},
    )


def _traces(rows: pd.DataFrame, say: Say, *, pale: bool) -> Iterator[Trace]:
    opacity = PALE if pale else 1
    colours = [GAIN if x >= 0 else LOSS for x in rows["x"]]
    yield interval_lines(rows, "name", opacity=opacity)
    yield {
        "type": "scatter",
        "x": rows["x"].to_numpy(),
        "y": [escaped(name) for name in rows["name"]],
        "mode": "markers",
        "marker": {
            "size": 10,
            "color": colours,
            "symbol": ["circle" if sure else "circle-open" for sure in rows["sure"]],
            "line": {"width": 2, "color": colours},
        },
        "opacity": opacity,
        "cliponaxis": False,
        "customdata": list(
            zip(rows["images"], _ends(rows, say), rows["p_adjusted"].map(_p), strict=True)
        ),
        "hovertemplate": say(HOVER) + "<extra></extra>",
        "showlegend": False,
    }
    words = [f"{x:+.1f}" for x in rows["x"]]
    yield words_right(rows, "name", words, opacity=PALE_WORDS if pale else 1)


def _ends(rows: pd.DataFrame, say: Say) -> list[str]:
    return [
        "–" if pd.isna(low) else say("{low:+.1f} to {high:+.1f}", low=low, high=high)
        for low, high in zip(rows["low"], rows["high"], strict=True)
    ]


def _p(p: float) -> str:
    return "–" if pd.isna(p) else f"{p:.4f}"
