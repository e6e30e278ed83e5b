"""Boundary IoU on Compare systems and on Class IoU."""

from __future__ import annotations

import pytest

from core.store.connection import Store
from tests.pages.made_up import pets_store

PAGE, RUN = "pages/2_Compare_systems.py", "python -m core evaluate sharp --again"


@pytest.fixture
def old(tmp_path) -> Store:
    """The pets, evaluated before boundaries were counted."""
    store = pets_store(tmp_path / "store.duckdb")
    with store.write() as cursor:
        cursor.execute("DELETE FROM boundary_count")
    return store


def test_all_figures_and_the_choice_of_classes_hold_it(open_page, pets):
    app = open_page(PAGE, pets, every="true")
    table = app.dataframe[0].value["Pixels · semantic maps"]
    assert table["Boundary IoU"].notna().any()
    assert not any("evaluate" in each.value for each in app.code)
    app = open_page("pages/3_Class_IoU.py", pets, class_score="Boundary IoU of pixels")
    assert not app.exception
    assert any("near the outlines" in each.value for each in app.caption)


def test_a_run_without_it_says_which_command_counts_it(open_page, old):
    app = open_page(PAGE, old.path, every="true")
    assert not app.exception
    assert any(RUN in each.value.splitlines() for each in app.code)
    app = open_page("pages/3_Class_IoU.py", old.path)
    assert "Boundary IoU of pixels" not in app.selectbox(key="class_score").options
