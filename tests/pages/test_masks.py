"""The page Masks: which image, what the viewer gets, what the tables say.

In the store `pets` the runs hit every object; "shifted" sees them two pixels to the right. The
first object of an image has a score of .9, the second .8.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.store import rows
from core.store.connection import Store
from core.structures import Annotation, ImageRecord, Prediction, Run
from tests.pages.components import Payload, component
from tests.pages.made_up import HOSTILE, add_run, objects, objects_dataset, street

PAGE = "pages/6_Masks.py"
SURE = "by=boxes&score=0.85"


@pytest.fixture(scope="module")
def overlapping(tmp_path_factory) -> Path:
    """One image: a cat, and in front of it a dog; the run's cat is where the dog is."""
    image = ImageRecord(1, "both", "both.jpg", 24, 32)
    cat, dog = (2, 2, 10, 12), (2, 2, 10, 11)
    painted = np.full((24, 32), 3, np.uint8)
    painted[2:14, 2:12], painted[2:13, 2:12] = 0, 1
    annotation = Annotation(image, objects([cat, dog], [0, 1]), painted)
    store = Store.at(tmp_path_factory.mktemp("overlapping") / "store.duckdb")
    with store.write() as cursor:
        dataset = replace(objects_dataset(1), images=(image,), annotations={1: annotation})
        rows.insert_dataset(cursor, dataset, painted=True)
    predictions = [Prediction(image, None, objects([dog], [0], [0.9]))]
    add_run(store, Run("run", "boxes", "pets", "val"), predictions, 1)
    evaluate_run(store, "run")
    return store.path


def words(app) -> str:
    parts = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(part.value for part in parts)


def leaf(app) -> dict:
    return component(app, "overlook_leaf")


def table(app, column: str):
    """The table that has a column, which may be the second of two levels."""
    return next(
        frame.value for frame in app.dataframe if column in frame.value.columns.get_level_values(-1)
    )


@pytest.mark.parametrize(
    ("asked", "name"), [("3", "image 3"), ("image 4", "image 4"), (None, "image 1")]
)
def test_image_is_taken_from_the_address(open_page, pets, asked, name):
    app = open_page(PAGE, pets, **({"image": asked} if asked else {}))
    assert app.title[0].value == name
    assert not app.warning


@pytest.mark.parametrize("asked", ["99", "<script>alert(1)</script>", "' OR 1=1 --"])
def test_unknown_image_is_named_and_the_first_one_shown(open_page, pets, asked):
    app = open_page(PAGE, pets, image=asked)
    assert "There is no image with the name or id" in app.warning[0].value
    assert app.title[0].value == "image 1"
    assert not app.exception


def test_name_in_the_address_is_shown_as_text(open_page, pets):
    app = open_page(PAGE, pets, image="![x](http://elsewhere/x.png) :red[y]")
    assert r"\!\[x\]\(http\://elsewhere/x.png\) \:red\[y\]" in app.warning[0].value


def test_data_set_is_leafed_through_in_its_order(open_page, pets):
    shown = leaf(open_page(PAGE, pets, image="3"))
    assert shown["place"] == "3 of 12 · data set"
    assert [frame["href"] for frame in shown["strip"]] == [f"Masks?image={i}" for i in range(1, 13)]
    assert shown["at"] == 2
    assert shown["whole"] is None


def test_first_image_has_none_before_and_the_last_none_after(open_page, pets):
    first, last = (leaf(open_page(PAGE, pets, image=image)) for image in ("1", "12"))
    assert (first["at"], len(first["strip"])) == (0, 1 + 9)
    assert (last["at"], len(last["strip"])) == (3, 3 + 1)


def test_failures_are_leafed_through_worst_first(open_page, pets):
    shown = leaf(open_page(PAGE, pets, image="6", list=SURE))
    assert shown["place"] == "3 of 5 · failures by boxes, most errors first"
    around = shown["strip"][shown["at"] - 1 : shown["at"] + 2]
    assert [frame["href"] for frame in around] == [
        f"Masks?image={i}&list=by%3Dboxes%26score%3D0.85" for i in (3, 6, 9)
    ]
    assert shown["whole"] == "Failures?by=boxes&score=0.85"


def test_list_follows_the_class_of_the_sidebar(open_page, pets):
    shown = leaf(open_page(PAGE, pets, image="6", list=SURE, **{"class": "dog"}))
    assert shown["place"].startswith("2 of 4 ")


def test_image_beside_the_list_leads_into_it(open_page, pets):
    shown = leaf(open_page(PAGE, pets, image="2", list=SURE))
    assert shown["place"].startswith("not among the 5 ")
    assert shown["at"] == 0
    assert shown["strip"][1]["href"].startswith("Masks?image=1&")


