"""The page Failures: what it counts, shows and leads to.

In the store `pets` both runs find everything, but only the first object of an image with a score
of .9; the others (four dogs, and one object of a class with a hostile name) have .8.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from pages.ui.failure_choice import FailureChoice, from_text
from tests.pages.components import component
from tests.pages.made_up import HOSTILE

PAGE = "pages/7_Failures.py"
SURE = {"score": "0.85"}  # then the second objects are missed


def words(app) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(part.value for part in parts)


def cells(app) -> list[dict]:
    return component(app, "overlook_gallery").header["cells"]


def test_nothing_fails_where_everything_is_found(open_page, pets):
    app = open_page(PAGE, pets)
    assert "Nothing fails by these filters" in words(app)
    assert not app.get("bidi_component")


def test_errors_are_counted_by_run_and_kind(open_page, pets):
    counts = open_page(PAGE, pets, **SURE).dataframe[0].value
    assert counts["run"].tolist() == ["sharp", "shifted"]
    assert counts["missed"].tolist() == [5, 5]
    assert counts["errors"].tolist() == [5, 5]
    assert counts["background"].tolist() == [0, 0]


def test_counts_show_every_kind_whichever_are_chosen(open_page, pets):
    app = open_page(PAGE, pets, kinds=["duplicate"], **SURE)
    assert app.dataframe[0].value["missed"].tolist() == [5, 5]
    assert "Nothing fails by these filters" in words(app)


def test_page_says_how_many_images_of_how_many(open_page, pets):
    app = open_page(PAGE, pets, **SURE)
    assert "**5 images of 12** with 10 errors, most errors first" in words(app)
    assert "errors of all runs together" in words(app)
    assert "TIDE" in words(app)


def test_cells_name_the_image_its_errors_and_lead_to_masks(open_page, pets):
    app = open_page(PAGE, pets, **SURE)
    assert [cell["caption"] for cell in cells(app)] == [f"image {i}" for i in (1, 3, 6, 9, 12)]
    assert cells(app)[1]["badges"] == ["1 · 1 missed"]
    assert "in this order: sharp · shifted" in words(app)
    address = urlsplit(cells(app)[1]["href"])
    asked = parse_qs(address.query)
    assert (address.path, asked["image"]) == ("Masks", ["3"])
    assert from_text(asked["list"][0]) == FailureChoice(by="boxes", score=0.85)


def test_figures_stand_in_the_order_of_the_runs(open_page, full):
    app = open_page(PAGE, full, dataset="pets", split="val", runs=["half", "sharp"], **SURE)
    badges = {cell["caption"]: cell["badges"] for cell in cells(app)}
    assert badges["image 3"] == ["1 · 1 missed"]
    assert badges["image 6"] == ["1 · 0 missed"]  # half has not answered it
    assert "in this order: sharp · half" in words(app)


def test_one_run_has_one_figure(open_page, pets):
    app = open_page(PAGE, pets, runs=["shifted"], **SURE)
    assert cells(app)[0]["badges"] == ["1 missed"]
    assert "in this order" not in words(app)


def test_gallery_marks_the_errors_that_were_asked_for(open_page, pets):
    payload = component(open_page(PAGE, pets, runs=["shifted"], **SURE), "overlook_gallery")
    assert payload.header["layers"] == ["annotation", "shifted"]
    assert payload.header["errors_first"]
    truth, run = payload.header["cells"][1]["layers"]
    assert run["missed"] == [1]
    assert payload.objects(truth)["masks"] is None
    assert payload.objects(run)["scores"] == [0.9]
    assert payload.objects(run)["outcomes"] == [None]


def test_masks_are_shown_where_masks_are_judged(open_page, pets):
    payload = component(open_page(PAGE, pets, by="masks", **SURE), "overlook_gallery")
    truth, run, _ = payload.header["cells"][1]["layers"]
    assert len(payload.objects(truth)["masks"]) == 2
    assert len(payload.objects(run)["masks"]) == 1


def test_wrong_predictions_are_marked_by_outcome_and_kind(open_page, wrong):
    payload = component(open_page(PAGE, wrong), "overlook_gallery")
    run = payload.header["cells"][0]["layers"][1]
    assert payload.header["cells"][0]["badges"] == ["2 missed", "1 classification"]
    assert payload.objects(run)["outcomes"] == ["wrong class"]
    assert payload.objects(run)["notes"] == ["classification"]
    assert run["missed"] == [0, 1]


def test_errors_that_were_not_asked_for_are_not_marked(open_page, wrong):
    payload = component(open_page(PAGE, wrong, kinds=["missed"]), "overlook_gallery")
    run = payload.header["cells"][0]["layers"][1]
    assert payload.objects(run)["outcomes"] == [None]
    assert run["missed"] == [0, 1]


def test_class_and_size_filter(open_page, pets):
    dogs = open_page(PAGE, pets, **{"class": "dog"}, **SURE)
    assert "**4 images of 12** with 8 errors of the class dog" in words(dogs)
    assert component(dogs, "overlook_gallery").header["category"] == 1
    large = open_page(PAGE, pets, size="large", **SURE)
    assert "Nothing fails by these filters" in words(large)


def test_pages_of_the_gallery(open_page, wrong):
    app = open_page(PAGE, wrong, kinds=["classification"], per="24", p="2")
    assert [cell["caption"] for cell in cells(app)] == [f"image {i}" for i in range(25, 31)]
    assert len(cells(open_page(PAGE, wrong, per="48", p="1"))) == 30


def test_page_beyond_the_last_falls_back(open_page, wrong):
    assert cells(open_page(PAGE, wrong, p="9"))[0]["caption"] == "image 1"
    app = open_page(PAGE, wrong, p="2", kinds=["classification"])
    assert cells(app)[0]["caption"] == "image 25"
    app.session_state["per"] = 96
    assert cells(app.run())[0]["caption"] == "image 1"


def test_table_has_a_row_an_error(open_page, wrong):
    app = open_page(PAGE, wrong, view="Table", kinds=["classification"])
    rows = app.dataframe[1].value
    assert len(rows) == 30
    first = rows.iloc[0]
    assert (first["kind"], first["class"], first["nearest"]) == ("classification", "dog", "cat")
    assert (first["score"], first["IoU"], first["area"]) == (0.9, 100, 120)
    address, name = first["image"].split("#")
    assert name == "image 1"
    assert parse_qs(urlsplit(address).query)["runs"] == ["confused"]


def test_table_of_missed_objects_leaves_score_and_overlap_empty(open_page, wrong):
    app = open_page(PAGE, wrong, view="Table", kinds=["missed"])
    rows = app.dataframe[1].value
    assert rows[["score", "IoU", "nearest"]].isna().all(axis=None)


def test_pixels_show_the_lowest_iou_first(open_page, pets):
    app = open_page(PAGE, pets, by="pixels", **{"class": "cat"})
    assert "**12 images of 12** with IoU of the class cat up to 100 %, lowest IoU first" in words(
        app
    )
    assert cells(app)[0]["badges"] == ["IoU 100.0 · 66.7 %"]
    table = open_page(PAGE, pets, by="pixels", view="Table", **{"class": "dog"}).dataframe[0].value
    assert table["IoU"].tolist() == pytest.approx([60] * 4 + [100] * 4)
    assert table["run"].tolist() == ["shifted"] * 4 + ["sharp"] * 4


def test_of_several_runs_the_lowest_iou_decides(open_page, pets):
    app = open_page(PAGE, pets, by="pixels")
    assert "mean IoU up to 100 %, lowest IoU first" in words(app)
    assert "of several runs the lowest decides" in words(app)
    # the fewer the pixels of an object, the more a shift of two costs
    assert [cell["caption"] for cell in cells(app)][:5] == [f"image {i}" for i in (1, 3, 6, 9, 12)]


def test_pixels_can_be_limited(open_page, pets):
    limits = {"below": "65", "class": "dog"}
    app = open_page(PAGE, pets, by="pixels", **limits)
    assert "**4 images of 12**" in words(app)
    assert cells(app)[0]["badges"] == ["IoU – · 60.0 %"]
    nothing = open_page(PAGE, pets, by="pixels", below="55", **{"class": "dog"})
    assert "Nothing fails on the class dog" in words(nothing)


def test_pixels_show_label_maps(open_page, full):
    app = open_page(PAGE, full, dataset="streets", split="test")
    payload = component(app, "overlook_gallery")
    truth, run = payload.header["cells"][0]["layers"]
    assert payload.labels(truth) != payload.labels(run)
    assert payload.objects(run) is None
    assert not app.slider(key="below").disabled


def test_runs_that_cannot_be_judged_are_named(open_page, full):
    app = open_page(PAGE, full, dataset="pets", split="val", **SURE)
    assert "answered different numbers of images (sharp 12, shifted 12, half 5)" in words(app)


def test_hostile_names_are_text(open_page, pets):
    app = open_page(PAGE, pets, view="Table", **{"class": HOSTILE}, **SURE)
    assert app.dataframe[1].value["class"].tolist() == [HOSTILE] * 2


@pytest.mark.parametrize(
    "choice",
    [
        FailureChoice(),
        FailureChoice("masks", ("missed", "both"), "small", 0.35, rank="surest error first"),
        FailureChoice("pixels", below=45),
    ],
)
def test_choice_travels_in_an_address(choice):
    assert from_text(choice.as_text()) == choice


@pytest.mark.parametrize(
    "text",
    [
        "",
        "by=<script>",
        "score=nan&below=1e9&size=huge",
        "score=7&kinds=hit",
        "&&==%%",
        "by",
        "score=x",
    ],
)
def test_unreadable_address_is_the_standard_choice(text):
    assert from_text(text) == FailureChoice()
