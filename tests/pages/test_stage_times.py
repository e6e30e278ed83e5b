"""Stages of systems on Compare systems and on Runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.charts.stage_bars import REST
from core.evaluate import evaluate_run
from core.structures import Run
from pages.ui.stage_times import stage_rows
from tests.pages.made_up import add_run, objects_dataset, pets_store, shifted
from tests.pages.test_class_table import OLD


@pytest.fixture
def staged(tmp_path):
    """The pets with one more run, whose system tells of its stages."""
    store, images = pets_store(tmp_path / "store.duckdb"), objects_dataset().images
    predictions = [
        replace(shifted(image, 0, 0.5), stage_seconds={"eye": 0.125, "hand": 0.25})
        for image in images
    ]
    add_run(store, Run("pair", "boxes", "pets", "val"), predictions, len(images))
    evaluate_run(store, "pair")
    return store.path


def test_what_the_stages_leave_over_is_a_stage_of_its_own():
    one = replace(OLD, scores={"seconds_per_image": 1.0}, stage_seconds={"eye": 0.25, "hand": 0.5})
    two = replace(OLD, run="whole", scores={"seconds_per_image": 0.5})
    untimed = replace(OLD, run="untimed", scores={"seconds_per_image": None})
    rows = stage_rows([one, two, untimed])
    assert list(rows.itertuples(index=False, name=None)) == [
        ("old", "eye", 0.25),
        ("old", "hand", 0.5),
        ("old", REST, 0.25),
        ("whole", REST, 0.5),
    ]


def test_runs_and_compare_show_the_stages(open_page, staged):
    app = open_page("pages/2_Compare_systems.py", staged)
    assert not app.exception
    assert "Time of each stage" in [each.value for each in app.header]
    app = open_page("pages/15_Runs.py", staged, run="pair")
    facts = app.table[0].value["value"]
    assert facts["Seconds per image"] == "0.500: eye 0.125, hand 0.250"


def test_without_stages_there_is_nothing_to_show(open_page, pets):
    app = open_page("pages/2_Compare_systems.py", pets)
    assert "Time of each stage" not in [each.value for each in app.header]
    app = open_page("pages/15_Runs.py", pets, run="sharp")
    assert app.table[0].value["value"]["Seconds per image"] == "0.250"
