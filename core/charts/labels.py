"""How charts name things: every label whole, every name as it is."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape, unescape
from typing import Final

import plotly.graph_objects as go

# of heat maps: none is dropped for lack of room, none pushed inwards from the picture's edge
EACH_LABEL: Final = {"labelOverlap": False, "labelFlush": False}


def literal(figure: go.Figure) -> go.Figure:
    """Return a finished figure on which names from data show as they are.

    Plotly reads tags and entities in the labels of axes, in legends and in what is shown at the
    pointer: a class named "<b>" would be a bold nothing, and one with a link a link.

    Args:
        figure: whose traces' names, categories and axis titles are plain text.
    """
    for trace in figure.data:
        if trace.name is not None:
            trace.name = escaped(trace.name)
        for axis in ("x", "y"):
            values = getattr(trace, axis, None)
            if values is not None and any(isinstance(value, str) for value in values):
                setattr(trace, axis, _escaped(values))
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        if axis.categoryarray is not None:
            axis.categoryarray = _escaped(axis.categoryarray)
        if axis.title.text is not None:
            axis.title.text = escaped(axis.title.text)
    return figure


def name_of(label: str) -> str:
    """Return the name that a label stands for, such as that of a clicked bar."""
    return unescape(label)


def escaped(name: str) -> str:
    """Return the label that stands for a name, see `literal`."""
    return escape(name, quote=False)


def _escaped(values: Iterable[object]) -> list[object]:
    return [escaped(each) if isinstance(each, str) else each for each in values]
