"""The page Confusion: its matrices, its list, and where its cells lead.

In the store `pets` both runs find everything, "shifted" two columns off.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from streamlit.util import AttributeDictionary

from core.evaluate import evaluate_run
from core.store import rows
from core.store.connection import Store
from core.structures import Category, Prediction, Run
from tests.pages.made_up import HOSTILE, add_run, objects, objects_dataset
from tests.pages.test_pages import links, words

PAGE = "pages/5_Confusion.py"
NOTHING = "(nothing)"
LISTS = ("runs", "truth", "predicted", "tags", "answered_by", "kinds")


@pytest.fixture(scope="module")
def zoo(tmp_path_factory) -> Path:
    """Nine images of 33 classes in groups; "reader" calls cats dogs on even images.

    It misses the dogs (every third image), and invents a car (class 5) on the first.
    """
    store = Store.at(tmp_path_factory.mktemp("zoo") / "store.duckdb")
    made = objects_dataset(9)
    names = ("cat", "dog", HOSTILE, "eel", "bus", "car", *(f"thing {i}" for i in range(27)))
    groups = ("animal", "animal", "", "animal", "vehicle", "vehicle", *["goods"] * 27)
    categories = tuple(
        Category(name, group, i) for i, (name, group) in enumerate(zip(names, groups, strict=True))
    )
    dataset = type(made)(
        **{
            **vars(made),
            "categories": categories,
            "annotations": {
                key: type(each)(each.image, each.objects) for key, each in made.annotations.items()
            },
        }
    )
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset)
    for run, wrong in (("reader", 1), ("other", 3)):
        predictions = []
        for image in dataset.images:
            boxes, classes = [(2, 2, 10, 12)], [wrong if image.id % 2 == 0 else 0]
            if image.id == 1:
                boxes, classes = [*boxes, (25, 1, 3, 3)], [*classes, 5]
            predictions.append(Prediction(image, None, objects(boxes, classes, [0.9] * len(boxes))))
        add_run(store, Run(run, "boxes", "pets", "val"), predictions, 9)
        evaluate_run(store, run)
    return store.path


def clicked(app, key: str, truth: str, predicted: str):
    """The page after a click on a cell."""
    cell = {"truth": truth, "predicted": predicted}
    app.session_state[key] = AttributeDictionary({"selection": {"cell": [cell]}})
    app.run()
    assert not app.exception
    return links(app.get("bidi_component")[0])


def listed(app) -> pd.DataFrame:
    return app.dataframe[-1].value


def followed(open_page, store, address: str):
    """The page Failures that an address leads to."""
    asked = parse_qs(urlsplit(address).query)
    assert urlsplit(address).path == "Failures"
    given = {name: v if name in LISTS else v[0] for name, v in asked.items()}
    app = open_page("pages/7_Failures.py", store, **given)
    assert not app.exception
    return app


def test_line_says_what_is_counted(open_page, zoo):
    app = open_page(PAGE, zoo)
    # nine cats, three dogs and one object of the class with a hostile name
    assert "2 runs on the same 9 images · 13 annotated objects" in words(app)
    assert "Whatever its class" in words(app)


def test_list_has_every_confusion_with_both_shares(open_page, zoo):
    table = listed(open_page(PAGE, zoo, nothing="true", runs=["reader"]))
    found = {
        (row.annotated, row.predicted): (row.objects, row[5], row[6]) for row in table.itertuples()
    }
    assert found == {
        ("cat", "dog"): (4, pytest.approx(100 * 4 / 9), 100),
        ("dog", NOTHING): (3, 100, pytest.approx(75)),
        (HOSTILE, NOTHING): (1, 100, 25),
        (NOTHING, "car"): (1, 100, 100),
    }
    assert table["objects"].tolist() == [4, 3, 1, 1]
    among = listed(open_page(PAGE, zoo))
    assert set(zip(among["annotated"], among["predicted"], strict=True)) == {
        ("cat", "dog"),
        ("cat", "eel"),
    }


def test_every_confusion_leads_to_just_its_objects(open_page, zoo):
    table = listed(open_page(PAGE, zoo, nothing="true", tags=["odd"]))
    assert len(table) == 6
    for row in table.to_dict("records"):
        app = followed(open_page, zoo, row["images"])
        noun = "object" if row["objects"] == 1 else "objects"
        assert f"with {row['objects']} {noun} annotated" in words(app)


def test_a_cell_leads_to_its_images(open_page, zoo):
    app = open_page(PAGE, zoo, rows="every class", least="0.3", sized="small", iou="0.75")
    (link,) = clicked(app, "confusion reader", "cat", "dog")
    assert link["text"] == "4 objects of reader, annotated cat, predicted dog"
    asked = parse_qs(urlsplit(link["href"]).query)
    assert (asked["truth"], asked["predicted"]) == (["cat"], ["dog"])
    assert (asked["score"], asked["size"], asked["overlap"]) == (["0.3"], ["small"], ["0.75"])
    assert "**4 images of 9** with 4 objects" in words(followed(open_page, zoo, link["href"]))


def test_many_classes_stand_in_groups_with_a_way_in(open_page, zoo):
    app = open_page(PAGE, zoo)
    assert app.selectbox(key="rows").value == "groups of classes"
    found, inside = clicked(app, "confusion reader", "animal", "animal")
    assert found["text"] == (
        "9 objects of reader, annotated cat or dog or eel, predicted cat or dog or eel"
    )
    assert "with 9 objects" in words(followed(open_page, zoo, found["href"]))
    assert parse_qs(urlsplit(inside["href"]).query)["rows"] == ["in animal"]
    opened = open_page(PAGE, zoo, rows="in animal", nothing="true", runs=["reader"])
    assert listed(opened)["objects"].tolist() == [4, 3]
    (link,) = clicked(opened, "confusion reader", "dog", NOTHING)
    assert link["text"].startswith("3 objects of reader, annotated dog, predicted (nothing)")


def test_a_class_of_the_sidebar_stands_with_those_it_is_confused_with(open_page, zoo):
    app = open_page(PAGE, zoo, **{"class": "eel"})
    assert app.selectbox(key="rows").disabled
    table = listed(app)
    assert table[["run", "annotated", "predicted"]].to_numpy().tolist() == [["other", "cat", "eel"]]
    (link,) = clicked(app, "confusion other", "cat", "eel")
    assert "class" not in parse_qs(urlsplit(link["href"]).query)


def test_difference_of_two_runs(open_page, zoo):
    app = open_page(PAGE, zoo, layout="difference", rows="every class")
    first, second = clicked(app, "confusion difference", "cat", "dog")
    assert first["text"].startswith("4 objects of reader")
    assert second["text"].startswith("0 objects of other")
    assert "other minus reader" in words(app)


def test_pixels_are_counted_as_evaluated(open_page, pets):
    app = open_page(PAGE, pets, count="pixels", runs=["shifted"])
    table = listed(app).set_index(["annotated", "predicted"])["pixels"]
    # two columns of 12 cats of 12 rows, 4 dogs of 10 and one object of 6
    assert table[("cat", "background")] == 12 * 24
    assert table[("dog", "background")] == 4 * 20
    assert table[(HOSTILE, "background")] == 12
    assert "12 images · 9,216 annotated pixels" in words(app)
    (link,) = clicked(app, "confusion shifted", "dog", "background")
    assert link["text"] == "80 pixels of shifted, annotated dog, predicted background"
    assert "with 80 pixels annotated dog" in words(followed(open_page, pets, link["href"]))


def test_images_that_all_answered_travel_with_the_link(open_page, full):
    place = {"dataset": "pets", "split": "val"}
    app = open_page(PAGE, full, common="true", **place)
    (link,) = clicked(app, "confusion sharp", "cat", "cat")
    assert link["text"].startswith("5 objects of sharp")
    assert "**5 images of 12** with 5 objects" in words(followed(open_page, full, link["href"]))
    app = open_page(PAGE, full, **place)
    assert "different images" in words(app)
    assert not app.dataframe


def test_a_cell_that_is_not_laid_out_any_more_leads_nowhere(open_page, zoo):
    app = open_page(PAGE, zoo)
    cell = {"truth": "cat", "predicted": "dog"}
    app.session_state["confusion reader"] = AttributeDictionary({"selection": {"cell": [cell]}})
    app.run()
    assert not app.get("bidi_component")
    assert "Click a cell" in words(app)


def test_nothing_of_a_size_says_so(open_page, zoo):
    assert "Nothing is annotated or predicted" in words(open_page(PAGE, zoo, sized="large"))
