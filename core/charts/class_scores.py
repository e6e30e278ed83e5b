"""One score of every class for every run, as a heat map."""

from __future__ import annotations

import altair as alt
import pandas as pd

ROW = 34
ROOM_FOR_NAMES = 190
MOST_LABELLED = 24


def class_scores(
    scores: pd.DataFrame, title: str, classes: list[str], runs: list[str]
) -> alt.Chart:
    """Return a heat map of runs by classes; a class on few images is pale.

    A clicked cell is the selection "cell" with the fields run and name. A cell without a score
    (the class is neither annotated nor predicted) is left blank.

    Args:
        scores: columns run, name (of the class), score (a fraction), images (that hold the
            class), few (whether that is too little to judge).
        title: of the score.
        classes: names, from left to right.
        runs: names, from top to bottom.
    """
    picked = alt.selection_point(name="cell", fields=["run", "name"], empty=False)
    labelled = len(classes) <= MOST_LABELLED
    base = alt.Chart(scores.dropna(subset=["score"])).encode(
        x=alt.X("name:N", sort=classes, title=None, scale=alt.Scale(domain=classes)).axis(
            labelAngle=-45 if labelled else -90,
            labelLimit=110,
            # every other name where all would overlap; the tooltip tells the rest
            labelOverlap=False if labelled else "parity",
        ),
        y=alt.Y("run:N", sort=runs, title=None, scale=alt.Scale(domain=runs)).axis(labelLimit=170),
    )
    cells = base.mark_rect(cursor="pointer").encode(
        color=alt.Color(
            "score:Q", title=title, scale=alt.Scale(scheme="viridis", domain=[0, 1])
        ).legend(format=".0%", orient="top", gradientLength=180),
        opacity=alt.condition("datum.few", alt.value(0.35), alt.value(1)),
        stroke=alt.condition(picked, alt.value("#d55e00"), alt.value(None)),
        strokeWidth=alt.value(3),
        tooltip=[
            alt.Tooltip("name:N", title="class"),
            alt.Tooltip("run:N"),
            alt.Tooltip("score:Q", title=title, format=".1%"),
            alt.Tooltip("images:Q", title="images with the class", format=","),
        ],
    )
    chart = cells.add_params(picked).properties(height=ROW * len(runs) + ROOM_FOR_NAMES)
    if not labelled:
        return chart
    figures = base.mark_text(fontSize=11).encode(
        text=alt.Text("score:Q", format=".0%"),
        color=alt.condition("datum.score > 0.6", alt.value("#111"), alt.value("#fff")),
    )
    return alt.layer(chart, figures)
