"""The page Masks: what the viewer gets, what the tables say.

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
from tests.pages.components import component
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


def table(app, column: str):
    """The table that has a column, which may be the second of two levels."""
    return next(
        frame.value for frame in app.dataframe if column in frame.value.columns.get_level_values(-1)
    )


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
