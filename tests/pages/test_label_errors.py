"""The page Label errors: two sure systems against an annotation with known errors.

Both find the true objects of `pets`; the annotation has lost the dog of image 3, calls the cat of
image 5 a dog, and has a dog on image 8 where nothing is.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.store import rows
from core.store.connection import Store
from core.structures import Annotation, Prediction, Run
from tests.pages.made_up import add_run, objects, objects_dataset, truth_of
from tests.pages.test_pages import gallery_header, words

PAGE = "pages/11_Label_errors.py"
WRONG = {
    3: ([(2, 2, 10, 12)], [0]),
    5: ([(2, 2, 10, 12)], [1]),
    8: ([(2, 2, 10, 12), (18, 4, 8, 10)], [0, 1]),
}


def map_of(boxes, classes) -> np.ndarray:
    label_map = np.full((24, 32), 3, np.uint8)
    for (x, y, width, height), index in zip(boxes, classes, strict=True):
        label_map[y : y + height, x : x + width] = index
    return label_map


@pytest.fixture(scope="module")
def doubted(tmp_path_factory) -> Path:
    store = Store.at(tmp_path_factory.mktemp("doubted") / "store.duckdb")
    dataset = objects_dataset()
    annotations = dict(dataset.annotations)
    for key, (boxes, classes) in WRONG.items():
        image = annotations[key].image
        annotations[key] = Annotation(image, objects(boxes, classes), map_of(boxes, classes))
    dataset = replace(dataset, annotations=annotations)
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset, painted=True)
    for name, settings in (("first", {}), ("second", {}), ("both", {"members": ["first"]})):
        predictions = []
        for image in dataset.images:
            boxes, classes = truth_of(image)
            predictions.append(
                Prediction(
                    image, None, objects(boxes, classes, [0.9 - 0.01 * image.id] * len(boxes))
                )
            )
        add_run(store, Run(name, "net", "pets", "val", settings), predictions, 12)
        evaluate_run(store, name)
    return store.path


def cells(app):
    (payload,) = [each for each in app.get("bidi_component") if b'"cells"' in each.proto.bytes]
    return gallery_header(payload)["cells"]


@pytest.mark.parametrize("by", ["boxes", "masks"])
def test_images_in_doubt_come_with_the_surest_first(open_page, doubted, by):
    app = open_page(PAGE, doubted, by=by)
    assert not app.exception
    shown = cells(app)
    assert [cell["id"] for cell in shown] == ["3", "5", "8"]
    assert [cell["badges"] for cell in shown] == [
        ["missing: dog 0.87"],
        ["wrong class: dog → cat 0.85"],
        ["spurious: dog"],
    ]
    assert "**3 images**: 1 missing · 1 wrong class · 1 spurious" in words(app)
    drawn = [cell["layers"][1] for cell in shown]
    assert [layer.get("missed", []) for layer in drawn] == [[], [], [1]]
    assert "2 of 2 runs must agree: first, second" in words(app)
    assert "Fused from other runs, so they would speak twice: both" in words(app)


def test_pixels_tell_the_same_of_classes(open_page, doubted):
    shown = cells(open_page(PAGE, doubted, by="pixels"))
    assert {cell["id"]: cell["badges"][0].rsplit(" ", 1)[0] for cell in shown} == {
        "3": "missing: dog",
        "5": "wrong class: dog → cat",
        "8": "spurious:",
    }


def test_kinds_and_the_class_of_the_sidebar_narrow_the_list(open_page, doubted):
    chosen = open_page(PAGE, doubted, doubts=["missing", "spurious"])
    assert [cell["id"] for cell in cells(chosen)] == ["3", "8"]
    of_cats = open_page(PAGE, doubted, **{"class": "cat"})
    assert [cell["id"] for cell in cells(of_cats)] == ["5"]
    sure = open_page(PAGE, doubted, score="0.9", doubts="missing")
    assert "No annotation is contradicted by 2 runs so" in sure.success[0].value


def test_images_of_the_sidebar_alone_are_doubted(open_page, doubted):
    # image 8 has two objects, of which one is spurious; 3 has lost one and has one left
    two = open_page(PAGE, doubted, object_count=["2", "2"])
    assert [cell["id"] for cell in cells(two)] == ["8"]
    assert "**1 image**: 1 spurious" in words(two)
    table = open_page(PAGE, doubted, object_count=["1", "1"], view="Table").dataframe[0].value
    assert table["kind"].tolist() == ["missing", "wrong class"]
    none = open_page(PAGE, doubted, object_count=["0", "0"])
    assert any("under Images in the sidebar" in each.value for each in none.info)


def test_the_table_leads_to_the_images(open_page, doubted):
    table = open_page(PAGE, doubted, view="Table").dataframe[0].value
    assert table["kind"].tolist() == ["missing", "wrong class", "spurious"]
    assert table["agree"].tolist() == ["2 of 2"] * 3
    assert table["image"][0].startswith("Masks?dataset=pets&split=val&runs=first&runs=second")
    assert table["image"][0].endswith("&image=3#image3.jpg")


def test_one_witness_is_none(open_page, doubted):
    app = open_page(PAGE, doubted, runs=["first", "both"])
    assert not app.exception
    assert "Only first can be judged by boxes here" in words(app)


def test_all_told_the_truth_is_said(open_page, tmp_path, doubted):
    store = Store.at(tmp_path / "store.duckdb")
    store.path.write_bytes(doubted.read_bytes())
    with store.write() as cursor:
        cursor.execute("UPDATE run SET settings = ?", [json.dumps({"oracle": "boxes"})])
    app = open_page(PAGE, store.path)
    assert not app.exception
    assert "The chosen runs cannot be asked" in words(app)
