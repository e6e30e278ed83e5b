"""The shell is drawn once, on every page, behind the gates."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui import shell

PAGE = """
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.ui.shell import App, run, shell


class Lists:
    def datasets(self):
        return pd.DataFrame({"dataset": ["one"], "split": ["val"], "runs": [1]})

    def runs(self, dataset, split):
        return pd.DataFrame({"run": ["a", "b"]})

    def classes(self, dataset):
        return pd.DataFrame({"class": [0], "name": ["cat"]})


def start():
    shell(APP)  # as pages do, also when `run` runs them
    st.title("Start")


APP = App(start, Lists(), Path(__file__).parent.parent)
shell(APP)
st.title("Page")
"""
HOME = PAGE.replace('\nshell(APP)\nst.title("Page")', "\nrun(APP)").replace(
    "parent.parent", "parent"
)


@pytest.fixture
def app(tmp_path) -> Path:
    (tmp_path / "pages").mkdir()
    for number in ("10_Last", "2_Class_IoU", "1_First"):
        (tmp_path / "pages" / f"{number}.py").write_text(PAGE)
    (tmp_path / "pages" / "notes.py").write_text("")
    (tmp_path / "Home.py").write_text(HOME)
    return tmp_path


def labels(test: AppTest) -> list[str]:
    return [each.label for each in [*test.sidebar.selectbox, *test.sidebar.multiselect]]


def test_pages_are_numbered_files_in_order_of_their_numbers(app):
    titles = [shell.page_title(path) for path in shell.page_files(app)]
    assert titles == ["First", "Class IoU", "Last"]


@pytest.mark.parametrize("script", ["Home.py", "pages/1_First.py"])
def test_shell_is_drawn_once_however_a_page_is_reached(app, script):
    test = AppTest.from_file(str(app / script), default_timeout=20).run()
    assert not test.exception
    assert labels(test) == ["Data set", "Split", "Class", "Runs"]
    assert test.title[0].value == ("Start" if script == "Home.py" else "Page")


def test_shell_is_drawn_after_a_change_of_page(app):
    test = AppTest.from_file(str(app / "Home.py"), default_timeout=20).run()
    test.switch_page("pages/10_Last.py").run()
    assert not test.exception
    assert labels(test) == ["Data set", "Split", "Class", "Runs"]


@pytest.mark.parametrize("script", ["Home.py", "pages/1_First.py"])
def test_gate_stands_before_everything(app, script, monkeypatch):
    def refuse() -> None:
        st.title("Sign in")
        st.stop()

    monkeypatch.setattr(shell, "GATES", [refuse])
    test = AppTest.from_file(str(app / script), default_timeout=20).run()
    assert [title.value for title in test.title] == ["Sign in"]
    assert labels(test) == []