def test_images_a_key_away_are_sent_ahead_as_they_will_be_shown(open_page, pets):
    app = open_page(PAGE, pets, image="6", list=SURE)
    sent = [
        Payload(each.proto.bytes).header
        for each in app.get("bidi_component")
        if each.proto.component_name == "overlook_ahead_en"
    ]
    assert [header["title"] for header in sent] == ["image 9", "image 12", "image 3"]
    for header in sent:
        own = open_page(PAGE, pets, image=header["title"], list=SURE)
        assert component(own, "overlook_viewer").header == header


def test_views_of_other_runs_classes_and_geometries_are_not_taken_for_this_one(open_page, pets):
    ways = [{}, {"runs": "sharp"}, {"objects": "masks"}, {"class": "dog"}]
    apps = [open_page(PAGE, pets, image="6", **way) for way in ways]
    headers = [component(app, "overlook_viewer").header for app in apps]
    assert len({header["context"] for header in headers}) == len(ways)
    assert len({header["image"] for header in headers}) == 1


def test_link_to_take_along_leaves_nothing_to_standard_values(open_page, pets):
    app = open_page(PAGE, pets, list=SURE, objects="masks", **{"class": "dog"})
    header = component(app, "overlook_viewer").header
    assert header["title"] == "image 3"
    assert header["address"] == (
        "Masks?dataset=pets&split=val&runs=sharp&runs=shifted&class=dog&objects=masks&image=3"
        "&list=by%3Dboxes%26score%3D0.85"
    )


def test_empty_list_still_shows_an_image(open_page, pets):
    app = open_page(PAGE, pets, list="by=boxes&kinds=duplicate")
    assert app.title[0].value == "image 1"
    assert not app.exception


def test_viewer_gets_the_annotation_and_every_run_judged(open_page, pets):
    payload = component(open_page(PAGE, pets, image="3"), "overlook_viewer")
    truth, sharp, moved = payload.header["layers"]
    assert [layer["name"] for layer in (truth, sharp, moved)] == ["annotation", "sharp", "shifted"]
    assert payload.objects(truth)["classes"] == [0, 1]
    judged = payload.objects(moved)
    assert judged["outcomes"] == ["right", "right"]
    assert judged["matched"] == [0, 1]
    assert judged["ious"] == pytest.approx([8 / 12, 6 / 10])
    assert moved["missed"] == []
    assert payload.header["threshold"] == 0.5
    names = [each["name"] for each in payload.header["classes"]]
    assert names == ["cat", "dog", HOSTILE, "background"]
    assert payload.header["classes"][3]["colour"] is None


def test_viewer_gets_the_maps_whose_pixels_were_counted(open_page, pets):
    payload = component(open_page(PAGE, pets, image="3"), "overlook_viewer")
    label_map = np.frombuffer(payload.labels(payload.header["layers"][2]), np.uint8)
    expected = np.full((24, 32), 3, np.uint8)
    expected[2:14, 4:14] = 0
    expected[4:14, 20:28] = 1
    np.testing.assert_array_equal(label_map.reshape(24, 32), expected)


def test_viewer_starts_at_the_score_of_the_list(open_page, pets):
    app = open_page(PAGE, pets, image="3", list=SURE)
    assert component(app, "overlook_viewer").header["threshold"] == 0.85


def test_missing_photograph_leaves_the_rest(open_page, pets):
    app = open_page(PAGE, pets, image="3")
    payload = component(app, "overlook_viewer")
    assert payload.header["photograph"] is None
    assert len(app.dataframe) == 3


def test_objects_and_how_each_run_fared(open_page, pets):
    objects = table(open_page(PAGE, pets, image="3"), "outcome")
    assert objects["annotated object", "class"].tolist() == ["cat", "dog"]
    assert objects["shifted", "outcome"].tolist() == ["hit", "hit"]
    assert objects["shifted", "score"].tolist() == [0.9, 0.8]
    assert objects["shifted", "IoU"].tolist() == pytest.approx([800 / 12, 60])


def test_tables_follow_the_score(open_page, pets):
    app = open_page(PAGE, pets, image="3", list=SURE)
    objects = table(app, "outcome")
    assert objects["sharp", "outcome"].tolist() == ["hit", "missed"]
    assert np.isnan(objects["sharp", "score"][1])
    predictions = table(app, "kind")
    assert predictions["run"].tolist() == ["sharp", "shifted"]
    assert "Predictions with a score of at least 0.85 (2)" in words(app)


def test_tables_follow_the_slider_of_the_viewer(open_page, pets):
    app = open_page(PAGE, pets, image="3")
    app.session_state["viewer 0.5"] = {"threshold": 0.95}
    app.run()
    assert table(app, "outcome")["sharp", "outcome"].tolist() == ["missed", "missed"]
    assert "Predictions with a score of at least 0.95 (0)" in words(app)
    # a viewer that is drawn anew stands where the slider was left
    assert component(app, "overlook_viewer").header["threshold"] == 0.95


