"""What each run adds to an ensemble, on the page Agreement."""

from __future__ import annotations

import pytest
import streamlit as st

from core.fusion.recipe import read_recipe
from core.scoring.members import additions, begin_members
from core.store.connection import Store
from pages.ui import agreement_members, growing
from tests.pages.test_pages import words

PAGE = "pages/10_Agreement.py"
TITLE = "runs fused:"


def test_nothing_is_fused_unasked(open_page, pets, monkeypatch):
    monkeypatch.setattr(growing.Growing, "grown", lambda *_: pytest.fail("it was fused"))
    app = open_page(PAGE, pets)
    assert not app.exception
    assert not app.toggle(key="fuse").value
    assert TITLE not in words(app)


@pytest.mark.parametrize("by", ["boxes", "pixels"])
def test_what_each_adds_is_shown_as_it_is_worked_out(open_page, pets, monkeypatch, by):
    st.cache_resource.clear()
    monkeypatch.setattr(growing, "PATIENCE", None)
    monkeypatch.setattr(growing, "ABANDONED", 1000.0)
    app = open_page(PAGE, pets, fuse="true", by=by)
    assert not app.exception
    metric = {"boxes": "box_ap", "pixels": "miou"}[by]
    with Store.at(pets).read() as cursor:
        trial = begin_members(cursor, ("sharp", "shifted"), metric, pets)
    expected = additions(trial.extended(trial.enough)).set_index("run")
    (table,) = [each.value for each in app.dataframe if "adds" in each.value]
    shown = table.set_index("run")
    for column in ("alone", "without", "adds", "low", "high"):
        assert shown[column].tolist() == pytest.approx((100 * expected[column]).tolist())
    assert shown["p_adjusted"].tolist() == expected["p_adjusted"].tolist()
    told = words(app)
    assert "of all 2 runs fused" in told
    assert "change the score by more than chance" in told
    assert "seed 0" in told


def test_how_far_it_is_stands_below(open_page, pets, monkeypatch):
    st.cache_resource.clear()
    monkeypatch.setattr(growing, "PATIENCE", None)
    monkeypatch.setattr(growing.Growing, "_grow", lambda *_: None)
    app = open_page(PAGE, pets, fuse="true")
    assert not app.exception
    assert TITLE not in words(app)
    with Store.at(pets).read() as cursor:
        trial = begin_members(cursor, ("sharp", "shifted"), "box_ap", pets)
    assert agreement_members._progress(trial) == "Fusing: 0 of 12 images"
    drawn = agreement_members._progress(trial.extended(62))
    assert drawn == "Drawing the images anew: 50 of 2,000 times"


def test_the_recipe_is_of_exactly_these_runs(open_page, pets, monkeypatch, tmp_path):
    offered = []
    monkeypatch.setattr(st, "download_button", lambda *given, **_: offered.append(given))
    app = open_page(PAGE, pets)
    (content,) = [given[1] for given in offered if given[0] == "Download the recipe"]
    (tmp_path / "recipe.json").write_text(content, encoding="utf-8")
    recipe = read_recipe(tmp_path / "recipe.json")
    assert [member.run for member in recipe.members] == ["sharp", "shifted"]
    predict, fit = [each.value for each in app.main.code]
    assert predict.startswith("python -m training predict ensemble --weights recipe.json")
    assert fit.startswith("python -m training fit ensemble")
