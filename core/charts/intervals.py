"""Lines from one end of an interval to the other, and words right of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.charts.labels import escaped
from core.charts.layout import QUIET

Trace = dict[str, Any]


def interval_lines(
    rows: pd.DataFrame, name: str, *, colour: str = QUIET, opacity: float = 1
) -> Trace:
    """Return a line for each row that has an interval, to lie below the dots that follow.

    Args:
        rows: columns low and high, in the units of the x axis, and the one with the category.
        name: of that column.
        colour: of the lines.
        opacity: of the lines.
    """
    there = rows.dropna(subset=["low", "high"])
    ends = zip(there["low"].tolist(), there["high"].tolist(), strict=True)
    return {
        "type": "scatter",
        "x": [end for low, high in ends for end in (low, high, None)],
        "y": [escaped(each) for each in there[name].tolist() for _ in range(3)],
        "mode": "lines",
        "line": {"color": colour, "width": 3},
        "opacity": opacity,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def words_right(rows: pd.DataFrame, name: str, words: list[str], *, opacity: float = 1) -> Trace:
    """Return words right of each row's interval, or of its dot where it has none.

    Args:
        rows: columns x, low and high, and the one with the category.
        name: of that column.
        words: one a row.
        opacity: of the words.
    """
    return {
        "type": "scatter",
        "x": rows[["x", "high"]].max(axis=1).to_numpy(),
        "y": [escaped(each) for each in rows[name].tolist()],
        "mode": "text",
        "text": [f"\N{NO-BREAK SPACE}{each}" for each in words],
        "textposition": "middle right",
        "cliponaxis": False,
        "opacity": opacity,
        "hoverinfo": "skip",
        "showlegend": False,
    }
