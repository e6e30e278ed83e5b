"""Answers are kept until something is committed, and never mixed up."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.store import rows
from core.store.connection import Store
from core.store.queries import catalogue, explore
from core.structures import Run
from pages.ui import store
from tests.pages.made_up import objects_dataset


@pytest.fixture
def filled(tmp_path, monkeypatch) -> Store:
    st.cache_data.clear()
    filled = Store.at(tmp_path / "store.duckdb")
    monkeypatch.setenv("EVALUATION_STORE", str(filled.path))
    with filled.write() as cursor:
        rows.insert_dataset(cursor, objects_dataset(), painted=True)
    return filled


def add(filled: Store, name: str) -> None:
    with filled.write() as cursor:
        rows.insert_run(
            cursor,
            Run(name, "boxes", "pets", "val"),
            has_boxes=True,
            has_masks=False,
            has_label_maps=False,
            expected_images=12,
            status="done",
        )


def test_a_commit_is_seen_at_the_next_question(filled):
    assert store.runs().empty
    add(filled, "first")
    assert list(store.runs()["run"]) == ["first"]


def test_an_unchanged_store_is_asked_once(filled):
    asked = []

    def question(cursor):
        asked.append(cursor)
        return len(asked)

    assert [store.ask(question), store.ask(question)] == [1, 1]
    add(filled, "first")
    assert store.ask(question) == 2


PAGE = """
import streamlit as st

from pages.ui import store
from tests.pages.test_store import asked_amid_a_commit

st.write(asked_amid_a_commit())
"""


def asked_amid_a_commit() -> str:
    """The runs before a commit and after it; `add` must find a name that is free."""
    before = list(store.runs()["run"])
    add(store.current(), f"run {len(before)}")
    return f"{before} then {list(store.runs()['run'])}"


def test_version_is_asked_once_in_a_run_and_again_in_the_next(filled, monkeypatch):
    versions, ask_version = [], Store.version
    monkeypatch.setattr(
        Store, "version", lambda self: versions.append(ask_version(self)) or versions[-1]
    )
    app = AppTest.from_string(PAGE, default_timeout=30).run()
    assert not app.exception
    assert app.markdown[0].value == "[] then []"
    assert len(versions) == 1
    app.run()
    assert app.markdown[0].value == "['run 0'] then ['run 0']"
    assert len(versions) == 2


FRAGMENT = """
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from tests.pages.test_store import asked_amid_a_commit

asked_amid_a_commit()
# what Streamlit does before it runs a fragment again, on the same context
get_script_run_ctx().reset(fragment_ids_this_run=["one"])
st.write(asked_amid_a_commit())
"""


def test_version_is_asked_again_by_a_fragment(filled):
    app = AppTest.from_string(FRAGMENT, default_timeout=30).run()
    assert not app.exception
    assert app.markdown[0].value == "['run 0'] then ['run 0']"


def test_answers_to_different_questions_are_kept_apart(filled):
    place = {"dataset": 1, "split": "val"}
    assert "objects" in store.ask(explore.objects_per_image, **place)
    assert "width" in store.ask(explore.image_sizes, **place)


def test_answers_of_different_stores_are_kept_apart(filled, tmp_path, monkeypatch):
    assert len(store.ask(catalogue.datasets)) == 1
    monkeypatch.setenv("EVALUATION_STORE", str(tmp_path / "none.duckdb"))
    assert store.datasets().empty
    assert store.runs().empty


def test_runs_come_oldest_first_so_that_colours_stay(filled):
    add(filled, "zebra")
    add(filled, "ant")
    assert list(store.runs("pets", "val")["run"]) == ["zebra", "ant"]
