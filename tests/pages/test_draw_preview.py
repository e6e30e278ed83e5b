"""Previews of what a training sees, on Explore data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.jobs import JobRecord
from core.previews import (
    GAP,
    Preview,
    grid_path,
    preview_job,
    previews_folder,
    read_previews,
    write_preview,
)
from pages.ui import background
from pages.ui.palette import class_colours
from pages.ui.preview_picture import BACKGROUND, picture
from tests.pages.made_up import CLASSES, pets_store
from tests.pages.test_pages import words

PAGE = "pages/1_Explore_data.py"
SIDE = 80
PREVIEW = Preview(
    system="unet-torch",
    dataset="pets",
    split="val",
    settings={
        "flip": False,
        "zoom": 1.25,
        "shift": 0.1,
        "brightness": 0.0,
        "contrast": 0.5,
        "shuffle_colours": True,
    },
    seed=3,
    images=("<b>a</b>", "b"),
    draws=1,
    side=SIDE,
    classes=(*CLASSES, "background"),
    background=3,
    trained=False,
)


@pytest.fixture
def store(tmp_path):
    return pets_store(tmp_path / "store.duckdb").path


@pytest.fixture
def kept(store):
    """The store with a preview: two images of one colour, one draw of each."""
    size = 2 * SIDE + GAP
    photos = np.full((size, size, 4), 200, np.uint8)
    labels = np.full((size, size), 65535, np.uint16)
    labels[:SIDE, :SIDE], labels[:SIDE, -SIDE:] = 0, 3
    labels[-SIDE:, :SIDE] = 1
    write_preview(previews_folder(store), PREVIEW, photos, labels)
    return store


@pytest.fixture
def asked(monkeypatch):
    calls = []
    monkeypatch.setattr(background, "start", lambda *arguments: calls.append(arguments))
    return calls


def test_a_preview_is_shown_with_its_settings(open_page, kept):
    app = open_page(PAGE, kept)
    assert not app.exception
    told = words(app)
    assert r"flip False, zoom 1.25, shift 0.1" in told
    assert r"\<b\>a\</b\>, b" in told
    assert app.get("image")
    assert app.selectbox(key="preview").value.startswith("unet-torch · drawn 20")


def test_photographs_stand_above_their_classes_in_colour(kept):
    folder = previews_folder(kept)
    (preview,) = read_previews(folder, "pets", "val")
    paths = [str(grid_path(folder, preview, kind)) for kind in ("photos", "labels")]
    drawn = picture(preview, *paths, preview.drawn)
    step = SIDE + GAP
    # small cells are twice as large on the screen
    photo, classes, other_photo, other = (
        drawn[2 * top : 2 * (top + SIDE)] for top in (0, step, 2 * step + GAP, 3 * step + GAP)
    )
    assert (photo == 200).all()
    assert (other_photo == 200).all()
    first, second = (tuple(bytes.fromhex(each[1:])) for each in class_colours(2))
    assert (classes[:, : 2 * SIDE] == (*first, 255)).all()
    assert (classes[:, -2 * SIDE :] == BACKGROUND).all()
    assert (other[:, : 2 * SIDE] == (*second, 255)).all()
    assert (other[:, -2 * SIDE :] == 0).all()


def test_a_preview_whose_files_are_gone_is_told(open_page, kept):
    folder = previews_folder(kept)
    (preview,) = read_previews(folder, "pets", "val")
    grid_path(folder, preview, "labels").unlink()
    app = open_page(PAGE, kept)
    assert not app.exception
    assert "The files of this preview are gone" in words(app)


def test_the_form_starts_the_command_with_what_was_given(open_page, store, asked):
    app = open_page(PAGE, store)
    by_label = {each.label: each for each in [*app.number_input, *app.selectbox]}
    by_label["Zoom, up to ×"].set_value(1.5)
    by_label["Mirror"].set_value("yes")
    by_label["Images"].set_value(2)
    (button,) = [each for each in app.button if each.label == "Draw"]
    button.click().run()
    assert not app.exception
    ((folder, arguments),) = asked
    assert folder == preview_job(store)
    assert arguments == [
        *("-m", "training", "preview", "mask-rcnn", "--store", str(store)),
        *("--dataset=pets", "--split=val", "--images=2", "--draws=4", "--seed=0"),
        *("--set", "zoom=1.5", "--set", "flip=yes"),
    ]


def test_what_was_asked_for_is_shown_when_it_is_there(open_page, kept, monkeypatch):
    pixels = np.zeros((2 * SIDE + GAP, 2 * SIDE + GAP, 4), np.uint8)

    def draws(*_: object) -> None:
        other = replace(PREVIEW, system="unet-tf", seed=4)
        write_preview(previews_folder(kept), other, pixels, pixels[..., 0])

    monkeypatch.setattr(background, "start", draws)
    app = open_page(PAGE, kept)
    first = app.selectbox(key="preview").value
    (button,) = [each for each in app.button if each.label == "Draw"]
    button.click().run()
    assert app.selectbox(key="preview").value.startswith("unet-tf · drawn")
    # it stays the visitor's choice from then on
    app.selectbox(key="preview").set_value(first).run()
    assert app.selectbox(key="preview").value == first


def test_why_nothing_was_drawn_is_told(open_page, store, monkeypatch):
    folder = preview_job(store)
    folder.mkdir(parents=True)
    JobRecord(folder, {"drawing": 4}).end("failed", "Image 3 cannot be learnt from.")
    assert "cannot be learnt" not in words(open_page(PAGE, store))
    monkeypatch.setattr(background, "status", lambda _: 2)
    assert "Image 3 cannot be learnt from." in words(open_page(PAGE, store))
