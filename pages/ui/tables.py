"""Tables whose headings are in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.ui.language import say

# as many as Streamlit shows without scrolling
FEW_ROWS = 10
ROW, EDGES, SCROLLING = 35, 3, 400  # pixels
LETTER, AROUND, WIDEST = 6.5, 20, 300  # pixels


def draw_table(
    rows: pd.DataFrame | Styler,
    column_config: Mapping[str, Any] | None = None,
    **settings: Any,  # noqa: ANN401 - they and the answer are those of st.dataframe
) -> Any:  # noqa: ANN401
    """Draw a table as `st.dataframe` does, and return what that returns.

    Args:
        rows: with headings in English, or in words of `say`; names from data stay as they are.
        column_config: of Streamlit; a column without a label of its own gets its heading.
        settings: of `st.dataframe`.
    """
    frame = rows if isinstance(rows, pd.DataFrame) else rows.data
    given = dict(column_config or {})
    if len(frame) <= FEW_ROWS:  # a table that is taller than its rows shows empty ones
        settings.pop("height", None)
    settings.setdefault("height", table_height(frame))
    return st.dataframe(
        rows,
        column_config={**given, **{str(name): _headed(str(name), given) for name in frame.columns}},
        **settings,
    )


def table_height(rows: pd.DataFrame, *, most: int = FEW_ROWS) -> int:
    """Return the height of a table that scrolls if it has more than some rows, pixels.

    A table that is told its height keeps that room free while the browser loads what draws it.
    """
    if len(rows) > most:
        return SCROLLING
    return ROW * (len(rows) + rows.columns.nlevels) + EDGES


def width_of(names: Sequence[str]) -> int:
    """Return the width of a column that shows each of these names, pixels.

    The browser measures the first rows of a column alone: a longer name below them is cut off.
    """
    return min(WIDEST, round(LETTER * max(map(len, names), default=0)) + AROUND)


def _headed(name: str, given: Mapping[str, Any]) -> object:
    if name in given and given[name] is None:  # hidden
        return None
    described = given.get(name) or {}
    if isinstance(described, str):
        return described
    return {**described, "label": described.get("label") or say(name)}
