"""Failures of a pair of classes, and of some images: what the page counts, shows and passes on.

In the store `pets` both runs find everything, "shifted" two columns off; in `wrong` every cat is
taken for a dog and nothing else is found.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pages.ui.class_pairs import listed, nothing
from pages.ui.failure_choice import FailureChoice, from_text
from tests.pages.components import component
from tests.pages.made_up import HOSTILE, confused_store
from tests.pages.test_failures import PAGE, cells, words

NOTHING = "(nothing)"


@pytest.fixture(scope="module")
def wrong(tmp_path_factory) -> Path:
    """Nine images, three with a dog; the run calls every cat a dog, and finds nothing else."""
    return confused_store(tmp_path_factory.mktemp("wrong") / "store.duckdb", 9)


@pytest.mark.parametrize(
    ("truth", "predicted", "sentence"),
    [
        (["cat"], ["dog"], "**9 images of 9** with 9 objects annotated cat, predicted dog,"),
        (["dog"], [NOTHING], r"**3 images of 9** with 3 objects annotated dog, predicted \(not"),
        (["cat", "dog"], [], "**9 images of 9** with 12 objects annotated cat or dog, most"),
        ([], ["dog", NOTHING], "**9 images of 9** with 13 objects predicted dog or"),
        ([HOSTILE], [], "**1 image of 9** with 1 object annotated"),
    ],
)
def test_objects_of_a_pair_are_counted(open_page, wrong, truth, predicted, sentence):
    app = open_page(PAGE, wrong, truth=truth, predicted=predicted)
    assert not app.exception
    assert sentence in words(app)
    assert "Whatever its class" in words(app)


def test_a_pair_that_never_occurs_has_no_images(open_page, wrong):
    for pair in ({"truth": ["dog"], "predicted": ["cat"]}, {"truth": [NOTHING]}):
        assert "Nothing fails by these filters" in words(open_page(PAGE, wrong, **pair))


def test_pair_and_kind_both_count(open_page, wrong):
    app = open_page(PAGE, wrong, truth=["cat", "dog"], kinds=["missed"])
    assert "**3 images of 9** with 3 objects" in words(app)
    counts = app.dataframe[0].value.iloc[0]
    assert (counts["classification"], counts["missed"], counts["objects"]) == (9, 3, 12)


def test_right_objects_are_shown_as_hits(open_page, pets):
    app = open_page(PAGE, pets, truth=["dog"], predicted=["dog"])
    assert "**4 images of 12** with 8 objects annotated dog, predicted dog" in words(app)
    assert app.dataframe[0].value["hit"].tolist() == [4, 4]
    assert cells(app)[0]["badges"] == ["1 · 1 hit"]
    payload = component(app, "overlook_gallery")
    run = payload.header["cells"][0]["layers"][1]
    assert payload.objects(run)["outcomes"] == [None, "right"]


def test_overlap_decides_what_is_taken(open_page, pets):
    pair = {"truth": ["cat"], "predicted": ["cat"], "runs": ["shifted"]}
    # two columns of ten: 8 shared of 12
    assert "with 12 objects" in words(open_page(PAGE, pets, overlap="0.65", **pair))
    assert "Nothing fails" in words(open_page(PAGE, pets, overlap="0.70", **pair))
    missed = {**pair, "predicted": [NOTHING]}
    assert "with 12 objects" in words(open_page(PAGE, pets, overlap="0.70", **missed))
    assert "Nothing fails" in words(open_page(PAGE, pets, overlap="0.65", **missed))


def test_table_names_the_objects_of_a_pair(open_page, wrong):
    app = open_page(PAGE, wrong, truth=["cat"], predicted=["dog"], view="Table")
    table = app.dataframe[1].value
    assert len(table) == 9
    first = table.iloc[0]
    assert (first["kind"], first["class"], first["nearest"]) == ("classification", "dog", "cat")
    address, name = first["image"].split("#")
    asked = parse_qs(urlsplit(address).query)["list"][0]
    assert (name, from_text(asked).truth, from_text(asked).predicted) == (
        "image 1",
        ("cat",),
        ("dog",),
    )


def test_pixels_of_a_pair_come_most_first(open_page, pets):
    pair = {"truth": ["cat", "dog"], "predicted": ["background"]}
    app = open_page(PAGE, pets, by="pixels", **pair)
    # two columns of a cat of 12 rows, and of a dog of 10
    assert f"**12 images of 12** with {12 * 24 + 4 * 20} pixels annotated cat or dog" in words(app)
    assert [cell["caption"] for cell in cells(app)][:4] == [f"image {i}" for i in (3, 6, 9, 12)]
    assert cells(app)[0]["badges"][1] == "0 · 44 px"
    table = open_page(PAGE, pets, by="pixels", view="Table", **pair).dataframe[0].value
    assert table["pixels"].tolist() == [44] * 4 + [24] * 8
    assert set(table["run"]) == {"shifted"}


def test_tags_choose_the_images(open_page, pets, wrong):
    app = open_page(PAGE, wrong, truth=["cat"], predicted=["dog"], tags=["odd"])
    assert "**5 images of 9** with 5 objects" in words(app)
    every = open_page(PAGE, wrong, tags=["odd"])
    # 1, 3, 5, 7 and 9: five dogs too many, two dogs and one more object missed, five cats missed
    assert "**5 images of 9** with 13 errors" in words(every)
    assert every.dataframe[0].value["missed"].tolist() == [8]
    pixels = open_page(PAGE, pets, by="pixels", tags=["odd"])
    assert "**6 images of 12**" in words(pixels)


def test_images_of_another_run_can_be_chosen(open_page, full):
    asked = {"dataset": "pets", "split": "val", "runs": ["sharp"], "score": "0.85"}
    assert "5 errors" in words(open_page(PAGE, full, **asked))
    # "half" answered the first five; on them the second objects of 1 and 3 are unsure
    some = open_page(PAGE, full, answered_by=["half"], **asked)
    assert "**2 images of 12** with 2 errors" in words(some)


def test_images_are_not_asked_for_where_runs_answered_the_same(open_page, pets):
    keys = {each.key for each in open_page(PAGE, pets, score="0.85").multiselect}
    assert "answered_by" not in keys
    assert {"truth", "predicted", "tags"} <= keys


def test_masks_leafs_through_the_images_of_a_pair(open_page, wrong):
    choice = FailureChoice(truth=("dog",), predicted=(NOTHING,))
    app = open_page("pages/6_Masks.py", wrong, image="9", list=choice.as_text(), tags=["odd"])
    # dogs are on 3, 6 and 9
    assert component(app, "overlook_leaf")["place"].startswith("2 of 2")


def test_a_class_that_is_gone_chooses_nothing(open_page, wrong):
    app = open_page(PAGE, wrong, truth=["unicorn"])
    assert not app.exception
    masks = open_page("pages/6_Masks.py", wrong, list=FailureChoice(truth=("unicorn",)).as_text())
    assert not masks.exception


@pytest.mark.parametrize(
    "choice",
    [
        FailureChoice(truth=("a&b", "cat"), predicted=(NOTHING,), overlap="0.75"),
        FailureChoice("pixels", truth=("<b>",), answered_by=("a b",)),
    ],
)
def test_pair_and_images_travel_in_an_address(choice):
    assert from_text(choice.as_text()) == choice


def test_no_class_is_called_nothing():
    assert nothing(["cat"]) == NOTHING
    assert nothing([NOTHING, "((nothing))"]) == "(((nothing)))"


def test_many_names_are_cut_short():
    assert listed(["a", "b", "c", "d"]) == "a or b or c or d"
    assert listed(list("abcdefg")) == "a, b, c or 4 others"
