"""Plotly's schema, against which some charts are not held when they are made."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import plotly.io as pio


def assert_valid(figure: go.Figure) -> None:
    """Fail where Plotly does not know a word of a figure, or would write it otherwise."""
    made = figure.to_dict()
    checked = go.Figure(made).to_dict()  # raises where a word is unknown
    written, known = (json.loads(pio.to_json(each, validate=False)) for each in (made, checked))
    assert written == known
