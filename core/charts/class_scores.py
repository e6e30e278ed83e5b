"""One score of every class for every run, as a heat map."""

from __future__ import annotations

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
) -> Spec:
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
    level = len(runs) <= MOST_LEVEL
    columns = names_axis(
        "run",
        runs,
        None,
        orient="top",
        labelAngle=0 if level else -45,
        labelLimit=170,
        **EACH_LABEL,
    )
    rows = names_axis("name", classes, None, labelLimit=170, **EACH_LABEL)
    layers = [_squares(title, say)]
    if len(runs) <= MOST_WITH_FIGURES:
        layers += _figures(dark=dark)
    room = ROOM_FOR_NAMES if level else ROOM_FOR_LONG_NAMES
    cells = scores.dropna(subset=["score"])
    return heat_map(cells, columns, rows, layers, height=ROW * len(classes) + room)


def _squares(title: str, say: Say) -> Spec:
    """The layer of cells, one of which can be picked."""
    scale = {"domain": [0, 1], "scheme": "viridis"}
    return pickable_squares(
        ("run", "name"),
        colours("score", title, scale, format=".0%", gradientLength=180),
        [
            told_name("name", say("class")),
            told_name("run", say("run")),
            told_figure("score", ".1%", title),
            told_figure("images", ",", say("images with the class")),
        ],
        opacity={"condition": {"test": "datum.few", "value": 0.35}, "value": 1},
    )


def _figures(*, dark: bool) -> list[Spec]:
    """The score in each cell, white or black as can be read there."""
    strong = written_figures("score", ".0%", "datum.score > 0.6", BLACK, WHITE)
    pale = {"color": {"value": WHITE if dark else BLACK}}
    return [
        {**strong, "transform": [{"filter": "!datum.few"}]},
        {
            **strong,
            "encoding": {**strong["encoding"], **pale},
            "transform": [{"filter": "datum.few"}],
        },
    ]
