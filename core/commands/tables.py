"""Plain text tables for a terminal or a log."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from core.errors import safe


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the rows under their header, columns aligned; numbers should come formatted.

    The first column is aligned left, the others right.
    """
    lines = [[safe(cell) for cell in line] for line in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def listing(
    rows: pd.DataFrame,
    cells: Mapping[str, Callable[[Any], str]],
    *,
    empty: str,
    as_json: bool,
) -> str:
    """Return rows of the store as a table, or whole as JSON.

    Args:
        rows: of a question.
        cells: header of each column to what it says of a row.
        empty: the sentence where there are no rows.
        as_json: all that is known of the rows, for scripts.
    """
    if as_json:
        return json.dumps(json.loads(rows.to_json(orient="records", date_format="iso")), indent=1)
    if rows.empty:
        return empty
    found = rows.itertuples(index=False)
    return table(list(cells), [[cell(row) for cell in cells.values()] for row in found])


def percent(fraction: float | None) -> str:
    """Return a fraction as it is shown: per cent with one decimal, or a dash."""
    return "–" if fraction is None else f"{100 * fraction:.1f}"
