"""The page Weak slices: a planted weakness on top, and links to exactly its images."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st

from core.evaluate import evaluate_run
from core.scoring.slices import Condition
from core.store import rows
from core.store.connection import Store
from core.store.image_properties import put_properties
from core.structures import Run
from pages.ui import growing
from pages.ui.slice_list import words
from tests.pages.made_up import add_run, objects_dataset, shifted

PAGE = "pages/12_Weak_slices.py"
DARK = 12


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """36 images, the first twelve dark: there the run finds nothing."""
    store, dataset = Store.at(tmp_path_factory.mktemp("night") / "s.duckdb"), objects_dataset(36)
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset, painted=True)
        put_properties(
            cursor,
            {key: (30.0 if key <= DARK else 100.0 + key, 20.0 + key % 3) for key in range(1, 37)},
        )
    predictions = [shifted(image, 12 if image.id <= DARK else 0, 0.2) for image in dataset.images]
    for name in ("eyes", "other <b>"):
        add_run(store, Run(name, "boxes", "pets", "val"), predictions, 36)
        evaluate_run(store, name)
    return store.path


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """All is drawn before a page is shown, and nothing was drawn before."""
    st.cache_resource.clear()
    monkeypatch.setattr(growing, "PATIENCE", None)
    monkeypatch.setattr(growing, "ABANDONED", 1000.0)


@pytest.fixture
def shown(open_page, night):
    app = open_page(PAGE, night, dataset="pets", split="val", slice_score="Box AP")
    assert not app.exception
    return app


def test_the_dark_come_first_and_are_a_finding(shown):
    first = shown.dataframe[0].value.iloc[0]
    assert first["slice"] == "Brightness 30 to 30"
    assert (first["images"], first["score"], bool(first["finding"])) == (DARK, 0.0, True)
    assert any("fall short of the rest" in each.value for each in shown.markdown)


def test_its_links_open_exactly_its_images(shown, open_page, night):
    first = shown.dataframe[0].value.iloc[0]
    for name, page in (("failures", "7_Failures"), ("compare", "2_Compare_systems")):
        asked = parse_qs(urlsplit(first[name]).query)
        app = open_page(f"pages/{page}.py", night, **asked)
        assert not app.exception
        assert any(f"{DARK} of 36 images" in each.value for each in app.sidebar.caption)
    assert asked["runs"] == ["eyes", "other <b>"]


def test_ranges_of_the_sidebar_hold_here_and_in_the_links(open_page, night):
    app = open_page(PAGE, night, dataset="pets", split="val", brightness=["100", "255"])
    assert not app.exception
    assert any("on all 24 images" in each.value for each in app.markdown)
    assert any("None of" in each.value for each in app.markdown)
    (address,) = app.dataframe[0].value["failures"]
    asked = parse_qs(urlsplit(address).query)
    assert asked["tags"] == ["odd"]
    assert [float(end) for end in asked["brightness"]] == [100, 255]


def test_too_few_images_are_told(open_page, pets):
    app = open_page(PAGE, pets, dataset="pets", split="val")
    assert not app.exception
    assert any("cannot be cut into slices" in each.value for each in app.info)


def test_words_of_slices():
    bright = Condition("brightness", 3.5, 70.0)
    assert words([bright, Condition(tag="crowd")]) == "Brightness 3.5 to 70 and tagged crowd"
    assert words([replace(bright, name="image_side")]) == "Image size 3.5 to 70"


def test_slices_are_listed_before_any_is_held_against_chance(open_page, night, monkeypatch):
    monkeypatch.setattr(growing.Growing, "_grow", lambda *_: None)
    app = open_page(PAGE, night, dataset="pets", split="val", slice_score="Box AP")
    assert not app.exception
    table = app.dataframe[0].value
    assert not table["finding"].any()
    assert table["p"].isna().all()
    assert not any("fall" in each.value for each in app.markdown)
