"""Curves and dots of several runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.charts.run_curves import run_curves
from core.charts.run_dots import run_dots
from tests.core.charts.schema import assert_valid

COLOURS = {"a": "#111111", "b": "#222222"}
DASHES = {"a": "solid", "b": "dot"}
MARKERS = {"a": "circle", "b": "square"}
DOTS = pd.DataFrame(
    {
        "run": ["a", "b", "a", "b"],
        "name": ["small", "small", "large", "large"],
        "score": [0.1, 0.2, np.nan, 0.4],
    }
)


def curves(**options):
    points = pd.DataFrame({"run": ["b", "b", "a"], "x": [0.1, 0.9, 0.5], "y": [1.0, np.nan, 0.25]})
    return run_curves(points, ("recall", "precision"), COLOURS, DASHES, **options)


def test_each_run_is_a_line_of_its_own_colour_and_dashes():
    figure = curves()
    b, a = figure.data
    assert (b.name, list(b.x), b.line.color, b.line.dash) == ("b", [0.1, 0.9], "#222222", "dot")
    assert (a.name, list(a.y), a.mode) == ("a", [0.25], "lines+markers")
    assert figure.layout.xaxis.title.text == "recall"
    assert figure.layout.yaxis.tickformat == ".0%"
    assert not figure.layout.shapes


def test_a_chosen_place_is_an_upright_line_and_points_have_symbols_if_asked_for():
    figure = curves(at=0.3, markers=MARKERS)
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 0.3
    assert [line.marker.symbol for line in figure.data] == ["square", "circle"]


def test_dots_stand_in_rows_in_the_order_of_the_table():
    figure = run_dots(DOTS, "AP", COLOURS, MARKERS)
    a, b = figure.data
    assert (list(a.y), list(a.x)) == (["small"], [10.0])
    assert list(b.x) == pytest.approx([20, 40])
    assert (a.marker.symbol, b.marker.color) == ("circle", "#222222")
    # plotly draws the last category on top
    assert list(figure.layout.yaxis.categoryarray) == ["large", "small"]


def test_what_is_told_stands_at_the_pointer_as_text():
    plain, told = (run_dots(d, "AP", COLOURS, MARKERS) for d in (DOTS, DOTS.assign(told="3 <b>")))
    assert list(told.data[1].customdata) == ["3 &lt;b&gt;"] * 2
    assert "%{customdata}" in told.data[0].hovertemplate
    assert "customdata" not in plain.data[0].hovertemplate


@pytest.mark.parametrize(("across", "lines"), [(1, 7), (3, 3), (4, 2), (7, 1)])
def test_names_of_more_runs_take_nothing_of_the_rows_or_the_curves(across, lines):
    names = "abcdefg"
    same = dict.fromkeys(names, "#111111"), dict.fromkeys(names, "circle")
    many = pd.DataFrame({"run": list(names), "name": "all", "score": 0.5})
    few = run_dots(many[:1], "AP", *same, across=across).layout.height
    assert run_dots(many, "AP", *same, across=across).layout.height - few == 19 * (lines - 1)
    points = pd.DataFrame({"run": list(names), "x": 0.5, "y": 0.5})
    dashes = dict.fromkeys(names, "solid")
    drawn = run_curves(points, ("x", "y"), same[0], dashes, across=across)
    alone = run_curves(points[:1], ("x", "y"), same[0], dashes, across=across)
    assert drawn.layout.height - alone.layout.height == 19 * (lines - 1)


@pytest.mark.parametrize(
    "figure",
    [
        lambda: curves(),
        lambda: curves(at=0.3, markers=MARKERS),
        lambda: run_dots(DOTS, "AP <b>", COLOURS, MARKERS),
        lambda: run_dots(DOTS.assign(told="3 <b>"), "AP <b>", COLOURS, MARKERS),
    ],
)
def test_figures_that_plotly_does_not_check_are_valid(figure):
    assert_valid(figure())
