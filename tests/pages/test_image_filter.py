"""Ranges of image properties narrow every page alike, and travel in links."""

from __future__ import annotations

import shutil
from urllib.parse import parse_qs, urlsplit

import pytest

from core.notes import TAG, Entry, Notes, Place
from core.scoring import score_runs
from core.store.connection import Store
from core.store.image_properties import put_properties
from tests.pages.made_up import pets_store

PETS = {"dataset": "pets", "split": "val"}
BRIGHT = {f"image {i}": 20.0 * i for i in range(1, 12)}  # the twelfth was never measured


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    store = pets_store(tmp_path_factory.mktemp("measured") / "store.duckdb")
    with store.write() as cursor:
        rows = cursor.execute(
            "SELECT i.image_id, i.name FROM image i JOIN dataset USING (dataset_id) "
            "WHERE dataset.name = 'pets'"
        ).fetchall()
        figures = {name: (brightness, 9.0) for name, brightness in BRIGHT.items()}
        put_properties(cursor, {key: figures.get(name) for key, name in rows})
    return store.path


def keys_of(path, names) -> list[int]:
    with Store.at(path).read() as cursor:
        rows = cursor.execute(
            "SELECT image_id FROM image JOIN dataset USING (dataset_id) "
            "WHERE dataset.name = 'pets' AND image.name IN (SELECT unnest(?))",
            [list(names)],
        ).fetchall()
    return [key for (key,) in rows]


def told(app) -> str:
    return " ".join(each.value for each in app.sidebar.caption)


@pytest.mark.parametrize(
    "page",
    ["pages/2_Compare_systems.py", "pages/3_Class_IoU.py", "pages/4_Detection.py",
     "pages/5_Confusion.py", "pages/7_Failures.py", "pages/6_Masks.py"],
)  # fmt: skip
def test_every_page_says_how_many_images_and_objects_are_left(open_page, measured, page):
    app = open_page(page, measured, **PETS, brightness=["40", "80"])
    assert not app.exception
    assert "3 of 12 images" in told(app)
    assert "4 objects" in told(app)  # a cat on each, a dog on the third
    assert "Brightness 40 to 80" in told(app)


def test_scores_are_those_of_the_images_alone(open_page, measured):
    app = open_page("pages/2_Compare_systems.py", measured, **PETS, brightness=["40", "80"])
    keys = keys_of(measured, ["image 2", "image 3", "image 4"])
    assert any("the same 3 images" in each.value for each in app.markdown)
    table = app.dataframe[0].value.droplevel(0, axis=1)
    shown, runs = table["Mean IoU"].tolist(), table["Run"].tolist()
    with Store.at(measured).read() as cursor:
        alone = score_runs(cursor, runs, images=keys)
        whole = score_runs(cursor, runs)
    assert shown == pytest.approx([100 * one.scores["miou"] for one in alone])
    assert shown != pytest.approx([100 * one.scores["miou"] for one in whole])


def test_ranges_are_met_together(open_page, measured):
    app = open_page(
        "pages/4_Detection.py", measured, **PETS, brightness=["40", "80"], object_count=["2", "2"]
    )
    assert "1 of 12 images" in told(app)
    assert "2 objects" in told(app)


def test_no_image_in_the_ranges_ends_the_page_with_words(open_page, measured):
    for page in ("pages/2_Compare_systems.py", "pages/7_Failures.py", "pages/6_Masks.py"):
        app = open_page(page, measured, **PETS, brightness=["1", "2"])
        assert not app.exception
        assert any("Widen those under Images" in each.value for each in app.info)


def test_images_nobody_measured_are_told_with_the_command(open_page, measured):
    app = open_page("pages/2_Compare_systems.py", measured, **PETS)
    assert "Not known of 1 image" in told(app)
    assert any("core properties pets --split val" in each.value for each in app.sidebar.code)


def test_all_images_count_again_at_a_click(open_page, measured):
    app = open_page("pages/2_Compare_systems.py", measured, **PETS, brightness=["40", "80"])
    (button,) = [each for each in app.sidebar.button if each.label == "All images"]
    button.click().run()
    assert not app.exception
    assert "count" not in told(app)
    assert any("the same 12 images" in each.value for each in app.markdown)


def tagged(path, tag: str, *ids: int, split: str = "val") -> None:
    Notes.beside(path).add([Entry(TAG, Place("pets", split, i), tag) for i in ids])


@pytest.fixture
def own(measured, tmp_path):
    """The same store in a folder of the test's own, two images tagged here."""
    path = shutil.copy(measured, tmp_path / "evaluation.duckdb")
    tagged(path, "mine <b>", 2, 4, 99)
    return path


@pytest.mark.parametrize(
    "page",
    [
        "2_Compare_systems",
        "3_Class_IoU",
        "4_Detection",
        "5_Confusion",
        "7_Failures",
        "10_Agreement",
    ],
)
def test_own_tags_choose_images_as_those_of_the_data_set_do(open_page, own, page):
    app = open_page(f"pages/{page}.py", own, **PETS, tags=["mine <b>"])
    assert not app.exception
    assert "2 of 12 images" in told(app)
    either = open_page(f"pages/{page}.py", own, **PETS, tags=["mine <b>", "odd"])
    assert "8 of 12 images" in told(either)  # 1, 3, 5, 7, 9 and 11 are odd
    box = either.multiselect(key="tags")
    assert set(box.options) == {"mine <b>", "odd"}
    assert "Own: mine " in box.help
    assert "<b>" not in box.help.replace("\\<b\\>", "")


def test_tags_and_ranges_are_met_together_and_scored_so(open_page, own):
    app = open_page(
        "pages/2_Compare_systems.py", own, **PETS, tags=["mine <b>"], brightness=["50", "90"]
    )
    table = app.dataframe[0].value.droplevel(0, axis=1)
    with Store.at(own).read() as cursor:
        alone = score_runs(cursor, table["Run"].tolist(), images=keys_of(own, ["image 4"]))
    assert table["Mean IoU"].tolist() == pytest.approx([100 * one.scores["miou"] for one in alone])


def test_a_new_tag_is_there_at_once_and_a_removed_one_is_forgotten(open_page, own):
    app = open_page("pages/7_Failures.py", own, **PETS, tags=["mine <b>"])
    tagged(own, "mine <b>", 6)
    assert "3 of 12 images" in told(app.run())
    notes = Notes.beside(own)
    notes.remove(notes.entries(TAG, "pets", "val"))
    assert "count, with" not in told(app.run())
    assert not app.exception


def test_notes_that_cannot_be_read_end_no_page(open_page, own):
    Notes.beside(own).path.write_bytes(b"no database" * 100)
    app = open_page("pages/2_Compare_systems.py", own, **PETS)
    assert not app.exception
    assert any("cannot be read" in each.value for each in app.sidebar.warning)


def test_links_keep_the_ranges(open_page, measured):
    app = open_page("pages/4_Detection.py", measured, **PETS, brightness=["40", "80"])
    (errors,) = [each.value for each in app.dataframe if "failures" in each.value.columns]
    for address in errors["failures"]:
        asked = parse_qs(urlsplit(address).query)
        assert [float(value) for value in asked["brightness"]] == [40.0, 80.0]
