"""Which class was given which, as a heat map; and what two such maps differ by."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
from altair.utils.schemapi import disable_debug_mode

from core.charts.labels import EACH_LABEL
from core.charts.layout import GAIN, LOSS

CELL, LEAST_CELL = 30, 11
TALLEST = 900
# above the rows the legend, below them the names of the classes
ROOM_FOR_NAMES = 180
MOST_LABELLED = 24
BLACK, WHITE = "#111111", "#ffffff"
PICKED = "#d55e00"

# Altair checks a chart as a whole when it is written out, and would check each of its parts before
disable_debug_mode()


def class_confusion(
    cells: pd.DataFrame,
    truth: Sequence[str],
    predicted: Sequence[str],
    *,
    unit: str,
    whole: str,
    shares: bool,
    rooted: bool = False,
) -> alt.Chart | alt.LayerChart:
    """Return a heat map of annotated classes (rows) by predicted ones (columns).

    A clicked cell is the selection "cell" with the fields truth and predicted. Cells without
    an amount are left blank; the colour is always the share, so that rare classes show.

    Args:
        cells: columns truth, predicted (names), amount, share (a fraction of the whole).
        truth: names from top to bottom.
        predicted: names from left to right.
        unit: what is counted, such as "objects".
        whole: what shares are of, such as "the row".
        shares: write shares into the cells, else amounts.
        rooted: colours run by square roots to the largest share instead of evenly to 1: where
            few cells hold most of the whole, the others stay apart.
    """
    used = cells[cells["amount"] > 0]
    top = _top(used["share"]) if rooted else 1.0
    scale = alt.Scale(scheme="viridis", domain=[0, top], type="sqrt" if rooted else "linear")
    base = _cells(used, truth, predicted)
    squares = _squares(
        base,
        alt.Color("share:Q", title=f"share of {whole}", scale=scale).legend(
            format=".0%" if top > 0.05 else ".1%", orient="top", gradientLength=140
        ),
        [
            alt.Tooltip("amount:Q", title=unit, format=","),
            alt.Tooltip("share:Q", title=f"share of {whole}", format=".1%"),
        ],
        len(truth),
    )
    if max(len(truth), len(predicted)) > MOST_LABELLED:
        return squares
    pale = f"datum.share > {(0.36 if rooted else 0.6) * top}"
    figures = base.mark_text(fontSize=11).encode(
        text=alt.Text("share:Q", format=".0%") if shares else alt.Text("amount:Q", format=".3~s"),
        color=alt.condition(pale, alt.value(BLACK), alt.value(WHITE)),
    )
    return alt.layer(squares, figures)


def confusion_difference(
    cells: pd.DataFrame,
    truth: Sequence[str],
    predicted: Sequence[str],
    *,
    runs: tuple[str, str],
    unit: str,
    shares: bool,
) -> alt.Chart | alt.LayerChart:
    """Return a heat map of what the second of two runs has more or less of in each cell.

    A clicked cell is the selection "cell" with the fields truth and predicted. Cells that hold
    nothing of either run are left blank.

    Args:
        cells: columns truth, predicted (names), first and second (amounts), difference (second
            minus first, of shares or of amounts; NaN where there is no share).
        truth: names from top to bottom.
        predicted: names from left to right.
        runs: names of both runs.
        unit: what is counted, such as "objects".
        shares: differences are of shares, else of amounts.
    """
    used = cells[(cells["first"] + cells["second"] > 0) & cells["difference"].notna()]
    top = _top(used["difference"].abs())
    figure = "+.1%" if shares else "+.3~s"
    scale = alt.Scale(domain=[-top, 0, top], range=[LOSS, "#f4f4f4", GAIN])
    base = _cells(used, truth, predicted)
    squares = _squares(
        base,
        alt.Color("difference:Q", title=f"{runs[1]} minus {runs[0]}", scale=scale).legend(
            format=figure, orient="top", gradientLength=200, titleLimit=400
        ),
        [
            alt.Tooltip("difference:Q", format=figure if shares else "+,"),
            *(
                alt.Tooltip(f"{side}:Q", title=f"{unit}, {run}", format=",")
                for side, run in zip(("first", "second"), runs, strict=True)
            ),
        ],
        len(truth),
    )
    if max(len(truth), len(predicted)) > MOST_LABELLED:
        return squares
    strong = f"abs(datum.difference) > {0.6 * top}"
    figures = base.mark_text(fontSize=11).encode(
        text=alt.Text("difference:Q", format="+.0%" if shares else figure),
        color=alt.condition(strong, alt.value(WHITE), alt.value(BLACK)),
    )
    return alt.layer(squares, figures)


def _top(values: pd.Series) -> float:
    """Return where a scale of colours ends, above 0 also without values."""
    return float(values.max()) if (values > 0).any() else 1.0


def _cells(cells: pd.DataFrame, truth: Sequence[str], predicted: Sequence[str]) -> alt.Chart:
    size = 10 if len(truth) <= MOST_LABELLED else 8
    return alt.Chart(cells).encode(
        x=alt.X("predicted:N", title="predicted", scale=alt.Scale(domain=list(predicted))).axis(
            labelAngle=-45 if len(predicted) <= MOST_LABELLED else -90,
            labelLimit=100,
            labelFontSize=size,
            **EACH_LABEL,
        ),
        y=alt.Y("truth:N", title="annotated", scale=alt.Scale(domain=list(truth))).axis(
            labelLimit=120, labelFontSize=size, **EACH_LABEL
        ),
    )


def _squares(
    base: alt.Chart, colour: alt.Color, figures: Sequence[alt.Tooltip], rows: int
) -> alt.Chart:
    picked = alt.selection_point(name="cell", fields=["truth", "predicted"], empty=False)
    side = max(LEAST_CELL, min(CELL, TALLEST // max(rows, 1)))
    return (
        base.mark_rect(cursor="pointer")
        .encode(
            color=colour,
            stroke=alt.condition(picked, alt.value(PICKED), alt.value(None)),
            strokeWidth=alt.value(3),
            tooltip=[
                alt.Tooltip("truth:N", title="annotated"),
                alt.Tooltip("predicted:N"),
                *figures,
            ],
        )
        .add_params(picked)
        .properties(height=side * rows + ROOM_FOR_NAMES)
    )
