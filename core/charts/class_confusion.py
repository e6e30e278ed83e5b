"""Which class was given which, image by image, as a heat map."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

CELL = 30
ROOM_FOR_NAMES = 110
MOST_LABELLED = 24


def class_confusion(
    cells: pd.DataFrame, truth: Sequence[str], predicted: Sequence[str], *, shares: bool
) -> alt.Chart:
    """Return a heat map of annotated classes (rows) by predicted ones (columns).

    A clicked cell is the selection "cell" with the fields truth and predicted. Cells without
    images are left blank; the colour is always the share of the row, so that rare classes show.

    Args:
        cells: columns truth, predicted (names), images, share (of the row, a fraction).
        truth: names from top to bottom.
        predicted: names from left to right.
        shares: write the share of the row into the cells, else the number of images.
    """
    picked = alt.selection_point(name="cell", fields=["truth", "predicted"], empty=False)
    base = alt.Chart(cells[cells["images"] > 0]).encode(
        x=alt.X("predicted:N", title="predicted", scale=alt.Scale(domain=list(predicted))).axis(
            labelAngle=-45, labelLimit=100, labelOverlap=False
        ),
        y=alt.Y("truth:N", title="annotated", scale=alt.Scale(domain=list(truth))).axis(
            labelLimit=120
        ),
    )
    squares = base.mark_rect(cursor="pointer").encode(
        color=alt.Color(
            "share:Q", title="share of the row", scale=alt.Scale(scheme="viridis", domain=[0, 1])
        ).legend(format=".0%", orient="top", gradientLength=140),
        stroke=alt.condition(picked, alt.value("#d55e00"), alt.value(None)),
        strokeWidth=alt.value(3),
        tooltip=[
            alt.Tooltip("truth:N", title="annotated"),
            alt.Tooltip("predicted:N"),
            alt.Tooltip("images:Q", format=","),
            alt.Tooltip("share:Q", title="share of the row", format=".1%"),
        ],
    )
    chart = squares.add_params(picked).properties(height=CELL * len(truth) + ROOM_FOR_NAMES)
    if max(len(truth), len(predicted)) > MOST_LABELLED:
        return chart
    figures = base.mark_text(fontSize=11).encode(
        text=alt.Text("share:Q", format=".0%") if shares else alt.Text("images:Q", format=","),
        color=alt.condition("datum.share > 0.6", alt.value("#111"), alt.value("#fff")),
    )
    return alt.layer(chart, figures)
