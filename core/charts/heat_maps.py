"""What heat maps are made of, as Vega-Lite in plain dictionaries.

Altair takes 30 ms to make one and hold it against Vega-Lite's schema, and a page may show twelve:
here the tests hold them against it instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

Spec = dict[str, Any]

FONT_SIZE = 11
PICKED = "#d55e00"


def heat_map(
    cells: pd.DataFrame,
    columns: Mapping[str, object],
    rows: Mapping[str, object],
    layers: Sequence[Mapping[str, Any]],
    height: int,
) -> Spec:
    """Return a heat map.

    Args:
        cells: a row for each cell.
        columns: encoding of `names_axis`.
        rows: encoding of `names_axis`.
        layers: squares, and perhaps the figures in them.
        height: with all around the cells, pixels.
    """
    axes = {"x": columns, "y": rows}
    return {
        "data": {"values": cells},
        "layer": [{**each, "encoding": {**each["encoding"], **axes}} for each in layers],
        "height": height,
    }


def names_axis(field: str, names: Sequence[str], title: str | None, **axis: object) -> Spec:
    """Return rows or columns that have names, as an encoding.

    Args:
        field: column of the cells.
        names: from top to bottom or from left to right.
        title: of the axis, or None.
        axis: Vega-Lite's settings of an axis.
    """
    domain = {"domain": list(names)}
    return {"field": field, "type": "nominal", "title": title, "scale": domain, "axis": axis}


def colours(field: str, title: str, scale: Mapping[str, object], **legend: object) -> Spec:
    """Return the colours of the cells, with a legend above them, as an encoding.

    Args:
        field: column of the cells.
        title: of the legend.
        scale: Vega-Lite's settings of a scale.
        legend: more of Vega-Lite's settings of a legend.
    """
    above = {"orient": "top", **legend}
    return {**_figure(field), "title": title, "scale": scale, "legend": above}


def pickable_squares(
    fields: Sequence[str],
    colour: Mapping[str, object],
    told: Sequence[Mapping[str, object]],
    *,
    edge: int = 3,
    **encoding: object,
) -> Spec:
    """Return the layer of squares, of which a clicked one is the selection "cell".

    Args:
        fields: columns that tell one cell from another.
        colour: encoding of `colours`.
        told: lines under the pointer.
        edge: width of the line around the picked one, pixels.
        encoding: more of Vega-Lite's channels.
    """
    picked = {"param": "cell", "value": PICKED, "empty": False}
    return {
        "mark": {"type": "rect", "cursor": "pointer"},
        "params": [{"name": "cell", "select": {"type": "point", "fields": list(fields)}}],
        "encoding": {
            "color": colour,
            **encoding,
            "stroke": {"condition": picked, "value": None},
            "strokeWidth": {"value": edge},
            "tooltip": list(told),
        },
    }


def told_name(field: str, title: str = "") -> Spec:
    """Return a line under the pointer with a name; its title is that of the column if none."""
    return _titled({"field": field, "type": "nominal"}, title)


def told_figure(field: str, form: str, title: str = "") -> Spec:
    """Return a line under the pointer with a number.

    Args:
        field: column of the cells.
        form: d3 format.
        title: what the number is, or "" for the name of the column.
    """
    return _titled({**_figure(field), "format": form}, title)


def written_figures(field: str, form: str, test: str, then: str, otherwise: str) -> Spec:
    """Return the layer of figures in the cells.

    Args:
        field: column of the cells.
        form: d3 format.
        test: Vega expression of `datum`, by which a figure has one of two colours.
        then: its colour where it is true.
        otherwise: its colour where it is not.
    """
    return {
        "mark": {"type": "text", "fontSize": FONT_SIZE},
        "encoding": {
            "text": {**_figure(field), "format": form},
            "color": {"condition": {"test": test, "value": then}, "value": otherwise},
        },
    }


def _figure(field: str) -> Spec:
    return {"field": field, "type": "quantitative"}


def _titled(line: Spec, title: str) -> Spec:
    return {**line, "title": title} if title else line
