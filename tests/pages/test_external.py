"""Scores that others told, on Compare systems: written down, removed, undone, never mixed."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from core.external_scores import ExternalScore, add_external, external_scores
from core.notes import Notes
from tests.pages.test_notebook import HOSTILE, button, field
from tests.split_scene import splits_store

PAGE = "pages/2_Compare_systems.py"
SCORE = ExternalScore("sharp", "val", "Dice", 0.7123, "the challenge", "2026-11-20")
TITLE = "External scores, as told by others"


@pytest.fixture
def own(pets, tmp_path):
    """The store of pets in a folder of the test's own: notes lie beside it."""
    return shutil.copy(pets, tmp_path / "evaluation.duckdb")


def told(app):
    """The table of external scores, or None."""
    tables = [each for each in app.dataframe if each.proto.alt == TITLE]
    return tables[0].value if tables else None


def send(app, **values):
    fields = [*app.selectbox, *app.text_input, *app.number_input, *app.date_input]
    at = {each.key: each for each in fields}
    for name, value in values.items():
        at[f"external {name}"].set_value(value)
    return button(app, "Write it down").click().run()


def test_a_score_is_written_down_and_removed_and_both_undone(open_page, own):
    app = open_page(PAGE, own, dataset="pets", split="val")
    assert told(app) is None
    measured = [each.value.to_json() for each in app.dataframe]
    send(app, run="shifted", metric=" Dice ", value=71.23, told_by=HOSTILE)
    assert not app.exception
    notes = Notes.beside(own)
    (kept,) = external_scores(notes, ["shifted"])
    assert kept == ExternalScore("shifted", "val", "Dice", 0.7123, HOSTILE, kept.told_on)
    assert list(told(app)["value"]) == [pytest.approx(71.23)]
    assert list(told(app)["told_by"]) == [HOSTILE]
    others = [each.value.to_json() for each in app.dataframe if each.proto.alt != TITLE]
    assert others == measured
    button(app, "Undo the last change").click().run()
    assert external_scores(notes, ["shifted"]) == []
    send(app, run="sharp", metric="Dice", value=50.0, told_by="the challenge")
    (remove,) = [each for each in app.button if (each.key or "").startswith("remove external")]
    remove.click().run()
    assert told(app) is None
    button(app, "Undo the last change").click().run()
    assert list(told(app)["run"]) == ["sharp"]


def test_names_are_text_on_the_button_that_removes_them(open_page, own):
    add_external(Notes.beside(own), [replace(SCORE, told_by=HOSTILE)])
    app = open_page(PAGE, own, dataset="pets", split="val")
    (remove,) = [each for each in app.button if (each.key or "").startswith("remove external")]
    assert "[a](" not in remove.label
    assert "<img" not in remove.label.replace("\\<", "")


@pytest.mark.parametrize("given", [{"value": 50.0}, {"metric": "m", "told_by": "f"}])
def test_half_a_score_is_refused_in_words(open_page, own, given):
    app = send(open_page(PAGE, own, dataset="pets", split="val"), **given)
    assert not app.exception
    assert told(app) is None
    assert not Notes.beside(own).path.exists()
    assert len(app.toast) == 1


def test_scores_of_the_system_on_other_splits_stand_there_too(open_page, tmp_path):
    store = splits_store(tmp_path / "store.duckdb", {"train": 0, "test": 1})
    scores = [
        replace(SCORE, run="net test", split="test"),
        replace(SCORE, run="net train", split="train", value=0.9),
        replace(SCORE, run="a stranger"),
    ]
    add_external(Notes.beside(store.path), scores)
    app = open_page(PAGE, store.path, dataset="pets", split="train")
    assert dict(zip(told(app)["run"], told(app)["split"], strict=True)) == {
        "net test": "test",
        "net train": "train",
    }
    assert app.selectbox(key="external run").options == ["net train", "net test"]


def test_notes_that_cannot_be_read_are_told(open_page, own):
    Notes.beside(own).path.write_text("no database, but longer than sixteen bytes" * 99)
    app = open_page(PAGE, own, dataset="pets", split="val")
    assert not app.exception
    assert any("cannot be read or written" in each.value for each in app.warning)
    assert not [each for each in app.text_input if each.key == "external metric"]


def test_a_field_takes_no_more_than_is_kept(open_page, own):
    app = open_page(PAGE, own, dataset="pets", split="val")
    assert field(app, "As told by").max_chars == 200
