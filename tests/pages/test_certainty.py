"""Intervals, p values and groups on Compare systems and Class IoU."""

from __future__ import annotations

import pandas as pd
import pytest
import streamlit as st

from core.metrics.significance import CORRECTIONS
from pages.ui import certainty, class_gains, growing
from tests.pages.test_pages import words

COMPARE, CLASSES = "pages/2_Compare_systems.py", "pages/3_Class_IoU.py"


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """All is drawn before a page is shown, and nothing was drawn before."""
    st.cache_resource.clear()
    monkeypatch.setattr(growing, "PATIENCE", None)
    monkeypatch.setattr(growing, "ABANDONED", 1000.0)


def ranks(app):
    (table,) = [each.value for each in app.dataframe if "group" in each.value]
    return table


def test_every_correction_can_be_chosen():
    assert set(certainty.CORRECTIONS.values()) == set(CORRECTIONS)


def test_compare_ranks_with_intervals_and_groups(open_page, pets):
    app = open_page(COMPARE, pets, metric="Mean IoU")
    assert not app.exception
    table = ranks(app)
    assert table["run"].tolist() == ["sharp", "shifted"]
    assert table["group"].tolist() == ["a", "b"]
    assert table["p"].iloc[1] == 2 / 2**12
    assert table["score"].between(table["low"], table["high"]).all()
    told = words(app)
    assert "Holm's correction over 1 pair" in told
    assert "2,000 resamples of the 12 images; p: all 4,096 swaps" in told


def test_ranks_are_corrected_as_chosen(open_page, full):
    asked = {"dataset": "pets", "split": "val", "common": "true", "metric": "Mean IoU"}
    holm = ranks(open_page(COMPARE, full, **asked))
    bh = ranks(open_page(COMPARE, full, **asked, correction="Benjamini–Hochberg"))
    # of three pairs all as unlikely as 5 images allow: 2 of 32 swaps
    assert holm["p"].tolist()[1:] == [6 / 32, 6 / 32]
    assert bh["p"].tolist()[1:] == [2 / 32, 2 / 32]


def test_times_are_ranked_in_milliseconds_and_cannot_be_told_apart(open_page, pets):
    table = ranks(open_page(COMPARE, pets, metric="Seconds per image"))
    assert table["score"].tolist() == [250, 250]
    assert table["group"].tolist() == ["a", "a"]


def test_letters_wait_until_all_is_drawn(open_page, pets, monkeypatch):
    monkeypatch.setattr(growing.Growing, "_grow", lambda *_: None)
    app = open_page(COMPARE, pets, metric="Dice", correction="Benjamini–Hochberg")
    assert ranks(app)["group"].tolist() == ["", ""]
    assert "Letters of runs that cannot be told apart follow" in words(app)


def test_a_single_run_has_an_interval_and_no_rank(open_page, pets):
    app = open_page(COMPARE, pets, runs=["sharp"])
    assert not app.exception
    assert "95 % intervals" in words(app)
    assert not [each for each in app.dataframe if "group" in each.value]


def test_class_iou_says_how_sure_gains_are(open_page, pets):
    app = open_page(CLASSES, pets, class_score="IoU of pixels", correction="Benjamini–Hochberg")
    assert not app.exception
    told = words(app)
    assert "**Mean over the classes:** shifted minus sharp -" in told
    assert "p 0.0005), on 12 images" in told
    assert "after Benjamini–Hochberg's correction over 4 classes" in told
    assert "shifted is better on 0 classes, sharp on 2 classes" in told


def test_classes_that_are_not_shown_are_not_corrected_over(open_page, pets):
    app = open_page(CLASSES, pets, class_score="IoU of pixels", background="false")
    assert "Holm's correction over 3 classes" in words(app)
    # of three classes the smallest p, 2 of 4,096 swaps, is multiplied by three
    assert "0.0015" in app.get("plotly_chart")[-1].proto.spec


def test_classes_keep_the_order_of_the_table():
    table = pd.DataFrame({"name": ["cat", "dog", "eel"]})
    found = pd.DataFrame(
        {
            "name": ["", "eel", "cat"],
            "images": [40, 9, 10],
            "difference": [0.1, 0.3, -0.2],
            "low": [0.0, 0.1, -0.3],
            "high": [0.2, 0.4, -0.1],
            "p": [0.01, 0.04, 0.01],
            "p_adjusted": [0.01, 0.06, 0.03],
            "reliable": [True, False, True],
        }
    )
    classes = class_gains.classes_of(table, found)
    assert classes["name"].tolist() == ["cat", "eel"]
    assert classes["difference"].tolist() == [-0.2, 0.3]
    assert classes["sure"].tolist() == [True, False]
    assert classes["few"].tolist() == [False, True]
