"""Heat maps of plain dictionaries are what Altair makes of the same words, and valid Vega-Lite."""

from __future__ import annotations

import json
from itertools import product

import altair as alt
import pandas as pd
import pytest

from core.charts.class_confusion import class_confusion, confusion_difference
from core.charts.class_scores import class_scores
from core.charts.co_occurrence import co_occurrence
from core.charts.run_pairs import run_pairs

HOSTILE = ["<b>", "a:Q", "0", "", "datum.share", "né", "{y}", "x" * 300]
MANY = [f"class {i}" for i in range(25)]


def frame(names, first, second) -> pd.DataFrame:
    """A row for each pair of names, every third of them without an amount."""
    cells = pd.DataFrame(list(product(names, names)), columns=[first, second])
    return cells.assign(amount=cells.index % 3, share=cells.index % 3 / len(cells))


def matrix(names, **options) -> dict:
    cells = frame(names, "truth", "predicted")
    given = {"unit": "objects", "whole": "the row", "shares": True} | options
    return class_confusion(cells, names, names, **given)


def difference(names, *, shares) -> dict:
    cells = frame(names, "truth", "predicted").rename(columns={"amount": "first"})
    cells = cells.assign(second=2, difference=2.0 - cells["first"])
    return confusion_difference(
        cells, names, names, runs=("a:Q", "<i>"), unit="objects", shares=shares
    )


def pairs(names) -> dict:
    cells = frame(names, "run", "other").assign(value=lambda rows: rows["share"])
    return run_pairs(cells, names, title="of both", counts={"amount": "found by both"})


def of_classes(names) -> dict:
    cells = frame(names, "run", "name").rename(columns={"amount": "images", "share": "score"})
    return class_scores(cells.assign(few=cells["images"] > 1), "a:Q", names, names)


def together(names) -> dict:
    cells = frame(names, "class", "other").rename(columns={"amount": "images"})
    return co_occurrence(cells, names)


CHARTS = {
    "together": together,
    "classes": of_classes,
    "shares": lambda names: matrix(names),
    "amounts": lambda names: matrix(names, shares=False, rooted=True),
    "shares apart": lambda names: difference(names, shares=True),
    "amounts apart": lambda names: difference(names, shares=False),
    "pairs": pairs,
}


def without_cells(chart: dict) -> dict:
    return json.loads(json.dumps({**chart, "data": {"name": "cells"}}))


@pytest.mark.parametrize("names", [HOSTILE[:1], HOSTILE, MANY], ids=["one", "hostile", "many"])
@pytest.mark.parametrize("name", list(CHARTS))
def test_every_heat_map_is_valid(name, names):
    chart = CHARTS[name](names)
    alt.LayerChart.from_dict(without_cells(chart))  # raises where the schema is broken
    told = [set(chart["data"]["values"]) >= fields(layer) for layer in chart["layer"]]
    assert all(told)


def fields(layer: dict) -> set[str]:
    """Every column that a layer speaks of."""
    encoding = layer["encoding"]
    spoken = [*encoding["tooltip"]] if "tooltip" in encoding else []
    spoken += [each for each in encoding.values() if isinstance(each, dict)]
    return {each["field"] for each in spoken if "field" in each}


@pytest.mark.parametrize("name", list(CHARTS))
def test_names_are_rows_and_columns_as_they_are(name):
    for layer in CHARTS[name](HOSTILE)["layer"]:
        for axis in ("x", "y"):
            assert layer["encoding"][axis]["scale"]["domain"] == HOSTILE


def test_a_matrix_is_the_one_that_altair_makes():
    cells = frame(["x", "y"], "truth", "predicted").query("amount > 0")
    picked = alt.selection_point(name="cell", fields=["truth", "predicted"], empty=False)
    size, whole = {"labelFontSize": 10, "labelOverlap": False, "labelFlush": False}, "the row"
    scale = alt.Scale(domain=["x", "y"])
    base = alt.Chart(cells).encode(
        x=alt.X("predicted:N", title="predicted", scale=scale).axis(
            labelAngle=-45, labelLimit=100, **size
        ),
        y=alt.Y("truth:N", title="annotated", scale=scale).axis(labelLimit=120, **size),
    )
    viridis = alt.Scale(scheme="viridis", domain=[0, 1], type="linear")
    squares = (
        base.mark_rect(cursor="pointer")
        .encode(
            color=alt.Color("share:Q", title=f"share of {whole}", scale=viridis).legend(
                format=".0%", orient="top", gradientLength=140
            ),
            stroke=alt.condition(picked, alt.value("#d55e00"), alt.value(None)),
            strokeWidth=alt.value(3),
            tooltip=[
                alt.Tooltip("truth:N", title="annotated"),
                alt.Tooltip("predicted:N", title="predicted"),
                alt.Tooltip("amount:Q", title="objects", format=","),
                alt.Tooltip("share:Q", title=f"share of {whole}", format=".1%"),
            ],
        )
        .add_params(picked)
        .properties(height=2 * 30 + 180)
    )
    figures = base.mark_text(fontSize=11).encode(
        text=alt.Text("share:Q", format=".0%"),
        color=alt.condition("datum.share > 0.6", alt.value("#111111"), alt.value("#ffffff")),
    )
    made, ours = alt.layer(squares, figures).to_dict(), matrix(["x", "y"])
    (param,) = made["params"]
    (ours_param,) = ours["layer"][0].pop("params")
    assert param.pop("views") == [made["layer"][0].pop("name")]  # it is of the squares
    assert param == ours_param
    assert made["layer"] == ours["layer"]
    assert made["height"] == ours["height"]
    pd.testing.assert_frame_equal(ours["data"]["values"], cells)
