"""What can be done with the images that were ticked in a gallery."""

from __future__ import annotations

import io
import json
import shutil
import zipfile

import pytest

from core.__main__ import main
from core.notes import TAG, Entry, Notes, Place
from pages.ui import ticked, ticked_gallery
from pages.ui.object_link import ObjectLink, from_text
from pages.ui.ticked import Ticked
from tests.pages.components import component
from tests.pages.test_pages import words

PAGE = "pages/7_Failures.py"
PLACE = {"dataset": "pets", "split": "val", "score": "0.85", "runs": "shifted"}
SCOPES = {noun: f"{noun}\npets\nval" for noun in ("image", "object")}


@pytest.fixture
def own(pets, tmp_path):
    """The store of pets in a folder of the test's own: notes lie beside it."""
    return shutil.copy(pets, tmp_path / "evaluation.duckdb")


def with_ticks(app, *ids: str, noun: str = "image"):
    scope = SCOPES[noun]
    app.session_state["overlook_ticked"] = {scope: Ticked(scope, tuple(ids), "turn")}
    return app.run()


def button(app, label):
    return next(each for each in app.button if each.label == label)


def labels(app) -> list[str]:
    return [each.label for each in app.button]


def test_nothing_ticked_says_what_ticks_are_for(open_page, own):
    app = open_page(PAGE, own, **PLACE)
    assert not app.exception
    assert "Nothing is selected: tick images" in words(app)
    header = component(app, "overlook_gallery").header
    assert header["selectable"]
    assert header["chosen"]["scope"] == SCOPES["image"]


def test_ticked_images_are_tagged_untagged_and_it_is_undone(open_page, own):
    notes = Notes.beside(own)
    first, *tagged = (Entry(TAG, Place("pets", "val", i), "dim **b**") for i in (5, 3, 6))
    notes.add([first])
    app = with_ticks(open_page(PAGE, own, **PLACE), "3", "6", "99")
    assert "**2 images selected**" in words(app)
    app.selectbox(key="tag of ticked").set_value("dim **b**").run()
    button(app, "Tag 2 images").click().run()
    assert not app.exception
    assert notes.entries(TAG, "pets", "val") == [first, *tagged]
    assert "dim **b**" in app.multiselect(key="tags").options
    button(app, "dim \\*\\*b\\*\\* \\(2\\)").click().run()
    assert notes.entries(TAG, "pets", "val") == [first]
    button(app, "Undo the last change").click().run()
    assert notes.entries(TAG, "pets", "val") == [first, *tagged]
    assert not app.exception


def test_only_tags_of_the_ticked_can_be_taken_away(open_page, own):
    Notes.beside(own).add([Entry(TAG, Place("pets", "val", i), "mine") for i in (3, 4)])
    Notes.beside(own).add([Entry(TAG, Place("pets", "test", 6), "elsewhere")])
    app = with_ticks(open_page(PAGE, own, **PLACE), "3", "6")
    assert "mine \\(1\\)" in labels(app)
    assert "elsewhere \\(1\\)" not in labels(app)
    button(app, "mine \\(1\\)").click().run()
    (left,) = Notes.beside(own).entries(TAG, "pets", "val")
    assert left.place.image == 4


def test_objects_are_counted_with_their_images(open_page, own):
    app = with_ticks(open_page(PAGE, own, **PLACE, view="Objects"), "3 1 1 missed", noun="object")
    assert not app.exception
    assert "**1 object selected** on 1 image" in words(app)


def test_the_zip_is_that_of_the_command(open_page, own, tmp_path):
    app = with_ticks(open_page(PAGE, own, **PLACE), "3", "6")
    assert [each.proto.label for each in app.get("download_button")][-1] == "Download 2 images"
    out = tmp_path / "command.zip"
    what = ["export", "--format", "coco-bundle", "--dataset", "pets", "--split", "val"]
    assert main([*what, "--ids", "3,6", "--out", str(out), "--store", str(own)]) == 0
    split = ticked_gallery.store.datasets().query("dataset == 'pets' and split == 'val'").iloc[0]
    keys = [image.key for image in _images(split)]
    offered = zipfile.ZipFile(io.BytesIO(ticked_gallery.bundle_of(split, keys, None)))
    written = zipfile.ZipFile(out)
    assert sorted(offered.namelist()) == sorted(written.namelist())
    for name in offered.namelist():
        assert offered.read(name) == written.read(name)
    images = json.loads(written.read("annotations.json"))["images"]
    assert [image["id"] for image in images] == [3, 6]


def _images(split):
    listed = ticked_gallery.of_split(split)
    listed.marks.report(["3", "6", "99"])
    table = listed.table()
    assert table["image_id"].tolist() == [3, 6]
    assert table["own_tags"].tolist() == ["", ""]
    return listed.images()


def test_marks_belong_to_one_list():
    first = ticked.Ticked("a")
    header = first.header()
    first.report([3, "4"])
    assert first.ids == ("3", "4")
    assert first.header() == header  # the browser knows what it told
    assert ticked.Ticked("a").turn != first.turn


@pytest.mark.parametrize("link", [ObjectLink("a b", 3), ObjectLink("7 <b>&", 0)])
def test_an_object_is_named_in_an_address(link):
    assert from_text(link.as_text()) == link


@pytest.mark.parametrize("text", ["", "3", "x y", "-1 net", "3 "])
def test_what_names_no_object_is_none(text):
    assert from_text(text) is None


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("0 shifted", "**Selected: shifted, object 0**"),
        ("0 annotation", "**Selected: annotation, object 0**"),
        ("9 shifted", "The object of the link is not here"),
        ("0 nobody", "The object of the link is not here"),
        ("nonsense", "The object of the link is not here"),
    ],
)
def test_masks_opens_with_the_object_of_the_link(open_page, own, named, told):
    app = open_page("pages/6_Masks.py", own, dataset="pets", split="val", image="3", object=named)
    assert not app.exception
    assert told in words(app)
    chosen = component(app, "overlook_viewer").header["chosen"]
    position, layer = named.partition(" ")[::2]
    expected = {"layer": layer, "object": int(position)} if "Selected" in told else None
    assert chosen == expected


def test_crops_lead_to_their_objects(open_page, own):
    header = component(open_page(PAGE, own, **PLACE, view="Objects"), "overlook_gallery").header
    for cell in header["cells"]:
        image, _, position, kind = cell["id"].split(" ", 3)
        layer = "annotation" if kind == "missed" else "shifted"
        assert f"image={image}&" in cell["href"]
        assert cell["href"].endswith(f"object={position}+{layer}")
