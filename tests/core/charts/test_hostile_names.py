"""Names from data show as they are: plotly reads no markup in them."""

from __future__ import annotations

from html import unescape

import pandas as pd
import pytest
from plotly import graph_objects as go

from core.charts.class_differences import class_differences
from core.charts.class_draws import class_draws
from core.charts.class_frequency import class_frequency
from core.charts.iou_distribution import iou_distribution
from core.charts.labels import name_of
from core.charts.reliability_diagram import reliability_diagram
from core.charts.run_curves import run_curves
from core.charts.run_dots import run_dots
from core.charts.score_dots import score_dots
from core.charts.split_dots import split_dots
from core.charts.stage_bars import stage_bars
from core.charts.stage_gains import stage_gains_chart
from core.charts.training_curves import training_curves
from tests.core.charts.schema import assert_valid

A, B = '<a href="javascript:alert(1)">x</a>', "<b>R&amp;D</b> & <i>"
COLOURS = {A: "#000001", B: "#000002"}
MARKERS = {A: "circle", B: "square"}
RUNS = pd.DataFrame({"run": [A, B], "x": [0.1, 0.2], "y": [0.3, 0.4], "score": [0.5, 0.6]})
SPANS = RUNS.assign(low=0.1, high=0.9, group=["a", "b"])
CLASSES = pd.DataFrame({"name": [A, B], "images": [3, 9], "drawn": [6.0, 9], "objects": [3, 9]})


def differences() -> go.Figure:
    rows = CLASSES.assign(difference=[0.1, -0.1], low=-0.2, high=0.2, p_adjusted=0.5)
    return class_differences(rows.assign(sure=False, few=[True, False]), A, B, "IoU")


def gains() -> go.Figure:
    rows = RUNS.assign(oracle="masks", oracle_score=0.8, gain=0.2, rest=0.2)
    return stage_gains_chart(rows, "AP", ("#000001", "#000002"))


def reliability() -> go.Figure:
    rows = RUNS.assign(low=0.0, high=0.5, answers=4, right=2, certainty=1.0)
    return reliability_diagram(rows, COLOURS, MARKERS)


CHARTS = {
    "class_differences": differences,
    "class_draws": lambda: class_draws(CLASSES, log=False),
    "class_frequency": lambda: class_frequency(CLASSES, "objects", "objects", log=False),
    "iou_distribution": lambda: iou_distribution(RUNS.assign(iou=0.5), COLOURS, 0.5),
    "reliability_diagram": reliability,
    "run_curves": lambda: run_curves(RUNS, ("x", "y"), COLOURS, dict.fromkeys(COLOURS, "solid")),
    "run_dots": lambda: run_dots(RUNS.assign(name=[B, A]), "AP", COLOURS, MARKERS),
    "score_dots": lambda: score_dots(SPANS, "AP", COLOURS, MARKERS),
    "split_dots": lambda: split_dots(
        RUNS.assign(name=[A, B], split=[B, A], images=3, overfits=[True, False]),
        "IoU",
        COLOURS,
        MARKERS,
    ),
    "stage_bars": lambda: stage_bars(RUNS.assign(stage=[B, A], seconds=0.1), COLOURS),
    "stage_gains": gains,
    "training_curves": lambda: training_curves(
        pd.DataFrame({"epoch": [1, 1], "name": [A, B], "value": [0.1, 0.2]}), "score", 1
    ),
}


def words(figure: go.Figure) -> list[str]:
    """Every text of a figure that plotly draws and that may come from data."""
    found = [trace.name for trace in figure.data]
    for trace in figure.data:
        found += [*(() if trace.x is None else trace.x), *(() if trace.y is None else trace.y)]
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        found += [axis.title.text, *(axis.categoryarray or ())]
    return [each for each in found if isinstance(each, str)]


@pytest.mark.parametrize("chart", CHARTS)
def test_names_are_text(chart):
    said = words(CHARTS[chart]())
    for name in (A, B):
        assert any(name in unescape(each) for each in said)
    for each in said:
        assert "<" not in each
    assert not any("R&amp;D" in each and "R&amp;amp;D" not in each for each in said)


@pytest.mark.parametrize("chart", CHARTS)
def test_no_template_takes_a_name(chart):
    for trace in CHARTS[chart]().data:
        for template in (trace.hovertemplate, trace.text, trace.texttemplate):
            assert A not in str(template)
            assert B not in str(template)


@pytest.mark.parametrize("chart", CHARTS)
def test_what_plotly_did_not_check_is_valid(chart):
    assert_valid(CHARTS[chart]())


def test_categories_and_their_order_have_the_same_labels():
    figure = CHARTS["score_dots"]()
    assert set(figure.layout.yaxis.categoryarray) == set(figure.data[1].y)


def test_a_clicked_label_is_its_name_again():
    labels = CHARTS["class_frequency"]().data[0].y
    assert [name_of(label) for label in labels] == [A, B]
