"""Every page runs on every kind of store, and says what is missing."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest

from core.store import rows
from core.store.connection import Store
from tests.pages.made_up import HOSTILE, objects_dataset

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "Home.py",
    *(f"pages/{path.name}" for path in sorted((ROOT / "pages").glob("[0-9]*.py"))),
]


def words(app) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.code]
    return "\n".join(part.value for part in parts)


def links(component) -> list[dict[str, str]]:
    return json.loads(component.proto.json)["links"]


def gallery_header(component) -> dict:
    packed = component.proto.bytes
    (length,) = struct.unpack_from("<I", packed)
    return json.loads(packed[4 : 4 + length])


def findings(app) -> str:
    """What the links of the start page say; their sentences and addresses."""
    (payload,) = app.get("bidi_component")
    return "\n".join(row["text"] + " -> " + row["href"] for row in links(payload))


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_on_a_full_store(page, open_page, full):
    app = open_page(page, full, dataset="pets", split="val")
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_on_label_maps_alone(page, open_page, full):
    app = open_page(page, full, dataset="streets", split="test")
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_page_of_an_empty_store_says_what_to_type(page, open_page, tmp_path):
    app = open_page(page, tmp_path / "none.duckdb")
    assert not app.exception
    assert app.title[0].value
    assert "python -m core import " in words(app)


@pytest.mark.parametrize("page", PAGES)
def test_page_of_a_data_set_without_runs_runs(page, open_page, tmp_path):
    store = Store.at(tmp_path / "store.duckdb")
    with store.write() as cursor:
        rows.insert_dataset(cursor, objects_dataset(), painted=True)
    app = open_page(page, store.path)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_page_of_a_damaged_store_says_so_without_traceback(page, open_page, tmp_path):
    path = tmp_path / "store.duckdb"
    path.write_bytes(b"this is no store" * 500)
    app = open_page(page, path)
    assert not app.exception
    assert str(path) in app.main.error[0].value


@pytest.mark.parametrize("page", PAGES)
def test_hostile_address_falls_back(page, open_page, full):
    app = open_page(page, full, dataset="'; DROP TABLE run; --", runs=["<script>"], p="-1")
    assert not app.exception


def test_home_tells_where_to_look_first(open_page, full):
    told = findings(open_page("Home.py", full))
    assert "silent: dead, 5 of 12 images" in told
    assert "half: 1 entry left out" in told
    assert "raw: not evaluated yet" in told
    assert "pets · val: the runs answered different images" in told
    assert "streets · test: unet with Mean IoU" in told


def test_home_names_the_best_run_and_the_widest_gap(open_page, pets):
    told = findings(open_page("Home.py", pets))
    assert "pets · val: sharp with Box AP 100.0 %, best of 2" in told
    assert "on the class cat sharp is" in told


def test_compare_refuses_to_rank_runs_on_different_images(open_page, full):
    app = open_page("pages/2_Compare_systems.py", full, dataset="pets", split="val")
    assert "different images (sharp 12, shifted 12, half 5)" in words(app)
    assert not app.dataframe
    assert app.toggle(key="common").label == "Score all runs on the 5 images that all answered"


def test_compare_offers_the_images_in_common(open_page, full):
    app = open_page("pages/2_Compare_systems.py", full, dataset="pets", split="val", common="true")
    table = app.dataframe[0].value
    assert list(table["", "Run"]) == ["sharp", "shifted", "half"]
    assert list(table["Run", "Images"]) == [5, 5, 5]


@pytest.mark.parametrize(
    ("choice", "line"),
    [
        ({}, "2 runs on the same 12 images · 17 annotated objects · all classes"),
        (
            {"tags": ["odd"], "class": "dog"},
            "2 runs on the same 6 images · 2 annotated objects · dog only",
        ),
        ({"size": "small"}, "2 runs on the same 12 images · all classes"),
    ],
)
def test_compare_says_of_how_many_images_and_objects_its_scores_are(open_page, pets, choice, line):
    assert line in words(open_page("pages/2_Compare_systems.py", pets, **choice))


def test_compare_keeps_pixels_boxes_and_masks_apart(open_page, pets):
    table = open_page("pages/2_Compare_systems.py", pets).dataframe[0].value
    groups = list(dict.fromkeys(table.columns.get_level_values(0)))
    assert groups == ["", "Run", "Pixels · semantic maps", "Boxes · COCO", "Masks · COCO", "Time"]
    assert table["Boxes · COCO", "AP"].iloc[0] == pytest.approx(100)
    assert table["Masks · COCO", "AP"].iloc[0] == pytest.approx(100)
    assert table["Time", "Seconds per image"].iloc[0] == pytest.approx(0.25)


def test_compare_shows_at_which_score_maps_were_painted(open_page, pets):
    table = open_page("pages/2_Compare_systems.py", pets).dataframe[0].value
    assert all("≥ 0.50" in how for how in table["Pixels · semantic maps", "Painted at"])


def test_compare_draws_a_score_first_not_the_time(open_page, pets):
    score = open_page("pages/2_Compare_systems.py", pets).selectbox(key="metric")
    assert score.value == "Mean IoU"
    assert score.options[-1] == "Seconds per image"


def test_painting_stands_after_all_scores(open_page, pets):
    table = open_page("pages/2_Compare_systems.py", pets).dataframe[0].value
    assert table.columns[-1] == ("Pixels · semantic maps", "Painted at")


@pytest.mark.parametrize(
    ("parameters", "controls"),
    [
        ({"dataset": "pets"}, {"protocol", "size", "background"}),
        # pixels of one size are not scored
        ({"dataset": "pets", "size": "large"}, {"protocol", "size"}),
        # label maps without a background class, without objects
        ({"dataset": "streets"}, {"protocol"}),
    ],
)
def test_compare_offers_only_what_means_something(open_page, full, parameters, controls):
    app = open_page("pages/2_Compare_systems.py", full, **parameters)
    drawn = {each.key for each in [*app.selectbox, *app.get("button_group"), *app.toggle]}
    assert drawn & {"protocol", "size", "background"} == controls


@pytest.mark.parametrize(
    ("dataset", "score", "drawn"),
    [
        ("pets", "IoU of pixels", True),
        ("pets", "Box AP", False),
        ("streets", "Dice of pixels", False),
    ],
)
def test_class_page_asks_about_the_background_where_there_is_one(
    open_page, full, dataset, score, drawn
):
    filters = {"dataset": dataset, "class_score": score, "common": "true"}
    app = open_page("pages/3_Class_IoU.py", full, **filters)
    assert ("background" in {each.key for each in app.toggle}) == drawn
    assert app.selectbox(key="class_score").value == score


def test_link_chooses_the_score_and_leaves_the_background_out(open_page, pets):
    parameters = {"metric": "Dice", "background": "false"}
    app = open_page("pages/2_Compare_systems.py", pets, **parameters)
    assert app.selectbox(key="metric").value == "Dice"
    assert app.toggle(key="background").value is False


def test_findings_lead_to_the_score_they_speak_of(open_page, pets):
    told = findings(open_page("Home.py", pets))
    assert "Compare_systems?dataset=pets&split=val&metric=Box+AP\n" in told
    assert "Class_IoU?dataset=pets&split=val&class_score=Box+AP&from=shifted&to=sharp" in told


def test_compare_scores_one_size_without_pixels(open_page, pets):
    app = open_page("pages/2_Compare_systems.py", pets, size="large")
    assert not app.exception
    assert "Pixels have no size" in words(app)


def test_compare_rescores_for_the_class_of_the_sidebar(open_page, pets):
    of_all, of_dogs = (
        open_page("pages/2_Compare_systems.py", pets, **filters).dataframe[0].value
        for filters in ({}, {"class": "dog"})
    )
    column = ("Pixels · semantic maps", "Mean IoU")
    # two pixels of eight moved: 6 shared of 8 + 8 - 6
    assert of_dogs[column].iloc[1] == pytest.approx(60)
    assert of_all[column].iloc[1] != pytest.approx(60)


def test_class_page_lists_every_class_and_keeps_hostile_names_as_text(open_page, pets):
    app = open_page("pages/3_Class_IoU.py", pets)
    table = app.dataframe[0].value
    assert list(table["name"]) == ["cat", "dog", HOSTILE, "background"]
    assert list(table["images"]) == [12, 4, 1, 12]
    assert list(table["objects"]) == [12, 4, 1, 0]
    # two columns of ten moved: 8 shared of 10 + 10 - 8
    assert table["shifted"].iloc[0] == pytest.approx(100 * 8 / 12)


def test_class_page_leaves_the_background_out(open_page, pets):
    app = open_page("pages/3_Class_IoU.py", pets)
    app.toggle(key="background").set_value(False).run()
    assert list(app.dataframe[0].value["name"]) == ["cat", "dog", HOSTILE]


def test_class_page_with_one_run_says_what_is_missing(open_page, full):
    app = open_page("pages/3_Class_IoU.py", full, dataset="streets", split="test")
    assert "One run is shown" in words(app)


def test_unevaluated_runs_are_named_with_their_command(open_page, full):
    app = open_page("pages/3_Class_IoU.py", full, dataset="pets", split="val", runs=["raw"])
    assert "python -m core evaluate raw" in words(app)


def test_runs_page_shows_a_silent_job_as_dead(open_page, full):
    app = open_page("pages/15_Runs.py", full, run="silent")
    states = app.dataframe[0].value.set_index("run")["state"]
    assert states["silent"] == "dead"
    assert states["sharp"] == "done"
    # five minutes when the store was made; the tests before this one took their time
    assert re.search(r"The job is gone: its last sign of life was \d+ minutes ago", words(app))


def test_runs_page_shows_why_images_were_left_out(open_page, full):
    app = open_page("pages/15_Runs.py", full, run="half")
    left_out = next(frame.value for frame in app.dataframe if "stage" in frame.value)
    assert left_out["message"].iloc[0] == "the file ends too early"


@pytest.mark.parametrize(
    ("dataset", "split", "name"), [("pets", "val", HOSTILE), ("streets", "test", "car")]
)
def test_explore_shows_examples_of_the_class_of_the_sidebar(open_page, full, dataset, split, name):
    filters = {"dataset": dataset, "split": split, "class": name}
    app = open_page("pages/1_Explore_data.py", full, **filters)
    assert not app.exception
    shown = gallery_header(app.get("bidi_component")[0])
    assert len(shown["cells"]) == (1 if dataset == "pets" else 2)


def test_explore_counts_pixels_of_label_maps(open_page, full):
    app = open_page("pages/1_Explore_data.py", full, dataset="streets", split="test")
    assert app.get("plotly_chart")
    assert "labelled pixels" in str(app.get("button_group")[0].proto)
