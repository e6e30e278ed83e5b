"""Sums and COCO's figures of multisets of images, against the multisets themselves."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.metrics import detection, matching
from core.metrics.kernels.resampling import least_counts
from core.metrics.significance import Amounts, Sums, image_means, object_measure
from core.structures import ObjectTable
from tests.core.metrics.coco_tables import official, real_case, tables
from tests.core.metrics.scenes import IMAGES, crowded_scene, scenes

FILE, EVERY = "yolov8n-seg_int8_segm.json", 4


def doubled(sums):
    return 2 * sums


def test_sums_are_those_of_the_images_each_as_often_as_it_weighs():
    rng = np.random.default_rng(3)
    table = rng.integers(0, 4, (7, 5)) * rng.integers(0, 2**40, (7, 5))
    weights = rng.integers(0, 4, (6, 7))
    measure = Sums(Amounts.of_table(table), doubled)
    assert np.array_equal(measure.scores(weights), 2 * weights @ table)


def test_joined_sums_are_those_of_both_runs():
    rng = np.random.default_rng(4)
    first, second = rng.integers(0, 9, (2, 5, 3))
    both = Sums(Amounts.of_table(first), doubled).joined(Sums(Amounts.of_table(second), doubled))
    weights = rng.integers(0, 3, (4, 10))
    assert both.images == 10
    assert np.array_equal(both.scores(weights), 2 * weights @ np.vstack([first, second]))


def test_mean_over_images_leaves_out_those_without_a_score():
    scores = np.array([[0.5, np.nan], [0.0, np.nan], [np.nan, 1.0]])
    weights = np.array([[3, 1, 5], [0, 0, 1], [1, 1, 0]])
    means = image_means(scores).scores(weights)
    assert means == pytest.approx(
        np.array([[1.5 / 4, 1], [np.nan, 1], [0.25, np.nan]]), nan_ok=True
    )


@pytest.mark.parametrize("positives", [1, 3, 7, 99, 100, 101, 365, 1000, 36_335])
def test_recall_is_reached_where_pycocotools_finds_it_reached(positives):
    recall = np.arange(positives + 1) / positives
    expected = np.searchsorted(recall, detection.RECALL_POINTS, side="left")
    assert np.array_equal(least_counts(positives, detection.RECALL_POINTS), expected)


def measures(truth, predictions, geometry="box", name="ap", area=0):
    """Return the measure of a scene, and the number of its images."""
    of_truth, of_predicted = tables(truth, predictions, geometry)
    rows = detection.match_rows(
        of_predicted, matching.match_objects(of_truth, of_predicted, geometry)
    )
    images = sorted(one["id"] for one in truth["images"])
    return object_measure(
        name,
        replace(rows, images=np.searchsorted(images, rows.images)),
        on_places(of_truth, images),
        len(images),
        len(truth["categories"]),
        area,
    )


def on_places(table: ObjectTable, images: list[int]) -> ObjectTable:
    return replace(table, images=np.searchsorted(images, table.images))


def multiset(truth, runs, weights):
    """Return the data set in which each image is as often as it weighs, and its predictions.

    Args:
        truth: a COCO dictionary.
        runs: predictions of each run.
        weights: (len(runs), I) how often an image is answered by each.
    """
    images, annotations, predictions = [], [], []
    for place, image in enumerate(sorted(truth["images"], key=lambda one: one["id"])):
        for run, found in enumerate(runs):
            for _ in range(weights[run][place]):
                copy = {"image_id": len(images) + 1}
                images.append({**image, "id": len(images) + 1})
                predictions += [{**o, **copy} for o in found if o["image_id"] == image["id"]]
                annotations += [
                    {**one, **copy}
                    for one in truth["annotations"]
                    if one["image_id"] == image["id"]
                ]
    numbered = [{**one, "id": index + 1} for index, one in enumerate(annotations)]
    return {**truth, "images": images, "annotations": numbered}, predictions


def assert_official(measure, weights, truth, predictions, name, geometry="box"):
    """Compare the figure, and that of each class, with pycocotools on the multiset."""
    evaluation = official(truth, predictions, geometry)
    figures = np.where(evaluation.stats == -1, np.nan, evaluation.stats)
    ours = measure.scores(np.array([weights]))[0]
    expected = figures[detection.FIGURES.index(name)]
    assert ours[0] == pytest.approx(expected, abs=1e-12, nan_ok=True)
    of_truth, rows = tables(truth, predictions, geometry)
    matches = matching.match_objects(of_truth, rows, geometry)
    accumulated = detection.accumulate(
        detection.match_rows(rows, matches),
        detection.positives(of_truth, len(truth["categories"])),
    )
    classes = detection.summarize_classes(accumulated)[name]
    assert ours[1:] == pytest.approx(classes, abs=1e-12, nan_ok=True)


@settings(max_examples=25, deadline=None)
@given(
    scenes(),
    st.lists(st.integers(0, 3), min_size=len(IMAGES), max_size=len(IMAGES)),
    st.sampled_from(detection.FIGURES),
)
def test_figures_of_a_multiset_are_those_of_pycocotools(case, weights, name):
    assume(any(weights))
    copied = multiset(case[0], [case[1]], [weights])
    assert_official(measures(*case, name=name), weights, *copied, name)


@pytest.mark.parametrize("name", detection.FIGURES)
@pytest.mark.parametrize("weights", [(3, 1, 1), (0, 5, 2), (2, 2, 0)])
def test_figures_of_copies_of_a_crowded_scene(name, weights):
    truth, predictions = crowded_scene(seed=1)
    copied = multiset(truth, [predictions], [weights])
    assert_official(measures(truth, predictions, name=name), weights, *copied, name)


@pytest.mark.parametrize("name", ["ap", "ap50", "ap_small", "ar10"])
@pytest.mark.parametrize("swapped", [(0, 1, 0), (1, 0, 1), (1, 1, 1), (0, 0, 0)])
def test_images_may_take_their_answers_from_another_run(name, swapped):
    truth, first = crowded_scene(seed=2)
    second = [
        {**one, "score": float(round(one["score"], 1)), "category_id": 2} for one in first[::2]
    ]
    both = measures(truth, first, name=name).joined(measures(truth, second, name=name))
    kept = [1 - one for one in swapped]
    mixed = multiset(truth, [first, second], [kept, swapped])
    assert_official(both, [*kept, *swapped], *mixed, name)


def test_figures_over_all_sizes_may_speak_of_one():
    truth, predictions = crowded_scene(seed=3)
    for name, of_size in (("ap", "ap_medium"), ("ar100", "ar_medium")):
        chosen, expected = (
            measures(truth, predictions, name=one, area=area).scores(np.array([[1, 2, 1]]))
            for one, area in ((name, 2), (of_size, 0))
        )
        assert np.array_equal(chosen, expected, equal_nan=True)


@pytest.mark.shared
def test_resampled_real_detector_scores_as_pycocotools_says(shared_data):
    whole, found, _ = real_case(shared_data, FILE, "mask")
    images = whole["images"][::EVERY]
    chosen = {image["id"] for image in images}
    of_image = (one for one in whole["annotations"] if one["image_id"] in chosen)
    truth = {**whole, "images": images, "annotations": list(of_image)}
    predictions = [one for one in found if one["image_id"] in chosen]
    measure = measures(truth, predictions, "mask")
    drawn = np.random.default_rng(5).integers(0, len(images), len(images))
    weights = np.bincount(drawn, minlength=len(images))
    copied = multiset(truth, [predictions], [weights])
    assert_official(measure, weights, *copied, "ap", "mask")


def test_measures_can_be_kept():
    measure = measures(*crowded_scene(seed=1))
    copy = pickle.loads(pickle.dumps(measure))
    weights = np.ones((1, len(IMAGES)), int)
    assert np.array_equal(copy.scores(weights), measure.scores(weights), equal_nan=True)
