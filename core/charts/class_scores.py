"""One score of every class for every run, as a heat map."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.labels import EACH_LABEL
from core.charts.words import Say, in_english

ROW = 22
# above the rows: legend and names of the runs
ROOM_FOR_NAMES = 140
ROOM_FOR_LONG_NAMES = 220
MOST_LEVEL = 5
MOST_WITH_FIGURES = 20
BLACK, WHITE = "#111111", "#ffffff"


def class_scores(
    scores: pd.DataFrame,
    title: str,
    classes: list[str],
    runs: list[str],
    *,
    dark: bool = False,
    say: Say = in_english,
) -> alt.Chart | alt.LayerChart:
    """Return a heat map of classes by runs; a class on few images is pale.

    Every class has its name beside its row, so many classes make a tall picture. A clicked cell
    is the selection "cell" with the fields run and name. A cell without a score (the class is
    neither annotated nor predicted) is left blank.

    Args:
        scores: columns run, name (of the class), score (a fraction), images (that hold the
            class), few (whether that is too little to judge).
        title: of the score.
        classes: names, from top to bottom.
        runs: names, from left to right.
        dark: whether it lies on a dark page, through which pale cells show.
        say: gives the words of the chart in the language of its reader.
    """
    picked = alt.selection_point(name="cell", fields=["run", "name"], empty=False)
    level = len(runs) <= MOST_LEVEL
    base = alt.Chart(scores.dropna(subset=["score"])).encode(
        x=alt.X("run:N", sort=runs, title=None, scale=alt.Scale(domain=runs)).axis(
            orient="top", labelAngle=0 if level else -45, labelLimit=170, **EACH_LABEL
        ),
        y=alt.Y("name:N", sort=classes, title=None, scale=alt.Scale(domain=classes)).axis(
            labelLimit=170, **EACH_LABEL
        ),
    )
    cells = base.mark_rect(cursor="pointer").encode(
        color=alt.Color(
            "score:Q", title=title, scale=alt.Scale(scheme="viridis", domain=[0, 1])
        ).legend(format=".0%", orient="top", gradientLength=180),
        opacity=alt.condition("datum.few", alt.value(0.35), alt.value(1)),
        stroke=alt.condition(picked, alt.value("#d55e00"), alt.value(None)),
        strokeWidth=alt.value(3),
        tooltip=[
            alt.Tooltip("name:N", title=say("class")),
            alt.Tooltip("run:N", title=say("run")),
            alt.Tooltip("score:Q", title=title, format=".1%"),
            alt.Tooltip("images:Q", title=say("images with the class"), format=","),
        ],
    )
    room = ROOM_FOR_NAMES if level else ROOM_FOR_LONG_NAMES
    chart = cells.add_params(picked).properties(height=ROW * len(classes) + room)
    if len(runs) > MOST_WITH_FIGURES:
        return chart
    return alt.layer(chart, *_figures(base, dark=dark))


def _figures(base: alt.Chart, *, dark: bool) -> tuple[alt.Chart, alt.Chart]:
    """The score in each cell, white or black as can be read there."""
    text = base.mark_text(fontSize=11).encode(text=alt.Text("score:Q", format=".0%"))
    strong = alt.condition("datum.score > 0.6", alt.value(BLACK), alt.value(WHITE))
    return (
        text.transform_filter("!datum.few").encode(color=strong),
        text.transform_filter("datum.few").encode(color=alt.value(WHITE if dark else BLACK)),
    )
