"""Learnt and held out side by side, on Compare systems."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from core.notes import TAG, Entry, Notes, Place
from core.scoring import score_runs
from core.store.connection import Store
from pages.ui import growing
from pages.ui.split_gap import widest_first
from tests.pages.made_up import pets_store
from tests.pages.test_pages import words
from tests.split_scene import add_training, splits_store

PAGE = "pages/2_Compare_systems.py"
TITLE = "What was learnt, what was held out"


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    store = splits_store(tmp_path_factory.mktemp("splits") / "store.duckdb")
    add_training(store, "train", "val")
    return store.path


@pytest.fixture(autouse=True)
def nothing_drawn(monkeypatch):
    """Draw nothing: threads would go on beside the next test."""
    monkeypatch.setattr(growing, "PATIENCE", None)
    monkeypatch.setattr(growing, "ABANDONED", 1000.0)
    monkeypatch.setattr(growing.Growing, "_grow", lambda *_: None)


def headers(app) -> list[str]:
    return [each.value for each in app.header]


def test_scores_of_all_splits_stand_side_by_side(open_page, splits, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(growing, "PATIENCE", None)
    place = {"dataset": "pets", "split": "test"}
    assert len(open_page(PAGE, splits, **place).dataframe) == 2  # classes are drawn, not listed
    app = open_page(PAGE, splits, **place, gap_classes="true")
    assert not app.exception
    assert TITLE in headers(app)
    told = words(app)
    assert "train (learnt from): net train, 12 images · val (epoch chosen by)" in told
    assert "is told by its training" in told
    assert "**1 class overfits**, the strong lines: cat (+33.3, +33.3 to +33.3)." in told
    assert "of each split by itself, as no image of one has a partner on another" in told
    table = app.dataframe[1].value.set_index(("Score", "Score"))
    assert list(table.columns) == [
        *(("Per cent on", split) for split in ("train", "val", "test")),
        *(
            (f"Gap {split} − test", column)
            for split in ("train", "val")
            for column in ("points", "from", "to", "p")
        ),
    ]
    row = table.loc["Box AP"]
    assert row["Per cent on", "train"] == pytest.approx(100)
    gap = row["Gap train − test"]
    assert gap["points"] == pytest.approx(100 - row["Per cent on", "test"])
    assert gap["from"] <= gap["points"] <= gap["to"]
    assert 0 < gap["p"] < 0.05
    assert "Seconds per image" not in table.index
    classes = app.dataframe[2].value.set_index(("Class", "Class"))
    assert classes.loc["cat", ("Gap train − test", "points")] == pytest.approx(100 / 3)
    # two classes have a score on both: Holm doubles the smaller p
    assert classes.loc["cat", ("Gap train − test", "p")] >= 2 / 2001
    assert classes.loc["dog", ("Images on", "val")] == 4


def test_its_link_chooses_system_and_score(open_page, splits):
    filters = {"dataset": "pets", "split": "val", "gap_run": "net val", "gap_score": "Box AP"}
    app = open_page(PAGE, splits, **filters)
    assert app.selectbox(key="gap_run").value == "net val"
    assert app.selectbox(key="gap_score").value == "Box AP"
    assert not app.exception


@pytest.mark.parametrize("filters", [{"size": "large"}, {"classes": ["dog"]}, {"class": "dog"}])
def test_it_follows_the_filters_of_the_page(open_page, splits, filters):
    app = open_page(PAGE, splits, dataset="pets", split="test", **filters)
    assert not app.exception
    assert TITLE in headers(app)
    assert "cat (+" not in words(app)


def test_nobody_is_named_before_all_is_drawn(open_page, splits):
    told = words(open_page(PAGE, splits, dataset="pets", split="val"))
    assert "of 2,000 times" in told or "0 resamples" in told
    assert "overfits**" not in told
    assert "The rule: at least 10 points" in told


def test_it_follows_the_images_of_the_sidebar_on_every_split(open_page, splits):
    # the first image and every third have two objects
    place = {"dataset": "pets", "split": "test", "object_count": ["2", "2"]}
    app = open_page(PAGE, splits, **place)
    assert not [box for box in app.selectbox if box.key == "gap_run"]
    assert "net train, " not in words(app)
    app = open_page(PAGE, splits, **place, gap_chosen="true")
    assert not app.exception
    told = words(app)
    assert "net train, 5 images" in told
    assert "net test, 5 images" in told
    assert "each run on its images: Objects 2 to 2." in told
    table = app.dataframe[1].value.set_index(("Score", "Score"))
    with Store.at(splits).read() as cursor:
        for split in ("train", "val", "test"):
            keys = [
                key
                for (key,) in cursor.execute(
                    "SELECT image_id FROM image WHERE split = ? AND source_id IN (1, 3, 6, 9, 12)",
                    [split],
                ).fetchall()
            ]
            (alone,) = score_runs(cursor, [f"net {split}"], images=keys)
            assert table.loc["Box AP", ("Per cent on", split)] == 100 * alone.scores["box_ap"]


def test_own_tags_are_those_of_each_split(open_page, splits, tmp_path):
    own = shutil.copy(splits, tmp_path / "evaluation.duckdb")
    places = [("train", 3), ("train", 4), ("test", 6), ("test", 7), ("test", 8)]
    Notes.beside(own).add([Entry(TAG, Place("pets", at, i), "mine") for at, i in places])
    place = {"dataset": "pets", "split": "test", "tags": ["mine"], "gap_chosen": "true"}
    told = words(open_page(PAGE, own, **place))
    assert "net train, 2 images" in told
    assert "net test, 3 images" in told
    assert "net val" not in told.split("each run on its images")[0].split("train (learnt")[1]


def test_a_system_on_one_split_alone_is_told_what_to_do(open_page, tmp_path):
    store = splits_store(tmp_path / "store.duckdb", {"train": 0, "test": 1})
    with store.write() as cursor:
        cursor.execute("UPDATE run SET weights_sha256 = 'other' WHERE split = 'train'")
    app = open_page(PAGE, store.path, dataset="pets", split="test")
    assert "python -m training predict SYSTEM --dataset pets --split train" in words(app)
    assert "overfit" not in words(app)


def test_a_data_set_of_one_split_has_no_such_view(open_page, tmp_path):
    app = open_page(PAGE, pets_store(tmp_path / "store.duckdb").path)
    assert TITLE not in headers(app)


def test_classes_come_in_order_of_the_gap_of_one_split():
    gaps = pd.DataFrame(
        {
            "class": [0, 1, 2, 0, 1, 2],
            "split": ["a", "a", "a", "b", "b", "b"],
            "gap": [0.1, 0.3, float("nan"), 9, 0.2, 0.4],
        }
    )
    assert list(widest_first(gaps, "a")["class"]) == [1, 1, 0, 0, 2, 2]
