"""Which class was given which, as a heat map; and what two such maps differ by."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.charts.heat_maps import (
    Spec,
    colours,
    heat_map,
    names_axis,
    pickable_squares,
    told_figure,
    told_name,
    written_figures,
)
from core.charts.labels import EACH_LABEL
from core.charts.layout import GAIN, LOSS
from core.charts.words import Say, in_english

CELL, LEAST_CELL = 30, 11
TALLEST = 900
# above the rows the legend, below them the names of the classes
ROOM_FOR_NAMES = 180
MOST_LABELLED = 24
BLACK, WHITE = "#111111", "#ffffff"


def class_confusion(
    cells: pd.DataFrame,
    truth: Sequence[str],
    predicted: Sequence[str],
    *,
    unit: str,
    whole: str,
    shares: bool,
    rooted: bool = False,
    say: Say = in_english,
) -> Spec:
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
        say: gives the words of the chart in the language of its reader.
    """
    used = cells[cells["amount"] > 0]
    top = _top(used["share"]) if rooted else 1.0
    scale = {"domain": [0, top], "scheme": "viridis", "type": "sqrt" if rooted else "linear"}
    form = ".0%" if top > 0.05 else ".1%"
    pale = f"datum.share > {(0.36 if rooted else 0.6) * top}"
    share = say("share of {whole}", whole=whole)
    written = ("share", ".0%") if shares else ("amount", ".3~s")
    return _of_classes(
        used,
        truth,
        predicted,
        colours("share", share, scale, format=form, gradientLength=140),
        [told_figure("amount", ",", unit), told_figure("share", ".1%", share)],
        written_figures(*written, pale, BLACK, WHITE),
        say,
    )


def confusion_difference(
    cells: pd.DataFrame,
    truth: Sequence[str],
    predicted: Sequence[str],
    *,
    runs: tuple[str, str],
    unit: str,
    shares: bool,
    say: Say = in_english,
) -> Spec:
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
        say: gives the words of the chart in the language of its reader.
    """
    used = cells[(cells["first"] + cells["second"] > 0) & cells["difference"].notna()]
    top = _top(used["difference"].abs())
    form = "+.1%" if shares else "+.3~s"
    scale = {"domain": [-top, 0, top], "range": [LOSS, "#f4f4f4", GAIN]}
    title = say("{second} minus {first}", first=runs[0], second=runs[1])
    sides = zip(("first", "second"), runs, strict=True)
    strong = f"abs(datum.difference) > {0.6 * top}"
    return _of_classes(
        used,
        truth,
        predicted,
        colours("difference", title, scale, format=form, gradientLength=200, titleLimit=400),
        [
            told_figure("difference", form if shares else "+,", say("difference")),
            *(told_figure(side, ",", f"{unit}, {run}") for side, run in sides),
        ],
        written_figures("difference", "+.0%" if shares else form, strong, WHITE, BLACK),
        say,
    )


def _top(values: pd.Series) -> float:
    """Return where a scale of colours ends, above 0 also without values."""
    return float(values.max()) if (values > 0).any() else 1.0


def _of_classes(
    cells: pd.DataFrame,
    truth: Sequence[str],
    predicted: Sequence[str],
    colour: Spec,
    told: Sequence[Spec],
    figures: Spec,
    say: Say,
) -> Spec:
    """Return the squares, and the figures in them where there is room."""
    names = [told_name("truth", say("annotated")), told_name("predicted", say("predicted"))]
    squares = pickable_squares(("truth", "predicted"), colour, [*names, *told])
    labelled = max(len(truth), len(predicted)) <= MOST_LABELLED
    size = 10 if len(truth) <= MOST_LABELLED else 8
    columns = names_axis(
        "predicted",
        predicted,
        say("predicted"),
        labelAngle=-45 if len(predicted) <= MOST_LABELLED else -90,
        labelLimit=100,
        labelFontSize=size,
        **EACH_LABEL,
    )
    rows = names_axis(
        "truth", truth, say("annotated"), labelLimit=120, labelFontSize=size, **EACH_LABEL
    )
    side = max(LEAST_CELL, min(CELL, TALLEST // max(len(truth), 1)))
    layers = [squares, figures] if labelled else [squares]
    return heat_map(cells, columns, rows, layers, height=side * len(truth) + ROOM_FOR_NAMES)
