"""What of a link is not here is said, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui.address import unmet

ROOT = Path(__file__).resolve().parents[2]
COMPARE = "pages/2_Compare_systems.py"
FAILURES = "pages/7_Failures.py"


# the shell with a page in the place of the start page, where a new session begins
FAILING = {"score": "0.95"}
SCRIPT = """
import runpy

from pages.ui import shell, store

shell.run(shell.App(lambda: runpy.run_path({page!r}), store))
"""


@pytest.fixture
def follow(monkeypatch):
    """Return a function that opens a link in a new session and returns the session."""

    def followed(page: str, store: Path, **parameters: str | list[str]) -> AppTest:
        monkeypatch.setenv("EVALUATION_STORE", str(store))
        st.cache_data.clear()
        script = SCRIPT.format(page=str(ROOT / page))
        app = AppTest.from_string(script, default_timeout=30)
        for name, value in parameters.items():
            app.query_params[name] = value
        return app.run()

    return followed


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(toast.value for toast in app.toast)


@pytest.mark.parametrize(
    ("page", "parameters", "told"),
    [
        (COMPARE, {"dataset": "gone"}, "data set gone"),
        (COMPARE, {"dataset": "pets", "split": "test"}, "split test"),
        (COMPARE, {"runs": ["sharp", "gone", "lost"]}, "run gone, run lost"),
        (COMPARE, {"class": "*zebra*"}, r"class \*zebra\*"),
        (COMPARE, {"metric": "box_ap"}, "metric box\\_ap"),
        (COMPARE, {"every": "perhaps"}, "every perhaps"),
        (COMPARE, {"nonsense": "1"}, "nonsense 1"),
        (FAILURES, {"by": "pixels", "below": "700"}, "below 700"),
        (FAILURES, {**FAILING, "p": "-1"}, "page -1"),
        (FAILURES, {**FAILING, "kinds": ["missed", "late"]}, "kinds late"),
        (FAILURES, {**FAILING, "by": "smell"}, "by smell"),
    ],
)
def test_what_a_link_asks_in_vain_is_named(follow, pets, page, parameters, told):
    sentence = said(follow(page, pets, **parameters))
    assert sentence.endswith(f": {told}.")


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        (COMPARE, {}),
        (COMPARE, {"dataset": "pets", "split": "val", "runs": ["sharp"], "class": "dog"}),
        # the standard values, which the address need not hold
        (COMPARE, {"metric": "Mean IoU", "size": "all", "every": "FALSE", "class": "", "runs": ""}),
        (FAILURES, {"by": "boxes", "score": "0.950", "kinds": ["missed", "both"], "p": "1"}),
        ("pages/6_Masks.py", {"image": "3", "list": "by=boxes", "objects": "masks"}),
    ],
)
def test_a_sound_link_is_followed_in_silence(follow, pets, page, parameters):
    assert said(follow(page, pets, **parameters)) == ""


def test_a_page_that_ends_early_names_what_the_sidebar_lacks(follow, full):
    # "metric" belongs to a widget that comes after the end
    link = {"dataset": "pets", "runs": ["sharp", "half", "gone"], "metric": "Box AP"}
    assert said(follow(COMPARE, full, **link)).endswith(": run gone.")


def test_nothing_is_said_twice_nor_of_what_a_visitor_chooses(follow, full):
    app = follow(COMPARE, full, dataset="streets", **{"class": "zebra"})
    assert "zebra" in said(app)
    assert said(app.run()) == ""
    app.selectbox(key="dataset").set_value("pets").run()
    assert said(app) == ""
    # the other data set has no such split
    assert app.selectbox(key="split").value == "val"


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ({}, {"dataset": "pets", "split": "val"}),
        ({"dataset": "streets"}, {"dataset": "streets", "split": "test"}),
        ({"dataset": "pets", "split": "val"}, {"dataset": "pets", "split": "val"}),
    ],
)
def test_the_address_names_data_set_and_split_even_where_they_come_first(
    follow, full, asked, written
):
    app = follow(COMPARE, full, **asked)
    assert {name: app.query_params[name] for name in ("dataset", "split")} == written
    chosen = {name: app.selectbox(key=name).value for name in ("dataset", "split")}
    assert chosen == written


def test_values_are_compared_as_what_they_are():
    chosen = {"score": 0.5, "p": 1, "log": True, "class": "1.0", "runs": ["a"]}
    sound = {"score": [".5"], "p": ["1"], "log": ["True"], "class": ["1.0"], "runs": ["a"]}
    assert unmet(sound, chosen) == []
    odd = {"score": ["x"], "p": ["true"], "log": ["1"], "class": ["1"], "runs": ["a", "A"]}
    assert unmet(odd, chosen) == [
        ("score", "x"),
        ("p", "true"),
        ("log", "1"),
        ("class", "1"),
        ("runs", "A"),
    ]
