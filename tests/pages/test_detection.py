"""The page Detection: its figures, thresholds chosen elsewhere, links to errors.

In the store `pets` both runs find everything: sharp without a pixel off, shifted two columns off;
the first object of an image has a score of .9, the others .8 and .7.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.metrics.repairs import Repair
from core.scoring import score_runs
from core.scoring.painted import shown_pixels
from core.store import rows
from core.store.connection import Store
from core.structures import Prediction, Run
from pages.ui.palette import run_dashes
from tests.pages.made_up import add_run, objects, objects_dataset, shifted
from tests.pages.test_pages import words

PAGE = "pages/4_Detection.py"
AP, AT, CLASSES, ERRORS = range(4)


def table(app, place):
    return app.dataframe[place].value


@pytest.fixture(scope="module")
def splits(tmp_path_factory) -> Path:
    """Two splits, each answered by one system, which finds nothing on the last two images.

    It finds the cats of the others with a score of .7, and invents a dog on each: with .6 on val,
    with .75 on test.
    """
    store = Store.at(tmp_path_factory.mktemp("splits") / "store.duckdb")
    dataset = objects_dataset(6)
    for split, wrong in (("val", 0.6), ("test", 0.75)):
        own = type(dataset)(**{**vars(dataset), "split": split})
        with store.write() as cursor:
            rows.insert_dataset(cursor, own, painted=True)
        some = objects([(2, 2, 10, 12), (20, 2, 5, 5)], [0, 1], [0.7, wrong])
        predictions = [
            Prediction(image, None, some if image.id <= 4 else objects([], [], []))
            for image in own.images
        ]
        add_run(store, Run(f"net {split}", "net", "pets", split, {"size": 1}), predictions, 6)
        evaluate_run(store, f"net {split}")
    lonely = [shifted(image, 0, None) for image in dataset.images]
    add_run(store, Run("lonely", "other", "pets", "test"), lonely, 6)
    evaluate_run(store, "lonely")
    return store.path


def test_ap_is_that_of_the_scores(open_page, pets):
    shown = table(open_page(PAGE, pets), AP).set_index("run")
    with Store.at(pets).read() as cursor:
        for scores in score_runs(cursor, ["sharp", "shifted"]):
            for name, title in (("ap", "AP"), ("ap50", "AP50"), ("ap_small", "AP small")):
                assert shown.loc[scores.run, title] == pytest.approx(
                    100 * scores.scores[f"box_{name}"]
                )
    assert shown["AP large"].isna().all()


def test_line_says_how_much_is_looked_at(open_page, pets):
    assert "2 runs on the same 12 images · 17 annotated objects · all classes" in words(
        open_page(PAGE, pets)
    )
    some = open_page(PAGE, pets, tags=["odd"], **{"class": "dog"})
    # odd images are 1, 3, 5, …; dogs are on every third
    assert "2 runs on the same 6 images · 2 annotated objects · dog" in words(some)


def test_figures_follow_the_slider(open_page, pets):
    app = open_page(PAGE, pets, score="0.85")
    first = table(app, AT).iloc[0]
    assert (first["threshold"], first["TP"], first["FP"], first["FN"]) == (0.85, 12, 0, 5)
    assert first["recall"] == pytest.approx(100 * 12 / 17)
    assert (first["best F1"], first["at score"]) == (100, 0.8)
    app.slider(key="score").set_value(0.75).run()
    assert table(app, AT).iloc[0]["TP"] == 17


def test_boxes_that_lie_poorly_are_wrong_from_a_higher_iou_on(open_page, pets):
    # two columns of ten: 8 shared of 12
    at_half = table(open_page(PAGE, pets, runs=["shifted"]), AT).iloc[0]
    app = open_page(PAGE, pets, runs=["shifted"], overlap="0.70")
    stricter = table(app, AT).iloc[0]
    assert (at_half["TP"], at_half["FP"]) == (17, 0)
    assert stricter["TP"] == 0
    assert "AP at 0.70" in table(app, AP)
    assert table(app, AP)["AP at 0.70"].tolist() == [0]


def test_each_class_has_its_figures(open_page, pets):
    app = open_page(PAGE, pets, score="0.85", figure="recall")
    shown = table(app, CLASSES)
    assert shown["class"].tolist()[:2] == ["cat", "dog"]
    assert shown["objects"].tolist() == [12, 4, 1]
    assert shown["sharp"].tolist() == [100, 0, 0]
    one = open_page(PAGE, pets, figure="TP", **{"class": "dog"})
    assert table(one, CLASSES)["shifted"].tolist() == [4]


def test_threshold_is_chosen_on_another_split_and_applied_here(open_page, splits):
    app = open_page(
        PAGE, splits, dataset="pets", split="test", runs=["net test"], threshold="best F1 on val"
    )
    (shown,) = table(app, AT).to_dict("records")
    # on val .7 leaves out all that is wrong there, but here wrong ones score .75
    assert (shown["threshold"], shown["chosen on"]) == (0.7, "net val")
    # of 6 cats, 2 dogs and one more object 4 are found
    assert (shown["TP"], shown["FP"], shown["FN"]) == (4, 4, 5)
    assert shown["F1 there"] == pytest.approx(100 * 8 / 13)
    assert shown["F1"] == pytest.approx(100 * 8 / 17)


def test_runs_without_a_twin_on_that_split_have_no_threshold(open_page, splits):
    asked = {"threshold": "best F1 on val", "figure": "TP"}
    app = open_page(PAGE, splits, dataset="pets", split="test", **asked)
    shown = table(app, AT).set_index("run")
    assert np.isnan(shown.loc["lonely", "threshold"])
    assert "lonely: no evaluated run of the same system, weights and settings" in words(app)
    assert table(app, CLASSES)["net test"].tolist() == [4, 0, 0]
    assert table(app, CLASSES)["lonely"].isna().all()
    own = open_page(PAGE, splits, dataset="pets", split="test", threshold="best F1 on test itself")
    assert table(own, AT)["threshold"].tolist() == [0.7, 0.8]
    assert "flatter" in words(own)


def test_painted_maps_follow_the_slider(open_page, pets):
    app = open_page(PAGE, pets, by="masks", measure="painted mean IoU", score="0.85")
    shown = table(app, AT).set_index("run")["painted mean IoU"]
    with Store.at(pets).read() as cursor:
        expected = {
            run: 100 * shown_pixels(cursor, run).mean_ious([0.85], None)[0]
            for run in ("sharp", "shifted")
        }
        (at_half,) = score_runs(cursor, ["sharp"])
    assert shown.to_dict() == pytest.approx(expected)
    app.slider(key="score").set_value(0.5).run()
    shown = table(app, AT).set_index("run")["painted mean IoU"]
    assert shown["sharp"] == pytest.approx(100 * at_half.scores["miou"])


def test_protocol_changes_ap_and_says_how(open_page, splits):
    place = {"dataset": "pets", "split": "test", "runs": ["net test"]}
    coco = open_page(PAGE, splits, **place)
    voc = open_page(PAGE, splits, **place, ap_protocol="VOC 2007, 11 points")
    # cats: 4 of 6 are found, none is invented; nothing else is found
    assert table(coco, AP)["AP50"].iloc[0] == pytest.approx(100 * 67 / 101 / 3)
    assert table(voc, AP)["AP50"].iloc[0] == pytest.approx(100 * 7 / 11 / 3)
    assert "11 recall points" in words(voc)
    assert "101 recall points" in words(coco)


def test_gains_lead_to_the_errors(open_page, splits):
    app = open_page(PAGE, splits, dataset="pets", split="test", runs=["net test"])
    shown = table(app, ERRORS).set_index("kind")
    # the dog invented on image 3 overlaps a dog a little, which explains why that one is missed
    assert shown.loc["background", "errors"] == 3
    assert shown.loc["localisation", "errors"] == 1
    assert shown.loc["missed", "errors"] == 4
    assert shown.loc["false negatives", "errors"] == 5
    address = urlsplit(shown.loc["background", "failures"])
    assert address.path == "Failures"
    asked = parse_qs(address.query)
    assert asked["kinds"] == ["background"]
    assert (asked["score"], asked["by"], asked["runs"]) == (["0.0"], ["boxes"], ["net test"])
    listed = open_page(
        "pages/7_Failures.py",
        splits,
        **{
            name: values if name in ("runs", "kinds") else values[0]
            for name, values in asked.items()
        },
    )
    assert "with 3 errors" in words(listed)
    every = parse_qs(urlsplit(shown.loc["false positives", "failures"]).query)["kinds"]
    assert len(every) == 5
    assert "missed" not in every
    assert set(shown.index) == {repair.value for repair in Repair}


def test_links_to_errors_keep_the_images(open_page, full):
    place = {"dataset": "pets", "split": "val", "runs": ["half", "shifted"]}
    app = open_page(PAGE, full, common="true", tags=["odd"], score="0", overlap="0.50", **place)
    shown = table(app, ERRORS).set_index(["run", "kind"])
    address = shown.loc[("shifted", "missed"), "failures"]
    asked = parse_qs(urlsplit(address).query)
    assert (asked["tags"], asked["answered_by"]) == (["odd"], ["shifted", "half"])
    # of the first five images the odd ones hold five objects; with .95 all are missed
    values = {name: asked[name] for name in ("runs", "tags", "answered_by")}
    listed = open_page("pages/7_Failures.py", full, dataset="pets", score="0.95", **values)
    assert "**3 images of 12** with 5 errors" in words(listed)


def test_runs_with_different_images_are_not_ranked(open_page, full):
    app = open_page(PAGE, full, dataset="pets", split="val")
    assert "different images" in words(app)
    assert not app.dataframe


def test_label_maps_are_no_detections(open_page, full):
    app = open_page(PAGE, full, dataset="streets", split="test")
    assert "no boxes or masks" in words(app)
    assert "import-run my-run --dataset streets --split test" in words(app)


def test_a_size_that_no_object_has_leaves_the_curve_out(open_page, splits):
    app = open_page(PAGE, splits, dataset="pets", split="test", size="large")
    assert "Nothing is annotated here" in words(app)
    assert "0 annotated large objects" in words(app)


def test_lines_of_runs_differ_in_more_than_colour():
    dashes = run_dashes([f"run {i}" for i in range(6)])
    assert len(set(dashes.values())) == 6
