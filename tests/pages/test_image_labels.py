"""Label heads on the pages: where they differ from masks, chips on Masks, scores on Compare.

The run `heads` knows all twelve images of the data set pets, but for three pairs: it says the dog
of image 3 and paints none, paints the dog of image 6 and denies it, and says the class with the
hostile name of image 2, where it neither is nor was found.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.metrics import calibration
from core.store import rows
from core.store.connection import Store
from core.structures import Prediction, Run
from pages.ui.calibration_bins import bin_rows
from pages.ui.failure_choice import FailureChoice, from_text
from tests.pages.components import component
from tests.pages.made_up import CLASSES, HOSTILE, add_run, objects, objects_dataset, truth_of

FAILURES, MASKS, COMPARE = "pages/7_Failures.py", "pages/6_Masks.py", "pages/2_Compare_systems.py"
DOG, ODD = 1, 2
BY = {"by": "labels", "runs": ["heads"]}


@pytest.fixture(scope="module")
def heads(tmp_path_factory) -> Path:
    store, dataset = Store.at(tmp_path_factory.mktemp("heads") / "s.duckdb"), objects_dataset()
    predictions = []
    for image in dataset.images:
        annotation = dataset.annotations[image.id]
        label_map, said = annotation.label_map.copy(), np.full(3, 0.1)
        said[annotation.objects.categories] = 0.9
        if image.id == 3:
            label_map[label_map == DOG] = len(CLASSES)
        if image.id == 6:
            said[DOG] = 0.2
        if image.id == 2:
            said[ODD] = 0.7
        predictions.append(Prediction(image, 0.1, label_map=label_map, probabilities=said))
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset, painted=True)
    flags = {"has_objects": False, "has_labels": True}
    add_run(store, Run("heads", "two", "pets", "val"), predictions, 12, **flags)
    silent = [Prediction(each.image, 0.1, label_map=each.label_map) for each in predictions]
    add_run(store, Run("silent", "one", "pets", "val"), silent, 12, has_objects=False)
    for name in ("heads", "silent"):
        evaluate_run(store, name)
    return store.path


@pytest.fixture(scope="module")
def finder(tmp_path_factory) -> Path:
    """A run that says every class, and finds each object, with a score of .4 all but the first."""
    store, dataset = Store.at(tmp_path_factory.mktemp("finder") / "s.duckdb"), objects_dataset()
    predictions = []
    for image in dataset.images:
        boxes, classes = truth_of(image)
        found = objects(boxes, classes, [0.9] + [0.4] * (len(boxes) - 1))
        predictions.append(Prediction(image, 0.1, found, probabilities=np.full(3, 0.75)))
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset, painted=True)
    add_run(store, Run("finder", "two", "pets", "val"), predictions, 12, has_labels=True)
    evaluate_run(store, "finder")
    return store.path


def words(app) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(part.value for part in parts)


def cells(app) -> list[dict]:
    return component(app, "overlook_gallery").header["cells"]


def test_sides_are_counted_class_by_class(open_page, heads):
    app = open_page(FAILURES, heads, **BY)
    table = app.dataframe[0].value.set_index("class")
    sides = ["both", "said, not found", "found, not said", "neither"]
    assert table.loc["cat", sides].tolist() == [12, 0, 0, 0]
    assert table.loc["dog", sides].tolist() == [2, 1, 1, 8]
    assert table.loc[HOSTILE, sides].tolist() == [1, 1, 0, 10]
    assert np.isnan(table.loc["cat", "label head right"])
    assert table.loc[["dog", HOSTILE], "label head right"].tolist() == [50, 0]
    assert "from a probability of 0.50 on" in words(app)
    assert "from 16 labelled pixels of the label map on" in words(app)


def test_images_are_those_on_which_the_heads_differ(open_page, heads):
    app = open_page(FAILURES, heads, **BY)
    assert "**3 images of 12** with 3 differences, most differences first" in words(app)
    badges = {cell["caption"]: cell["badges"] for cell in cells(app)}
    assert badges == {
        "image 2": [f"{HOSTILE} 70.0 %, not found"],
        "image 3": ["dog 90.0 %, not found"],
        "image 6": ["dog 20.0 %, found"],
    }
    asked = parse_qs(urlsplit(cells(app)[0]["href"]).query)
    assert from_text(asked["list"][0]) == FailureChoice(by="labels")


def test_objects_of_less_than_the_least_score_are_not_found_nor_drawn(open_page, finder):
    app = open_page(FAILURES, finder, by="labels")
    gallery = component(app, "overlook_gallery")
    shown = {cell["caption"]: cell for cell in gallery.header["cells"]}
    assert shown["image 3"]["badges"] == [
        "dog 75.0 %, not found",
        f"{HOSTILE} 75.0 %, not found",
    ]
    assert gallery.objects(shown["image 3"]["layers"][1])["scores"] == [0.9]
    assert not any(each.label == "Least pixels" for each in app.number_input)
    app = open_page(FAILURES, finder, by="labels", score="0.4")
    gallery = component(app, "overlook_gallery")
    shown = {cell["caption"]: cell for cell in gallery.header["cells"]}
    assert shown["image 3"]["badges"] == [f"{HOSTILE} 75.0 %, not found"]
    assert gallery.objects(shown["image 3"]["layers"][1])["scores"] == [0.9, 0.4]


def test_bins_tell_their_limits():
    said = calibration.reliability(np.array([0.1, 0.6, 0.7, 1.0]), np.array([0, 1, 0, 1], bool), 4)
    table = bin_rows({"a": said, "b": said})
    assert table["run"].tolist() == ["a"] * 4 + ["b"] * 4
    assert table["low"].tolist()[:4] == [0, 0.25, 0.5, 0.75]
    assert table["high"].tolist()[:4] == [0.25, 0.5, 0.75, 1]
    assert table["answers"].tolist()[:4] == [1, 0, 2, 1]
    assert table["right"].tolist()[:4] == [0, 0, 1, 1]
    assert table["certainty"].tolist()[:4] == pytest.approx([0.1, 0, 1.3, 1.0])


def test_one_class_and_one_side(open_page, heads):
    app = open_page(FAILURES, heads, **BY, **{"class": "dog"}, sides=["found, not said"])
    assert [cell["caption"] for cell in cells(app)] == ["image 6"]
    assert app.dataframe[0].value["class"].tolist() == ["dog"]
    nothing = open_page(FAILURES, heads, **BY, **{"class": "cat"})
    assert "Nothing fails on the class cat by these filters" in words(nothing)


def test_least_score_and_least_pixels_decide(open_page, heads):
    app = open_page(FAILURES, heads, **BY, score="0.15")
    assert "**2 images of 12** with 2 differences" in words(app)
    # dogs have 80 pixels, cats 120, the odd class 36
    app = open_page(FAILURES, heads, **BY, pixels="81")
    table = app.dataframe[0].value.set_index("class")
    assert table.loc["dog", "said, not found"] == 3
    assert table.loc["cat", "both"] == 12


def test_most_classes_come_first(open_page, heads):
    # no class has so many pixels: on five images two classes are said that are not found
    shown = [cell["caption"] for cell in cells(open_page(FAILURES, heads, **BY, pixels="121"))]
    assert shown[:6] == [f"image {each}" for each in (1, 2, 3, 9, 12, 4)]
    assert len(shown) == 12


def test_a_row_links_to_its_images(open_page, heads):
    table = open_page(FAILURES, heads, **BY, pixels="81").dataframe[0].value
    address = urlsplit(table.set_index("class").loc["dog", "differences"])
    asked = parse_qs(address.query)
    assert address.path == "Failures"
    assert (asked["runs"], asked["class"], asked["by"]) == (["heads"], ["dog"], ["labels"])
    assert asked["pixels"] == ["81"]


def test_the_table_has_a_row_a_difference(open_page, heads):
    rows = open_page(FAILURES, heads, **BY, view="Table").dataframe[1].value
    assert rows["class"].tolist() == [HOSTILE, "dog", "dog"]
    assert rows["difference"].tolist() == ["said, not found"] * 2 + ["found, not said"]
    assert rows["probability"].tolist() == pytest.approx([70, 90, 20])
    assert rows["annotated"].tolist() == [False, True, True]


def test_runs_without_a_label_head_are_not_judged_by_labels(open_page, heads, pets):
    app = open_page(FAILURES, heads, by="labels")
    assert "Without a label head and what it found, so not judged here: silent." in words(app)
    assert "labels" not in str(open_page(FAILURES, pets, by="labels").get("button_group")[0].proto)


def test_masks_leaf_through_the_differences(open_page, heads):
    text = FailureChoice(by="labels").as_text()
    app = open_page(MASKS, heads, runs=["heads"], image="3", list=text)
    assert "2 of 3 · failures by labels, most differences first" in str(
        component(app, "overlook_leaf")
    )


@pytest.mark.parametrize(
    ("image", "chip"),
    [
        ("2", r":red-badge[✗ \<b\>7\</b\> 70.0 %, not found]"),
        ("3", ":green-badge[✓ dog 90.0 %, not found]"),
        ("6", ":orange-badge[○ dog 20.0 %, found]"),
    ],
)
def test_masks_show_what_the_image_shows_as_chips(open_page, heads, image, chip):
    app = open_page(MASKS, heads, image=image)
    (line,) = [each.value for each in app.markdown if each.value.startswith("heads: ")]
    assert chip in line
    assert ":green-badge[✓ cat 90.0 %]" in line
    assert not any(each.value.startswith("silent: ") for each in app.markdown)


def test_masks_list_every_class_in_figures(open_page, heads):
    app = open_page(MASKS, heads, image="6")
    (table,) = [each.value for each in app.dataframe if "heads found" in each.value]
    assert table["class"].tolist() == list(CLASSES)
    assert table["annotated"].tolist() == [True, True, False]
    assert table["heads"].tolist() == pytest.approx([90, 20, 10])
    assert table["heads found"].tolist()[:2] == [1, 1]
    assert np.isnan(table["heads found"].iloc[2])


def test_compare_keeps_what_is_said_and_what_follows_apart(open_page, heads):
    app = open_page(COMPARE, heads, every="true")
    table = app.dataframe[0].value.set_index(("", "Run"))
    said, derived = (
        "Image labels · as the system says",
        "Image labels · derived from what it found",
    )
    # dog 3 of 4 found and no more, the odd class on 1 of 2 images
    f1 = np.mean([1, 2 * 3 / (3 + 4), 2 * 1 / (2 + 1)])
    assert table.loc["heads", (said, "F1")] == pytest.approx(100 * f1)
    assert table.loc["silent", (said, "F1")] is None or np.isnan(table.loc["silent", (said, "F1")])
    assert table.loc["silent", (derived, "F1")] == pytest.approx(100 * np.mean([1, 6 / 7, 1]))
    assert (said, "Calibration error") in table.columns


def test_compare_shows_image_labels_class_by_class(open_page, heads):
    app = open_page(COMPARE, heads)
    table = app.dataframe[-1].value.set_index(("", "class"))
    assert table["heads", "precision"].tolist() == pytest.approx([100, 100, 50])
    assert table["heads", "recall"].tolist() == pytest.approx([100, 75, 100])
    assert "silent" not in table.columns.get_level_values(0)
    assert "image labels from a probability of 0.50 on" in words(app)
    assert len(app.get("plotly_chart")) == 2
    alone = open_page(COMPARE, heads, runs=["silent"])
    assert len(alone.dataframe) == len(alone.get("plotly_chart")) == 1


@pytest.mark.parametrize(
    "choice",
    [
        FailureChoice("labels"),
        FailureChoice("labels", score=0.25, sides=("found, not said",), pixels=3),
    ],
)
def test_choice_travels_in_an_address(choice):
    assert from_text(choice.as_text()) == choice


@pytest.mark.parametrize("text", ["pixels=-1", "pixels=1e9", "sides=<b>", "pixels=&sides=both"])
def test_unreadable_address_is_the_standard_choice(text):
    assert from_text(text) == FailureChoice()
