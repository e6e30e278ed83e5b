"""A clicked cell of the class heat map is a link to what lies behind it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

import numpy as np
import pandas as pd
import pytest
from streamlit.util import AttributeDictionary

from core.evaluate.run import evaluate_run
from core.structures import Run
from pages.ui import class_table
from tests.pages.made_up import HOSTILE, add_run, objects_dataset, pets_store, shifted
from tests.pages.test_pages import links, words

PAGE = "pages/3_Class_IoU.py"


@pytest.fixture(scope="module")
def off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of `pets`, and one whose boxes lie too far off to hit anything."""
    store, images = (
        pets_store(tmp_path_factory.mktemp("off") / "s.duckdb"),
        objects_dataset().images,
    )
    predictions = [shifted(image, 6, None) for image in images]
    add_run(store, Run("far", "boxes", "pets", "val"), predictions, len(images))
    evaluate_run(store, "far")
    return store.path


def clicked(run: str, name: str) -> AttributeDictionary:
    """The state of the heat map after a click on the cell of a run and a class."""
    return AttributeDictionary({"selection": {"cell": [{"run": run, "name": name}]}})


def opened(open_page, store, run, name, **parameters):
    app = open_page(PAGE, store, **parameters)
    app.session_state["class cells"] = clicked(run, name)
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("score", "name", "sentence", "address"),
    [
        ("Box AP", "dog", "4 images where far fails on the class dog by boxes", "dog&by=boxes"),
        (
            "Mask AP50",
            HOSTILE,
            f"1 image where far fails on the class {HOSTILE} by masks",
            f"{quote_plus(HOSTILE)}&by=masks",
        ),
        ("IoU of pixels", "dog", "4 images with the class dog", "dog&by=pixels"),
    ],
)
def test_clicked_cell_offers_a_link_to_the_failures_of_that_run_and_class(
    open_page, off, score, name, sentence, address
):
    app = opened(open_page, off, "far", name, class_score=score)
    (shown,) = links(app.get("bidi_component")[0])
    assert shown["text"].startswith(sentence)
    assert shown["href"] == f"Failures?dataset=pets&split=val&runs=far&class={address}"


def test_painted_background_is_no_class_that_can_be_looked_for(open_page, off):
    app = opened(open_page, off, "far", "background", class_score="IoU of pixels")
    (shown,) = links(app.get("bidi_component")[0])
    assert shown["text"].startswith("12 images with all classes")
    assert shown["href"] == "Failures?dataset=pets&split=val&runs=far&by=pixels"


def test_cell_without_failures_says_so(open_page, off):
    app = opened(open_page, off, "sharp", "dog", class_score="Box AP")
    assert not app.get("bidi_component")
    assert "sharp makes no error on the class dog" in words(app)


def test_cell_of_a_run_that_is_not_shown_any_more_leads_nowhere(open_page, off):
    app = opened(open_page, off, "far", "dog", runs="sharp")
    assert not app.get("bidi_component")
    assert "Click a cell" in words(app)


def test_runs_without_the_score_are_named_and_not_drawn():
    rows = pd.DataFrame({"run": ["a", "a", "b_1"], "score": [np.nan, 0.5, np.nan]})
    scored = class_table.runs_with_score(rows)
    assert scored == ["a"]
    assert class_table.without_score(["a", "b_1"], scored) == r"Without this score: b\_1."
    assert class_table.without_score(["a"], scored) == ""
