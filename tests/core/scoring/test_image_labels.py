"""Scores of image labels from the store, against scikit-learn on labels made by plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as reference

from core.evaluate import evaluate_run
from core.metrics import calibration
from core.metrics.image_labels import THRESHOLDS
from core.scoring import Choice, score_runs
from core.scoring.image_labels import label_scores
from core.store.connection import Store
from core.store.queries import catalogue
from core.store.queries.ask import sql_text
from core.structures import Dataset
from tests.core.scoring.label_scene import (
    BACKGROUND,
    MAPS,
    NEVER,
    OBJECTS,
    dataset_of,
    found,
    label,
    predictions_of,
)
from tests.filling import put, put_run
from tests.noting import NotingCursor


def pairs_of(dataset: Dataset, predictions, class_: int, *, derived: bool):
    """Return truth and probabilities of the images of which it is known."""
    pairs = []
    for each in predictions:
        truth = label(dataset, each.image.id, class_)
        if truth is not None:
            said = found(dataset, each, class_) if derived else each.probabilities[class_]
            pairs.append((truth, said))
    return np.array([truth for truth, _ in pairs]), np.array([said for _, said in pairs])


def by_hand(dataset: Dataset, predictions, classes=(1, 2, 3, NEVER), *, derived=False, at=0.5):
    """Return macro F1, precision, recall and AP of the classes that occur."""
    rows, aps = [], []
    for class_ in classes:
        truth, said = pairs_of(dataset, predictions, class_, derived=derived)
        if truth.any() or (said >= at).any():
            rows.append(
                reference.precision_recall_fscore_support(
                    truth, said >= at, average="binary", zero_division=0
                )[:3]
            )
        if truth.any():
            aps.append(reference.average_precision_score(truth, said))
    precision, recall, f1 = np.mean(rows, axis=0)
    return {"f1": f1, "precision": precision, "recall": recall, "ap": np.mean(aps)}


@pytest.fixture(scope="module", params=["objects", "maps", "both"])
def scene(request, tmp_path_factory):
    """Runs on test and val, of objects or of label maps; truth of objects, maps or both."""
    store = Store.at(tmp_path_factory.mktemp("labels") / "store.duckdb")
    splits = {}
    for seed, split in enumerate(("test", "val", "train")):
        dataset = dataset_of(request.param, split, seed)
        predictions = predictions_of(dataset, seed + 10, maps=request.param == "maps")
        put(store, dataset)
        flags = MAPS if request.param == "maps" else OBJECTS
        put_run(store, dataset, predictions, split, **flags)
        evaluate_run(store, split)
        splits[split] = (dataset, predictions)
    return store, splits


def scores(store: Store, run: str, images=None, **choice):
    with store.read() as cursor:
        return score_runs(cursor, [run], images=images, choice=Choice(**choice))[0]


def test_what_the_system_says_is_scored_as_by_hand(scene):
    store, splits = scene
    expected = by_hand(*splits["test"])
    one = scores(store, "test")
    for name, score in expected.items():
        assert one.scores[f"image_label_{name}"] == pytest.approx(score, abs=1e-12), name
    assert "image labels from a probability of 0.50 on" in one.protocol


def test_what_the_system_found_is_scored_apart(scene):
    store, splits = scene
    expected = by_hand(*splits["test"], derived=True)
    one = scores(store, "test").scores
    assert one["derived_label_f1"] == pytest.approx(expected["f1"], abs=1e-12)
    if splits["test"][1][0].label_map is None:
        assert one["derived_label_ap"] == pytest.approx(expected["ap"], abs=1e-12)
    else:
        assert one["derived_label_ap"] is None


def test_the_tuned_threshold_is_the_best_of_val(scene):
    store, splits = scene
    macro = {at: by_hand(*splits["val"], at=at)["f1"] for at in THRESHOLDS}
    best = next(at for at, f1 in macro.items() if f1 >= max(macro.values()) - 1e-12)
    one = scores(store, "test")
    expected = by_hand(*splits["test"], at=best)["f1"]
    assert one.scores["image_label_f1_tuned"] == pytest.approx(expected, abs=1e-12)
    assert f"tuned from {best:.2f} on, chosen on val with val" in one.protocol
    assert "chosen on train with train" in scores(store, "val").protocol


def test_calibration_pools_every_known_pair_but_the_background(scene):
    store, splits = scene
    columns = [pairs_of(*splits["test"], class_, derived=False) for class_ in (1, 2, 3, NEVER)]
    truth, said = (np.concatenate(each) for each in zip(*columns, strict=True))
    expected = calibration.ece(calibration.reliability(said, truth))
    one = scores(store, "test")
    assert one.scores["image_label_ece"] == pytest.approx(expected, abs=1e-12)
    assert calibration.ece(one.label_reliability) == pytest.approx(expected, abs=1e-12)


def test_classes_have_their_own_scores_and_the_background_none(scene):
    store, splits = scene
    classes = scores(store, "test").classes.set_index("class")
    assert classes.loc[BACKGROUND, ["image_label_f1", "image_label_ap"]].isna().all()
    assert np.isnan(classes.loc[NEVER, "image_label_ap"])
    expected = by_hand(*splits["test"], classes=[2])
    for name in ("f1", "precision", "recall", "ap"):
        assert classes.loc[2, f"image_label_{name}"] == pytest.approx(expected[name], abs=1e-12)


def test_a_subset_of_images_and_classes(scene):
    store, (dataset, predictions) = scene[0], scene[1]["test"]
    with store.read() as cursor:
        keys = cursor.execute(
            "SELECT image_id FROM image WHERE split = 'test' AND source_id <= 12"
        ).fetchall()
    one = scores(store, "test", [key for (key,) in keys], classes=(1, 3))
    expected = by_hand(dataset, predictions[:12], classes=(1, 3))
    assert one.scores["image_label_f1"] == pytest.approx(expected["f1"], abs=1e-12)
    assert one.scores["image_label_ap"] == pytest.approx(expected["ap"], abs=1e-12)
    assert scores(store, "test", size="small").scores["image_label_f1"] is None


def test_other_settings_or_weights_are_no_place_to_choose_a_threshold(scene, tmp_path):
    store = Store.at(tmp_path / "store.duckdb")
    for split in ("test", "val"):
        dataset, predictions = scene[1][split]
        put(store, dataset)
        put_run(store, dataset, predictions, split, **(OBJECTS if predictions[0].objects else MAPS))
        evaluate_run(store, split)
    assert scores(store, "test").scores["image_label_f1_tuned"] is not None
    for change in ("settings = '{}'", "weights_sha256 = 'other'", "system = 'other'"):
        with store.write() as cursor:
            kept = cursor.execute("SELECT settings, weights_sha256, system FROM run LIMIT 1")
            (before,) = kept.fetchall()
            cursor.execute(f"UPDATE run SET {change} WHERE name = 'val'")
        assert scores(store, "test").scores["image_label_f1_tuned"] is None, change
        with store.write() as cursor:
            cursor.execute("UPDATE run SET settings = ?, weights_sha256 = ?, system = ?", before)
    assert scores(store, "val").scores["image_label_f1_tuned"] is None  # never on test


def test_labels_are_asked_for_once(scene):
    with scene[0].read() as opened:
        cursor = NotingCursor(opened)
        runs = catalogue.runs(cursor).set_index("run", drop=False)
        label_scores(cursor, runs.loc["test"], None, 5, BACKGROUND, Choice())
    asked = [given["runs"] for text, given in cursor.asked if text == sql_text("image_labels")]
    assert asked == [[runs.loc[split, "run_id"]] for split in ("test", "val")]


@pytest.fixture
def alone(tmp_path):
    """Return a function that stores a data set with one run and scores it."""

    def scored(dataset: Dataset, predictions, *statements: str, painted=False, **flags):
        store = Store.at(tmp_path / "store.duckdb")
        put(store, dataset, painted=painted)
        put_run(store, dataset, predictions, "one", **flags)
        evaluate_run(store, "one")
        with store.write() as cursor:
            for statement in statements:
                cursor.execute(statement)
        return scores(store, "one").scores

    return scored


def test_maps_painted_from_objects_show_no_class_by_themselves(alone):
    dataset = dataset_of("both", "val", 3)
    predictions = predictions_of(dataset, 3, maps=False)
    for image, annotation in dataset.annotations.items():
        painted = np.full_like(annotation.label_map, 3)
        dataset.annotations[image] = replace(annotation, label_map=painted)
    one = alone(dataset, predictions, painted=True, **OBJECTS)
    only_objects = replace(
        dataset,
        annotations={
            key: replace(each, label_map=None) for key, each in dataset.annotations.items()
        },
    )
    expected = by_hand(only_objects, predictions)
    assert one["image_label_f1"] == pytest.approx(expected["f1"], abs=1e-12)


def test_a_store_whose_labelled_pixels_were_never_counted_has_no_such_scores(alone):
    dataset = dataset_of("maps", "val", 0)
    predictions = predictions_of(dataset, 0, maps=True)
    one = alone(dataset, predictions, "DELETE FROM annotation_pixel", **MAPS)
    assert {score for name, score in one.items() if "label_" in name} == {None}


def test_equal_probabilities_rank_nothing(alone):
    dataset = dataset_of("objects", "val", 0)
    flat = [
        replace(each, probabilities=np.full(5, 0.5))
        for each in predictions_of(dataset, 0, maps=False)
    ]
    one = alone(dataset, flat, **OBJECTS)
    expected = by_hand(dataset, flat)
    assert one["image_label_ap"] == pytest.approx(expected["ap"], abs=1e-12)
    assert one["image_label_recall"] == pytest.approx(expected["recall"], abs=1e-12)


def test_a_run_without_a_label_head_has_derived_scores_alone(alone):
    dataset = dataset_of("objects", "val", 0)
    silent = [replace(each, probabilities=None) for each in predictions_of(dataset, 0, maps=False)]
    one = alone(dataset, silent, **{**OBJECTS, "has_labels": False})
    assert one["image_label_f1"] is None
    assert one["derived_label_f1"] is not None
