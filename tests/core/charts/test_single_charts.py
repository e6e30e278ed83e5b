"""Charts of images of one object: confusion, reliability, places."""

from __future__ import annotations

import pandas as pd
import pytest

from core.charts.class_confusion import class_confusion, confusion_difference
from core.charts.iou_distribution import iou_distribution
from core.charts.reliability_diagram import reliability_diagram

COLOURS, MARKERS = {"a": "#111111", "b": "#222222"}, {"a": "circle", "b": "square"}


def confusion(classes, **options):
    rows = [(t, p, int(t == p), float(t == p)) for t in classes for p in classes]
    cells = pd.DataFrame(rows, columns=["truth", "predicted", "amount", "share"])
    return class_confusion(cells, classes, classes, unit="images", whole="the row", **options)


def test_cells_without_an_amount_are_blank_and_a_click_names_both_classes():
    chart = confusion(["x", "y"], shares=False)
    values = chart["data"]["values"]
    assert values[["truth", "predicted"]].to_numpy().tolist() == [["x", "x"], ["y", "y"]]
    (selection,) = chart["layer"][0]["params"]
    assert selection["name"] == "cell"
    assert selection["select"]["fields"] == ["truth", "predicted"]


@pytest.mark.parametrize(("shares", "field"), [(True, "share"), (False, "amount")])
def test_cells_tell_shares_or_amounts_unless_there_are_many(shares, field):
    figures = confusion(["x", "y"], shares=shares)["layer"][1]
    assert figures["encoding"]["text"]["field"] == field
    assert len(confusion([f"c{i}" for i in range(25)], shares=shares)["layer"]) == 1


def test_dots_are_at_the_mean_probability_and_bins_without_answers_have_none():
    bins = pd.DataFrame(
        {
            "run": ["a", "a", "b", "b"],
            "low": [0, 0.5] * 2,
            "high": [0.5, 1] * 2,
            "answers": [0, 4, 2, 1],
            "right": [0, 3, 1, 0],
            "certainty": [0, 3.2, 0.5, 0.9],
        }
    )
    diagonal, a, a_bars, b, _ = reliability_diagram(bins, COLOURS, MARKERS).data
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    assert (list(a.x), list(a.y)) == ([0.8], [0.75])
    assert (list(b.x), list(b.y)) == ([0.25, 0.9], [0.5, 0])
    assert list(a_bars.x) == [0.25, 0.75]
    assert list(a_bars.y) == [0, 4]
    assert (a.marker.symbol, b.marker.symbol) == ("circle", "square")


def test_boxes_are_counted_in_bins_that_hold_their_lower_edge():
    ious = pd.DataFrame({"run": ["a"] * 4 + ["b"], "iou": [0, 0.5, 0.549, 1, 0.52]})
    a, b = iou_distribution(ious, COLOURS, 0.5).data
    assert [index for index, count in enumerate(a.y) if count] == [0, 10, 19]
    assert a.y[10] == 2
    assert b.y[10] == 1
    assert len(a.y) == 20


def test_differences_of_confusions_are_blank_where_neither_run_has_any():
    cells = pd.DataFrame(
        {
            "truth": ["x", "x", "y", "y"],
            "predicted": ["x", "y", "x", "y"],
            "first": [3, 0, 0, 2],
            "second": [1, 4, 0, 2],
            "difference": [-2.0, 4.0, 0.0, float("nan")],
        }
    )
    chart = confusion_difference(
        cells, ["x", "y"], ["x", "y"], runs=("a", "b"), unit="objects", shares=False
    )
    values = chart["data"]["values"]
    assert values[["truth", "predicted"]].to_numpy().tolist() == [["x", "x"], ["x", "y"]]
    colour = chart["layer"][0]["encoding"]["color"]
    assert colour["scale"]["domain"] == [-4, 0, 4]
    assert colour["title"] == "b minus a"
