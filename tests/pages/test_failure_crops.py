"""Failing objects one by one on the page Failures.

In the store `pets` both runs find everything, "shifted" two columns off, the second objects with a
score of .8; in `wrong` every cat is taken for a dog and nothing else is found.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pandas as pd
import pytest

from core.evaluate import evaluate_run
from core.geometry import rle
from core.store import rows
from core.store.connection import Store
from core.structures import Run
from pages.ui.failure_choice import FailureChoice, from_text
from pages.ui.failure_crops import ORDERS, ordered
from tests.pages import made_up
from tests.pages.components import component
from tests.pages.made_up import add_run, objects_dataset
from tests.pages.test_failures import PAGE, SURE, cells, words


def shown(app) -> list[tuple[str, list[str]]]:
    return [(cell["caption"], cell["badges"]) for cell in cells(app)]


def test_each_object_is_a_cell_with_its_class_score_kind_and_overlap(open_page, wrong):
    app = open_page(PAGE, wrong, view="Objects", kinds=["classification"])
    assert shown(app)[0] == ("image 1", ["dog 0.90", "classification", "IoU 100 % with cat"])
    assert len(cells(app)) == 24
    assert "**30 images of 30** with 30 errors" in words(app)
    assert "25 % of its width and height" in words(app)
    address = urlsplit(cells(app)[2]["href"])
    asked = parse_qs(address.query)
    assert (address.path, asked["image"]) == ("Masks", ["3"])
    assert from_text(asked["list"][0]) == FailureChoice(kinds=("classification",))


def test_missed_objects_follow_the_largest_first(open_page, wrong):
    app = open_page(PAGE, wrong, view="Objects", per="96")
    badges = [badges for _, badges in shown(app)]
    # thirty dogs that are cats, the cats, ten dogs and the one of the hostile class
    assert [each[0] for each in badges] == ["dog 0.90"] * 30 + ["cat"] * 30 + ["dog"] * 10 + [
        "<b>7</b>"
    ]
    assert badges[30] == ["cat", "missed"]


def test_runs_are_named_where_there_are_several(open_page, pets):
    app = open_page(PAGE, pets, view="Objects", **SURE)
    assert [badges[-1] for _, badges in shown(app)][:2] == ["sharp", "shifted"]
    assert [each for each, _ in shown(app)][:4] == ["image 3", "image 3", "image 6", "image 6"]


def test_objects_go_by_page_and_order(open_page, wrong):
    second = open_page(PAGE, wrong, view="Objects", kinds=["classification"], p="2")
    assert [name for name, _ in shown(second)] == [f"image {i}" for i in range(25, 31)]
    smallest = open_page(PAGE, wrong, view="Objects", sorted=ORDERS[2])
    assert shown(smallest)[0] == ("image 1", ["<b>7</b>", "missed"])
    together = open_page(PAGE, wrong, view="Objects", sorted=ORDERS[3])
    assert [name for name, _ in shown(together)][:6] == ["image 1"] * 3 + ["image 3"] * 3
    assert "images by most errors first" in words(together)


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """Three images of 200 x 100; the run finds all two columns off; the third has a photograph."""
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made_up, "WIDTH", 200)
        patch.setattr(made_up, "HEIGHT", 100)
        dataset = replace(objects_dataset(3), images_folder=folder)
        predictions = [made_up.shifted(image, 2, 0.1) for image in dataset.images]
    cv2.imwrite(str(folder / "image3.jpg"), np.full((100, 200, 3), 90, np.uint8))
    store = Store.at(folder / "store.duckdb")
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset, painted=True)
    add_run(store, Run("shifted", "boxes", "pets", "val"), predictions, 3)
    evaluate_run(store, "shifted")
    return store.path


@pytest.mark.parametrize("by", ["boxes", "masks"])
def test_what_is_drawn_is_in_the_pixels_of_the_crop(open_page, large, by):
    app = open_page(PAGE, large, view="Objects", by=by, truth=["dog"])
    payload = component(app, "overlook_gallery")
    (cell,) = payload.header["cells"]
    assert (cell["caption"], cell["thumbnail"] is None) == ("image 3", False)
    assert cell["badges"] == ["dog 0.80", "hit", "IoU 60 %"]
    truth, run = (payload.objects(layer) for layer in cell["layers"])
    # the annotation is at 18, 4 (8 x 10), the prediction two columns to the right: together they
    # reach to column 28; 16 more on each side, and the upper border
    assert (cell["width"], cell["height"]) == (42, 32)
    assert (truth["boxes"], run["boxes"]) == ([[16, 4, 8, 10]], [[18, 4, 8, 10]])
    assert (truth["classes"], run["outcomes"], run["notes"]) == ([1], ["right"], ["hit"])
    if by == "boxes":
        assert truth["masks"] is run["masks"] is None
        return
    for side, left in ((truth, 16), (run, 18)):
        expected = np.zeros((32, 42), bool)
        expected[4:14, left : left + 8] = True
        (counts,) = side["masks"]
        assert (rle.decode(rle.from_counts(counts, 32, 42)) == expected).all()


def test_missed_objects_have_no_prediction(open_page, large):
    app = open_page(PAGE, large, view="Objects", **SURE)
    payload = component(app, "overlook_gallery")
    assert payload.header["layers"] == ["annotation", "prediction"]
    assert payload.header["annotation_beneath"]
    cell = payload.header["cells"][0]
    truth, run = cell["layers"]
    assert payload.objects(truth)["boxes"] == [[16, 4, 8, 10]]
    assert (cell["width"], payload.objects(run), run["missed"]) == (40, None, [0])


def test_photographs_that_are_missing_leave_a_place(open_page, pets):
    app = open_page(PAGE, pets, view="Objects", **SURE)
    assert {cell["thumbnail"] is None for cell in cells(app)} == {True}


def test_nothing_fails_and_what_to_do(open_page, pets):
    app = open_page(PAGE, pets, view="Objects")
    assert "Nothing fails by these filters. Choose other filters" in words(app)


def test_pixels_have_no_objects(open_page, pets):
    app = open_page(PAGE, pets, view="Objects", by="pixels")
    assert not app.exception
    assert app.button_group(key="view").options == ["Images", "Table"]
    assert cells(app)[0]["badges"][0].startswith("IoU")


def test_from_objects_to_pixels_and_back(open_page, pets):
    app = open_page(PAGE, pets, view="Objects", **SURE)
    app.session_state["by"] = "pixels"
    assert not app.run().exception
    assert cells(app)[0]["badges"][0].startswith("IoU")


def test_orders_keep_every_object():
    some = pd.DataFrame(
        {"image_id": [7, 5, 7, 9], "area": [4.0, 9.0, 4.0, 1.0], "score": [0.9, 0.8, 0.7, None]}
    )
    worst = pd.DataFrame({"image_id": [9, 7, 5]})
    places = {order: ordered(some, worst, order).index.tolist() for order in ORDERS}
    assert list(places.values()) == [[0, 1, 2, 3], [1, 0, 2, 3], [3, 0, 2, 1], [3, 0, 2, 1]]
