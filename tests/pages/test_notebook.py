"""Tags, notes and saved views on the pages; hostile text is shown as text."""

from __future__ import annotations

import shutil

import pytest

from core.notes import NOTE, TAG, VIEW, Entry, Notes, Place

PLACE = {"dataset": "pets", "split": "val"}
HOSTILE = "**x** <img src=x onerror=alert(1)> [a](javascript:1)"


@pytest.fixture
def own(pets, tmp_path):
    """The store of pets in a folder of the test's own: notes lie beside it."""
    return shutil.copy(pets, tmp_path / "evaluation.duckdb")


def field(app, label):
    (found,) = [each for each in app.text_input if each.label == label]
    return found


def button(app, label):
    return next(each for each in app.button if each.label == label)


def test_an_image_is_tagged_noted_and_the_last_change_undone(open_page, own):
    app = open_page("pages/6_Masks.py", own, **PLACE, image="3")
    field(app, "New tag").set_value(" blurred ").run()
    field(app, "New note").set_value(HOSTILE).run()
    assert not app.exception
    notes, place = Notes.beside(own), Place("pets", "val", 3)
    assert notes.entries(TAG, "pets", "val") == [Entry(TAG, place, "blurred")]
    assert notes.entries(NOTE, "pets", "val") == [Entry(NOTE, place, HOSTILE)]
    (shown,) = [each.value for each in app.markdown if each.value.startswith("**note**")]
    assert "<" not in shown.replace("\\<", "")
    assert "[a](" not in shown
    button(app, "Undo the last change").click().run()
    assert notes.entries(NOTE, "pets", "val") == []
    button(app, "Remove").click().run()
    assert notes.entries(TAG, "pets", "val") == []
    button(app, "Undo the last change").click().run()
    assert notes.entries(TAG, "pets", "val") == [Entry(TAG, place, "blurred")]
    assert not app.exception


def test_notes_of_another_image_are_not_shown(open_page, own):
    Notes.beside(own).add([Entry(NOTE, Place("pets", "val", 4), "of four")])
    app = open_page("pages/6_Masks.py", own, **PLACE, image="3")
    assert not any("of four" in each.value for each in app.markdown)
    app = open_page("pages/6_Masks.py", own, **PLACE, image="4")
    assert any("of four" in each.value for each in app.markdown)


def test_a_saved_view_keeps_what_was_chosen_and_stands_on_home(open_page, own):
    app = open_page("pages/7_Failures.py", own, **PLACE, by="masks")
    field(app, "Name").set_value(HOSTILE).run()
    assert not app.exception
    (view,) = Notes.beside(own).entries(VIEW)
    assert "by=masks" in view.link
    assert "dataset=pets&split=val" in view.link
    assert view.text == HOSTILE
    home = open_page("Home.py", own)
    assert not home.exception
    assert "Saved views" in [each.value for each in home.header]


def test_home_without_views_says_nothing_of_them(open_page, own):
    home = open_page("Home.py", own)
    assert "Saved views" not in [each.value for each in home.header]
