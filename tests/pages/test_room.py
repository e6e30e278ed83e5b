"""Room for what many or long names take: charts side by side, and columns of names."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.halves import ACROSS, across
from pages.ui.tables import WIDEST, width_of

NAMES = [f"run {number}" for number in range(11)]


def _page(runs):
    import streamlit as st

    from pages.ui.halves import halves

    for place in halves(runs):
        with place:
            st.write("chart")


@pytest.mark.parametrize(("runs", "columns"), [(1, 2), (3, 2), (4, 0), (12, 0)])
def test_charts_of_many_runs_stand_one_below_the_other(runs, columns):
    app = AppTest.from_function(_page, args=(runs,)).run()
    assert not app.exception
    assert len(app.columns) == columns
    assert len(app.markdown) == 2
    assert across(runs) == (1 if columns else ACROSS)


def test_a_column_has_room_for_its_longest_name_wherever_it_stands():
    long = "yolov8-sam true masks test"
    assert width_of([*NAMES, long]) == width_of([long, *NAMES]) > width_of(NAMES)
    assert width_of([*NAMES, long]) >= 177  # as a browser draws it
    assert width_of([]) < width_of(NAMES)


def test_a_very_long_name_leaves_room_for_the_scores():
    assert width_of(["n" * 500]) == WIDEST
