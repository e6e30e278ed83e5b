"""AP by three rules, held against pycocotools and against Pascal VOC's rules written plainly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from core.metrics import AP_PROTOCOLS, detection
from core.metrics.average_precision import (
    VOC_RECALL_POINTS,
    average_precisions,
    ranked_curve,
    voc07_ap,
    voc_ap,
)
from tests.core.metrics.coco_tables import official, real_case
from tests.core.metrics.scenes import CATEGORIES, crowded_scene, scenes
from tests.core.metrics.test_detection import matched_rows


def plain_voc07(recall, precision):
    """As the development kit of 2007: the highest precision at each point or beyond."""
    points = []
    for point in VOC_RECALL_POINTS:
        beyond = [p for r, p in zip(recall, precision, strict=True) if r >= point]
        points.append(max(beyond, default=0.0))
    return sum(points) / 11


def plain_voc(recall, precision):
    """As the development kit of 2010: rectangles under the curve without dips."""
    area, before = 0.0, 0.0
    for place, reached in enumerate(recall):
        area += (reached - before) * max(precision[place:])
        before = reached
    return area


def plain_ap(rows, positives, step, area, index, rule):
    if not positives[index, area]:
        return np.nan
    bit = 1 << (10 * area + step)
    own = [
        (-rows.scores[i], rows.images[i], rows.rank[i], bool(int(rows.hits[i]) & bit))
        for i in range(len(rows.scores))
        if rows.categories[i] == index and not int(rows.ignored[i]) & bit
    ]
    true, recall, precision = 0, [], []
    for place, (*_, hit) in enumerate(sorted(own), start=1):
        true += hit
        recall.append(true / positives[index, area])
        precision.append(true / place)
    return rule(recall, precision)


def assert_as_plain(drawn_scene):
    truth, rows = matched_rows(*drawn_scene)
    positives = detection.positives(truth, len(CATEGORIES))
    for protocol, rule in (("voc07", plain_voc07), ("voc", plain_voc)):
        ours = average_precisions(rows, positives, protocol)
        for step, area, index in np.ndindex(ours.shape):
            expected = plain_ap(rows, positives, step, area, index, rule)
            assert ours[step, area, index] == pytest.approx(expected, abs=1e-12, nan_ok=True)


@settings(max_examples=25, deadline=None)
@given(drawn_scene=scenes())
def test_voc_of_any_scene_follows_its_rules(drawn_scene):
    assert_as_plain(drawn_scene)


def test_voc_of_a_crowded_scene_follows_its_rules():
    assert_as_plain(crowded_scene(seed=2))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "geometry"),
    [("yolov8n_int8_bbox.json", "box"), ("yolov8n-seg_int8_segm.json", "mask")],
)
def test_coco_of_real_detectors_is_that_of_pycocotools(shared_data, file, geometry):
    truth, predictions, evaluation = real_case(shared_data, file, geometry)
    of_truth, rows = matched_rows(truth, predictions, geometry)
    scores = average_precisions(rows, detection.positives(of_truth, 80))
    expected = evaluation.eval["precision"][..., 2].transpose(0, 3, 2, 1)
    there = expected[..., 0] > -1
    assert np.array_equal(there, ~np.isnan(scores))
    assert scores[there] == pytest.approx(expected.mean(axis=-1)[there], abs=1e-12)
    stats = evaluation.stats
    assert np.nanmean(scores[:, 0]) == pytest.approx(stats[0], abs=1e-12)
    assert np.nanmean(scores[0, 0]) == pytest.approx(stats[1], abs=1e-12)
    assert [np.nanmean(scores[:, area]) for area in (1, 2, 3)] == pytest.approx(stats[3:6])


@pytest.mark.parametrize("seed", range(2))
def test_coco_of_crowded_scenes_is_that_of_pycocotools(seed):
    truth, predictions = crowded_scene(seed)
    of_truth, rows = matched_rows(truth, predictions)
    scores = average_precisions(rows, detection.positives(of_truth, len(CATEGORIES)))
    stats = official(truth, predictions, "box").stats
    assert np.nanmean(scores[:, 0]) == pytest.approx(stats[0], abs=1e-12)


def test_three_of_ten_do_not_reach_the_fourth_point_of_voc():
    # the float of the reference is .30000000000000004
    hits = np.array([True, True, True])
    assert voc07_ap(*ranked_curve(hits, 10)) == pytest.approx(3 / 11)
    assert voc_ap(*ranked_curve(hits, 10)) == pytest.approx(0.3)


def test_nothing_predicted_scores_zero_by_every_rule():
    nothing = ranked_curve(np.zeros(0, bool), 3)
    assert voc07_ap(*nothing) == voc_ap(*nothing) == 0


def test_unknown_protocol_is_refused():
    truth, rows = matched_rows(*crowded_scene(seed=1))
    with pytest.raises(ValueError, match="no protocol 'voc12'; known are coco, voc07, voc"):
        average_precisions(rows, detection.positives(truth, 3), "voc12")


def test_every_protocol_says_in_a_sentence_what_it_is():
    assert all(text.endswith(".") for text in AP_PROTOCOLS.values())
