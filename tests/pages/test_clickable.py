"""A clicked dot or bar leads to the images behind it."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from streamlit.typing import PlotlyState

from core.charts.labels import name_of
from pages.ui import stage_gains, store
from pages.ui.clickable import Point
from pages.ui.score_failures import way_on_split

CLASS_IOU, COMPARE, DETECTION = (
    f"pages/{page}.py" for page in ("3_Class_IoU", "2_Compare_systems", "4_Detection")
)
# page, key of the chart, words of its axis, name of the trace and row clicked (None: any), address
CASES = [
    (COMPARE, "ranking", "Mean IoU", (None, None), {"runs": "row", "by": "pixels"}),
    (
        CLASS_IOU,
        "gains of classes",
        "IoU of pixels",
        (None, "cat"),
        {"class": "cat", "by": "pixels"},
    ),
    (
        CLASS_IOU,
        "wrong pixels",
        "of the union",
        ("segment", None),
        {"runs": "row", "by": "pixels", "wrong": "segment"},
    ),
    (
        CLASS_IOU,
        "wrong pixels",
        "of the union",
        ("correct", None),
        {"runs": "row", "by": "pixels"},
    ),
    (
        DETECTION,
        "gains of repairs",
        "gained by the repair",
        (None, "duplicate"),
        {"runs": "trace", "by": "boxes", "kinds": "duplicate"},
    ),
    (
        DETECTION,
        "scores of sizes",
        "AP, per cent",
        (None, "small"),
        {"runs": "trace", "by": "boxes", "size": "small"},
    ),
    (
        DETECTION,
        "scores of IoUs",
        "IoU of a right prediction",
        (None, None),
        {"runs": "trace", "by": "boxes"},
    ),
    (DETECTION, "curves of recall", '"recall"', (None, None), {"runs": "trace", "by": "boxes"}),
    (
        DETECTION,
        "curves of scores",
        "least score",
        (None, None),
        {"runs": "trace", "by": "boxes", "score": "0.3"},
    ),
]


def links_of(app):
    found = [each.proto for each in app.get("bidi_component")]
    parts = [json.loads(each.json) for each in found if "link_list" in each.component_name]
    return [link["href"] for part in parts for link in part["links"]]


def clicked(app, key, words, trace, row):
    """Click a dot of the chart and return the names of its trace and its row."""
    (chart,) = [each for each in app.get("plotly_chart") if words in each.proto.spec]
    for curve, drawn in enumerate(json.loads(chart.proto.spec)["data"]):
        clickable = "markers" in drawn.get("mode", "markers")
        if not clickable or trace not in (None, drawn.get("name")):
            continue
        # numbers are packed; those of a line say nothing of where it leads
        for index, y in enumerate(drawn["y"] if isinstance(drawn["y"], list) else [0.5]):
            if row in (None, y):
                point = {"curve_number": curve, "point_index": index, "x": 0.304, "y": y}
                app.session_state[key] = PlotlyState({"selection": {"points": [point]}})
                app.run()
                return name_of(drawn.get("name", "")), name_of(str(y))
    raise AssertionError((trace, row))


@pytest.mark.parametrize(("page", "key", "words", "place", "expected"), CASES)
def test_a_click_leads_to_the_images(open_page, pets, page, key, words, place, expected):
    app = open_page(page, pets)
    before = links_of(app)
    trace, row = clicked(app, key, words, *place)
    assert not app.exception
    (href,) = [each for each in links_of(app) if each not in before]
    assert urlsplit(href).path == "Failures"
    given = parse_qs(urlsplit(href).query)
    meant = {"row": row, "trace": trace}
    for name, value in expected.items():
        assert given[name][0] == meant.get(value, value)
    if "wrong" not in expected:
        assert "wrong" not in given
    opened = open_page("pages/7_Failures.py", pets, **given)
    assert not opened.exception


@pytest.mark.parametrize(
    ("page", "words", "told"),
    [
        (COMPARE, "Mean IoU", r"^(95 % interval \d+\.\d to \d+\.\d, )?on 12 images$"),
        (DETECTION, "gained by the repair", r"^\d+ errors?$"),
        (DETECTION, "AP, per cent", r"^\d+ annotated objects?$"),
    ],
)
def test_the_pointer_tells_exact_counts(open_page, pets, page, words, told):
    app = open_page(page, pets)
    (chart,) = [each for each in app.get("plotly_chart") if words in each.proto.spec]
    dots = [each for each in json.loads(chart.proto.spec)["data"] if each["mode"] == "markers"]
    texts = [text for each in dots for text in each["customdata"]]
    assert texts
    assert all(re.search(told, text) for text in texts), texts


def test_a_bar_of_a_stage_leads_to_both_runs():
    runs = pd.DataFrame({"run": ["net", "told"], "dataset": "pets", "split": "val"})
    gains = pd.DataFrame({"run": ["net"], "oracle": ["boxes"], "oracle_run": ["told"]})
    asked = {"runs": runs, "gains": gains, "metric": "mask_ap"}
    way = stage_gains._way(Point("", "net, true boxes", 50.0), **asked)
    given = parse_qs(urlsplit(way.address).query)
    assert (given["runs"], given["by"]) == (["net", "told"], ["masks"])
    assert stage_gains._way(Point("", "gone, true boxes", 50.0), **asked) is None


def test_a_dot_of_a_split_leads_to_the_run_that_answered_it(monkeypatch):
    monkeypatch.setattr(store, "classes", lambda _: pd.DataFrame({"name": ["cat"]}))
    runs = [SimpleNamespace(run=f"net {split}", dataset="pets", split=split) for split in "ab"]
    way = way_on_split(Point("b", "cat", 50.0), runs=runs, metric="segment_error")
    given = parse_qs(urlsplit(way.address).query)
    assert given == {
        "dataset": ["pets"],
        "split": ["b"],
        "runs": ["net b"],
        "class": ["cat"],
        "by": ["pixels"],
        "wrong": ["segment"],
    }
    assert way_on_split(Point("c", "cat", 50.0), runs=runs, metric="miou") is None


def test_nothing_is_clicked_at_first_and_what_is_gone_leads_nowhere(open_page, pets):
    app = open_page(COMPARE, pets)
    hint = "Click a dot, bar or line to see the images behind it."
    assert hint in [each.value for each in app.caption]
    point = {"curve_number": 99, "point_index": 0, "x": 0.5, "y": "gone"}
    app.session_state["ranking"] = PlotlyState({"selection": {"points": [point]}})
    app.run()
    assert not app.exception
    assert hint in [each.value for each in app.caption]
