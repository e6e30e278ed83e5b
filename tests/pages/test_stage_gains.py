"""Runs that saw a part of the truth: on Compare systems, and not among the best on Home."""

from __future__ import annotations

import pytest

from core.evaluate import evaluate_run
from core.structures import Run
from tests.pages.made_up import add_run, objects_dataset, pets_store, shifted
from tests.pages.test_pages import findings


@pytest.fixture
def told(tmp_path):
    """The pets with a run of a system, and one of it with true boxes."""
    store, images = pets_store(tmp_path / "store.duckdb"), objects_dataset().images
    for name, shift, settings in (("honest", 2, {}), ("knowing", 0, {"oracle": "boxes"})):
        predictions = [shifted(image, shift, 0.5) for image in images]
        add_run(store, Run(name, "pair", "pets", "val", settings), predictions, len(images))
        evaluate_run(store, name)
    return store.path


def test_compare_systems_shows_what_the_stage_costs_and_who_saw_the_truth(open_page, told):
    app = open_page("pages/2_Compare_systems.py", told, metric="Box AP")
    assert not app.exception
    assert "What each stage costs" in [each.value for each in app.header]
    assert any("knowing (true boxes)" in each.value for each in app.caption)


def test_without_the_truth_nothing_is_said_of_it(open_page, pets):
    app = open_page("pages/2_Compare_systems.py", pets)
    assert "What each stage costs" not in [each.value for each in app.header]
    assert not any("Saw a part of the truth" in each.value for each in app.caption)


def test_a_run_that_saw_the_truth_is_no_best_run(open_page, told):
    said = findings(open_page("Home.py", told))
    assert "knowing" not in said
    assert "best of 3" in said