def test_predictions_name_the_object_they_met(open_page, pets):
    predictions = table(open_page(PAGE, pets, image="3", runs=["shifted"]), "kind")
    assert predictions["object"].tolist() == ["cat #0", "dog #1"]
    assert predictions["kind"].tolist() == ["hit", "hit"]
    assert predictions["IoU"].tolist() == pytest.approx([800 / 12, 60])


def test_a_hit_is_held_against_the_object_it_matched_not_the_nearest(open_page, overlapping):
    app = open_page(PAGE, overlapping)
    payload = component(app, "overlook_viewer")
    run = payload.header["layers"][1]
    assert payload.objects(run)["ious"] == pytest.approx([11 / 12])  # with the dog it would be 1
    assert payload.objects(run)["matched"] == [0]
    assert run["missed"] == [1]
    predictions = table(app, "kind")
    assert predictions["object"].tolist() == ["cat #0"]
    assert predictions["IoU"].tolist() == pytest.approx([1100 / 12])


def test_annotated_pixels_are_counted_and_those_predicted_are_not(open_page, overlapping):
    ious = table(open_page(PAGE, overlapping), "pixels").set_index("class")
    assert ious["pixels"].to_dict() == {"cat": 10, "dog": 110, "background": 24 * 32 - 120}
    assert ious["run"].tolist() == pytest.approx([0, 0, 100 * 648 / 658])


def test_iou_of_the_classes_of_the_image(open_page, pets):
    app = open_page(PAGE, pets, image="3")
    ious = table(app, "pixels").set_index("class")
    assert ious.index.tolist() == ["cat", "dog", "background"]
    assert ious["pixels"].tolist() == [120, 80, 24 * 32 - 200]
    assert ious.loc["cat", "shifted"] == pytest.approx(800 / 12)
    assert ious["sharp"].tolist() == [100, 100, 100]
    # background: 568 pixels, 24 + 20 of them taken, as many given up elsewhere
    mean = (8 / 12 + 6 / 10 + 524 / 612) / 3
    assert f"sharp 100.0 % · shifted {100 * mean:.1f} %" in words(app)


def test_iou_of_label_maps_leaves_out_unlabelled_pixels(open_page, full):
    app = open_page(PAGE, full, dataset="streets", split="test", image="2")
    ious = table(app, "pixels").set_index("class")
    truth, predicted = street(2), np.roll(street(2), 3, axis=1)
    for index, name in enumerate(("road", "sky", "car")):
        true, found = truth == index, (predicted == index) & (truth != 255)
        assert ious.loc[name, "unet"] == pytest.approx(
            100 * (true & found).sum() / (true | found).sum()
        )
    assert len(app.dataframe) == 1


def test_runs_without_an_answer_are_named(open_page, full):
    app = open_page(PAGE, full, dataset="pets", split="val", image="9")
    assert "No answer to this image from half, raw, silent." in words(app)
    shown = component(app, "overlook_viewer").header["layers"]
    assert [layer["name"] for layer in shown] == ["annotation", "sharp", "shifted"]


def test_runs_that_are_not_evaluated_are_shown_but_not_judged(open_page, full):
    app = open_page(PAGE, full, dataset="pets", split="val", image="2", runs=["raw"])
    payload = component(app, "overlook_viewer")
    run = payload.header["layers"][1]
    assert payload.objects(run)["outcomes"] is None
    assert run["missed"] == []
    assert "Not judged by boxes, because not evaluated or without boxes: raw." in words(app)
    assert table(app, "kind")["kind"].isna().all()


def test_without_runs_the_annotation_is_shown(open_page, tmp_path):
    store = Store.at(tmp_path / "store.duckdb")
    with store.write() as cursor:
        rows.insert_dataset(cursor, objects_dataset(), painted=True)
    app = open_page(PAGE, store.path)
    assert "only the annotation is shown" in words(app)
    assert len(component(app, "overlook_viewer").header["layers"]) == 1
    assert table(app, "number")["annotated object", "class"].tolist() == ["cat", HOSTILE]


def test_masks_can_be_judged_instead_of_boxes(open_page, pets):
    app = open_page(PAGE, pets, image="3", objects="masks")
    judged = component(app, "overlook_viewer")
    assert judged.objects(judged.header["layers"][2])["ious"] == pytest.approx([8 / 12, 6 / 10])
    assert app.get("button_group")[0].value == "masks"


def test_search_offers_images_and_opens_one(open_page, pets):
    app = open_page(PAGE, pets, image="3")
    app.text_input(key="find image").set_value("IMAGE 1").run()
    found = [button.label for button in app.button if button.label.startswith("image")]
    assert found == ["image 1", "image 10", "image 11", "image 12"]
    app.button(key="found 11").click().run()
    assert app.title[0].value == "image 11"
    assert app.query_params["image"] == "11"
    assert app.text_input(key="find image").value == ""


def test_search_without_a_hit_says_so(open_page, pets):
    app = open_page(PAGE, pets)
    app.text_input(key="find image").set_value("zebra' --").run()
    assert "No image's name holds" in words(app)
