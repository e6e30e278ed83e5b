"""Counts, precision, recall and F1 for every least score, held against counting one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from core.metrics import detection, sweep
from tests.core.metrics import reference
from tests.core.metrics.coco_tables import real_case, tables
from tests.core.metrics.scenes import CATEGORIES, crowded_scene, drawn, scene, scenes
from tests.core.metrics.test_detection import matched_rows

LEAST = (0.0, 0.1, 0.2, 0.25, 0.3, 0.5, 0.55, 0.9, 1.0)


def counted(drawn_scene, area, step):
    truth, rows = matched_rows(*drawn_scene)
    return truth, rows, detection.positives(truth, len(CATEGORIES)), area, step


def plain_counts(drawn_scene, least, area, step):
    """Match only the predictions above the score, and count what each became."""
    truth, predictions = drawn_scene
    above = [one for one in predictions if one["score"] >= least]
    of_truth, of_predicted = tables(truth, above)
    overlaps = reference.overlap_matrix(of_truth, of_predicted, "box")
    chosen, ignored = reference.match(of_truth, of_predicted, overlaps, area, 0.5 + 0.05 * step)
    ranks = np.array([reference.rank(of_predicted, row) for row in range(len(of_predicted))], int)
    kept = ~ignored & (ranks < 100)
    low, high = reference.AREA_RANGES[area]
    there = ~of_truth.crowd & (of_truth.areas >= low) & (of_truth.areas <= high)
    counts = np.zeros((3, len(CATEGORIES)), int)
    for index in range(len(CATEGORIES)):
        own = kept & (of_predicted.categories == index)
        counts[0, index] = np.count_nonzero(own & (chosen >= 0))
        counts[1, index] = np.count_nonzero(own & (chosen < 0))
        positives = np.count_nonzero(there & (of_truth.categories == index))
        counts[2, index] = positives - counts[0, index]
    return counts


def assert_counts(counts, expected):
    assert np.array_equal([counts.tp, counts.fp, counts.fn], expected)


@settings(max_examples=40, deadline=None)
@given(drawn_scene=scenes())
def test_counts_of_any_scene_and_score_are_those_of_matching_anew(drawn_scene):
    truth, rows = matched_rows(*drawn_scene)
    positives = detection.positives(truth, len(CATEGORIES))
    for area, step in ((0, 0), (2, 3)):
        found = sweep.sweep_classes(rows, positives, step, area)
        together = sweep.sweep_together(rows, positives, step, area)
        for least in LEAST:
            expected = plain_counts(drawn_scene, least, area, step)
            assert_counts(found.at(least), expected)
            assert_counts(together.at(least), expected.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("seed", range(2))
def test_counts_of_crowded_scenes_are_those_of_matching_anew(seed):
    crowded = crowded_scene(seed)
    truth, rows = matched_rows(*crowded)
    found = sweep.sweep_classes(rows, detection.positives(truth, 3), 1, 1)
    for least in (0.0, 0.2, 0.3, 0.7):
        assert_counts(found.at(least), plain_counts(crowded, least, 1, 1))


@pytest.mark.shared
def test_every_score_of_a_real_detector_counts_as_counting_it_alone(shared_data):
    truth, predictions, _ = real_case(shared_data, "yolox_nano_bbox.json", "box")
    of_truth, rows = matched_rows(truth, predictions)
    positives = detection.positives(of_truth, 80)
    found = sweep.sweep_classes(rows, positives, 4)
    for score in (0.0, *np.unique(rows.scores)[::997], 0.5, 1.0):
        alone = detection.counts_at(rows, positives, score, 4)
        assert_counts(found.at(score), [alone.tp, alone.fp, alone.fn])


def test_scores_of_a_group_are_distinct_and_descend():
    truth, rows = matched_rows(*crowded_scene(seed=3))
    found = sweep.sweep_classes(rows, detection.positives(truth, 3), 0)
    for index in range(3):
        scores, counts = found.group(index)
        assert (np.diff(scores) < 0).all()
        assert (np.diff(counts.tp + counts.fp) > 0).all()


def test_best_score_is_the_lowest_of_those_with_the_highest_f1():
    one, other = [0, 0, 20, 20], [50, 50, 20, 20]
    truth = [drawn(one, area=400, iscrowd=0), drawn(other, area=400, iscrowd=0)]
    predictions = [
        drawn(one, score=0.9),  # one of two found: F1 2/3
        drawn([90, 90, 9, 9], score=0.8),
        drawn([100, 90, 9, 9], score=0.8),
        drawn(other, score=0.4),  # both found, two wrong: F1 4/6
    ]
    of_truth, rows = matched_rows(*scene(truth, predictions))
    found = sweep.sweep_classes(rows, detection.positives(of_truth, 3), 0)
    thresholds, values = sweep.best_scores(found)
    assert thresholds[0] == 0.4
    assert values[0] == pytest.approx(2 / 3)
    assert np.isnan(thresholds[1:]).all()
    assert np.isnan(values[1:]).all()


@pytest.mark.parametrize("seed", range(3))
def test_best_score_beats_every_other(seed):
    truth, rows = matched_rows(*crowded_scene(seed))
    positives = detection.positives(truth, 3)
    found = sweep.sweep_together(rows, positives, 0)
    (threshold,), (value,) = sweep.best_scores(found)
    values = [sweep.f1(found.at(score))[0] for score in np.unique(rows.scores)]
    assert value == max(values)
    assert sweep.f1(found.at(threshold))[0] == value


def test_without_predictions_precision_is_unknown_and_recall_is_none():
    truth = [drawn([0, 0, 20, 20], area=400, iscrowd=0)]
    of_truth, rows = matched_rows(*scene(truth, []))
    counts = sweep.sweep_classes(rows, detection.positives(of_truth, 2), 0).at(0.5)
    assert np.isnan(sweep.precision(counts)).all()
    assert sweep.recall(counts).tolist()[0] == 0
    assert np.isnan(sweep.recall(counts)[1])
    assert sweep.f1(counts).tolist()[0] == 0
    assert np.isnan(sweep.f1(counts)[1])
