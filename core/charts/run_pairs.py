"""A figure of each pair of runs as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from core.charts.heat_maps import (
    Spec,
    colours,
    heat_map,
    names_axis,
    told_figure,
    told_name,
    written_figures,
)
from core.charts.words import Say, in_english

CELL = 44
ROOM_FOR_NAMES = 130
BLACK, WHITE = "#111111", "#ffffff"


def run_pairs(
    cells: pd.DataFrame,
    runs: Sequence[str],
    *,
    title: str,
    counts: Mapping[str, str],
    figure: str = ".1%",
    say: Say = in_english,
) -> Spec:
    """Return a heat map of runs by runs; the pointer shows exact counts.

    Args:
        cells: columns run and other (names), value (NaN where there is none) and those of
            `counts`.
        runs: names from top to bottom and from left to right.
        title: what the value is.
        counts: columns of whole numbers to what the pointer calls them.
        figure: d3 format of the value.
        say: gives the words of the chart in the language of its reader.
    """
    there = cells[cells["value"].notna()]
    low, high = (float(there["value"].agg(end)) if len(there) else 0.0 for end in ("min", "max"))
    scale = {"scheme": "viridis", "domain": [low, max(high, low)]}
    squares = {
        "mark": {"type": "rect"},
        "encoding": {
            "color": colours(
                "value", title, scale, format=figure, gradientLength=180, titleLimit=420
            ),
            "tooltip": [
                told_name("run", say("run")),
                told_name("other", say("other")),
                told_figure("value", figure, title),
                *(told_figure(name, ",", word) for name, word in counts.items()),
            ],
        },
    }
    pale = f"datum.value > {low + 0.6 * (high - low)}"
    return heat_map(
        there,
        names_axis("other", runs, None, labelAngle=-45, labelLimit=150),
        names_axis("run", runs, None, labelLimit=170),
        [squares, written_figures("value", figure, pale, BLACK, WHITE)],
        height=CELL * len(runs) + ROOM_FOR_NAMES,
    )
