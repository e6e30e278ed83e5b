"""Matching of objects, held against pycocotools and a plain reference."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings

from core.metrics import matching
from tests.core.metrics import reference
from tests.core.metrics.coco_tables import (
    coco_of,
    load_predictions,
    official,
    official_bits,
    real_case,
    row_ids,
    tables,
)
from tests.core.metrics.scenes import CATEGORIES, IMAGES, SIZE, crowded_scene, drawn, scene, scenes

GEOMETRIES = ("box", "mask")
ALL_BITS = 2**40 - 1
FILES = [
    ("yolov8n_int8_bbox.json", "box"),
    ("yolox_nano_bbox.json", "box"),
    ("yolov8n-seg_int8_segm.json", "box"),
    ("yolov8n-seg_int8_segm.json", "mask"),
]


def match(truth, predictions, geometry="box"):
    return matching.match_objects(*tables(truth, predictions, geometry), geometry)


def assert_matches_are_official(truth, predictions, geometry, evaluation=None):
    """Compare hits, ignored bits, matched annotation and its overlap with pycocotools."""
    evaluation = evaluation or official(truth, predictions, geometry)
    bits = official_bits(evaluation)
    coco = coco_of(truth)
    indices = {
        one["id"]: place for ones in coco.imgToAnns.values() for place, one in enumerate(ones)
    }
    ids = row_ids(load_predictions(coco, predictions))
    expected = [bits.get(one, (0, ALL_BITS, 0)) for one in ids]
    ours = match(truth, predictions, geometry)
    assert ours.hits.tolist() == [hits for hits, *_ in expected]
    assert ours.ignored.tolist() == [ignored for _, ignored, _ in expected]
    assert ours.matched.tolist() == [indices.get(matched, -1) for *_, matched in expected]
    return ours


def assert_matches_are_plain(truth, predictions, geometry):
    """Compare every column with the plain reference."""
    of_truth, of_predicted = tables(truth, predictions, geometry)
    ours = matching.match_objects(of_truth, of_predicted, geometry)
    overlaps = reference.overlap_matrix(of_truth, of_predicted, geometry)
    ranks = [reference.rank(of_predicted, row) for row in range(len(of_predicted))]
    assert ours.rank.tolist() == ranks
    hits, ignored = [0] * len(ranks), [0] * len(ranks)
    for area in range(4):
        for step, threshold in enumerate(np.linspace(0.5, 0.95, 10)):
            chosen, out = reference.match(of_truth, of_predicted, overlaps, area, threshold)
            for row, position in enumerate(ranks):
                bit = 1 << (10 * area + step)
                ignored[row] |= bit * int(out[row] or position >= 100)
                hits[row] |= bit * int(chosen[row] >= 0 and not out[row])
            if area == step == 0:
                assert_annotations(ours.matched, ours.iou, chosen, of_truth, overlaps)
    assert ours.hits.tolist() == hits
    assert ours.ignored.tolist() == ignored
    countable = overlaps * ~of_truth.crowd
    nearest = [row.argmax() if row.size and row.max() > 0 else -1 for row in countable]
    assert_annotations(ours.nearest, ours.nearest_iou, nearest, of_truth, overlaps)


def assert_annotations(indices, overlaps, rows, truth, matrix):
    assert indices.tolist() == [-1 if row < 0 else truth.indices[row] for row in rows]
    assert overlaps.tolist() == [0 if row < 0 else matrix[i, row] for i, row in enumerate(rows)]


@pytest.mark.shared
@pytest.mark.parametrize(("file", "geometry"), FILES)
def test_matches_of_real_detectors_are_those_of_pycocotools(shared_data, file, geometry):
    assert_matches_are_official(*real_case(shared_data, file, geometry)[:2], geometry,
                                real_case(shared_data, file, geometry)[2])  # fmt: skip


@pytest.mark.parametrize("geometry", GEOMETRIES)
@settings(max_examples=60, deadline=None)
@given(drawn_scene=scenes())
def test_matches_of_any_scene_are_those_of_pycocotools(geometry, drawn_scene):
    assert_matches_are_official(*drawn_scene, geometry)


@pytest.mark.parametrize("geometry", GEOMETRIES)
@settings(max_examples=25, deadline=None)
@given(drawn_scene=scenes())
def test_matches_of_any_scene_are_those_of_the_plain_reference(geometry, drawn_scene):
    assert_matches_are_plain(*drawn_scene, geometry)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_only_the_best_hundred_of_an_image_and_class_take_part(geometry):
    crowded = crowded_scene(seed=1)
    assert_matches_are_official(*crowded, geometry)
    ours = match(*crowded, geometry)
    beyond = ours.rank >= 100
    assert beyond.sum() > 50
    assert set(ours.ignored[beyond].tolist()) == {ALL_BITS}
    assert not ours.hits[beyond].any()
    assert set(ours.kind[beyond]) == {"ignored"}
    assert (ours.nearest[beyond] >= 0).any()


def test_the_plain_reference_agrees_on_a_crowded_scene():
    assert_matches_are_plain(*crowded_scene(seed=2), "box")


@pytest.mark.parametrize("area", [1024.0, 9216.0])
def test_an_area_on_a_bound_belongs_to_both_ranges(area):
    side = area**0.5
    one = [0, 0, side, side]
    ours = match(*scene([drawn(one, area=area, iscrowd=0)], [drawn(one, score=0.5)]))
    hit_ranges = [bool(int(ours.hits[0]) >> 10 * a & 1) for a in range(4)]
    assert hit_ranges == [True, area == 1024, True, area == 9216]


def test_the_area_of_the_file_decides_the_range_of_an_annotation():
    # a box of 100 square pixels whose file claims 5000: medium, though its prediction is small
    one = [0, 0, 10, 10]
    ours = match(*scene([drawn(one, area=5000, iscrowd=0)], [drawn(one, score=0.5)]))
    assert [int(ours.hits[0]) >> 10 * a & 1 for a in range(4)] == [1, 0, 1, 0]
    assert [int(ours.ignored[0]) >> 10 * a & 1 for a in range(4)] == [0, 1, 0, 1]


def test_a_crowd_region_excuses_any_number_of_predictions_by_their_own_area():
    region = drawn([0, 0, 100, 100], area=10000, iscrowd=1)
    # the second shares 10 of its 20 columns with the region, which is enough; the third only 9
    boxes = ([0, 0, 10, 10], [90, 0, 20, 10], [91, 0, 20, 10])
    predictions = [drawn(one, score=0.9) for one in boxes]
    ours = match(*scene([region], predictions))
    assert ours.hits.tolist() == [0, 0, 0]
    assert (ours.ignored & np.uint64(1)).tolist() == [1, 1, 0]
    assert ours.matched.tolist() == [0, 0, -1]
    assert ours.iou.tolist() == [1.0, 0.5, 0.0]
    assert ours.nearest.tolist() == [-1, -1, -1]


def test_an_annotation_that_counts_is_preferred_to_a_better_crowd_region():
    one = [0, 0, 20, 20]
    truth = [drawn(one, area=400, iscrowd=1), drawn([0, 0, 20, 12], area=240, iscrowd=0)]
    ours = match(*scene(truth, [drawn(one, score=0.9)]))
    assert (ours.matched[0], ours.iou[0]) == (1, 0.6)


def test_equal_overlaps_match_the_last_annotation_and_name_the_first_as_nearest():
    one = [0, 0, 20, 20]
    truth = [drawn(one, area=400, iscrowd=0) for _ in range(3)]
    ours = match(*scene(truth, [drawn(one, score=0.9)]))
    assert (ours.matched[0], ours.nearest[0]) == (2, 0)


def test_equal_scores_rank_in_the_order_of_the_file():
    worse, better = [0, 0, 20, 14], [0, 0, 20, 20]
    truth = [drawn(better, area=400, iscrowd=0)]
    predictions = [drawn(worse, score=0.5), drawn(better, score=0.5)]
    ours = assert_matches_are_official(*scene(truth, predictions), "box")
    assert ours.rank.tolist() == [0, 1]
    assert ours.matched.tolist() == [0, -1]


def test_an_overlap_of_one_is_enough_for_every_threshold():
    one = [0.1, 0.2, 0.3, 0.7]
    ours = match(*scene([drawn(one, area=0.21, iscrowd=0)], [drawn(one, score=1)]))
    assert int(ours.hits[0]) & 1023 == 1023


def test_annotation_id_0_is_matched_though_pycocotools_loses_it():
    one = [0, 0, 20, 20]
    truth, predictions = scene([drawn(one, area=400, iscrowd=0)], [drawn(one, score=0.9)])
    assert official(truth, predictions, "box").stats[0] == pytest.approx(1)
    truth["annotations"][0]["id"] = 0
    assert official(truth, predictions, "box").stats[0] == 0
    assert int(match(truth, predictions).hits[0]) & 1023 == 1023


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize(
    ("truth_boxes", "predicted_boxes"),
    [
        pytest.param([], [], id="nothing at all"),
        pytest.param([[0, 0, 9, 9]], [], id="no predictions"),
        pytest.param([], [[0, 0, 9, 9]], id="no annotations"),
        pytest.param([[5, 5, 0, 0]], [[5, 5, 0, 0]], id="no area"),
        pytest.param([[5, 5, 0, 9]], [[5, 5, 9, 9]], id="a line"),
        pytest.param([[0, 0, SIZE, SIZE]], [[0, 0, SIZE, SIZE]], id="the whole image"),
        pytest.param([[0, 0, 9, 9]] * 4, [[0, 0, 9, 9]] * 5, id="identical boxes"),
        pytest.param([[0, 0, 9, 9]], [[9, 0, 9, 9]], id="edges touch"),
        pytest.param([[120, 120, 8, 8]], [[0, 0, 8, 8]], id="far apart"),
    ],
)
def test_degenerate_shapes_fare_as_in_pycocotools(geometry, truth_boxes, predicted_boxes):
    truth = [drawn(one, area=50, iscrowd=0) for one in truth_boxes]
    predictions = [drawn(one, score=0.5) for one in predicted_boxes]
    assert_matches_are_official(*scene(truth, predictions), geometry)


def test_boxes_too_small_to_have_an_area_overlap_nothing():
    one = [0, 0, 1e-200, 1e-200]  # pycocotools divides 0 by 0 and matches the NaN
    ours = match(*scene([drawn(one, area=0, iscrowd=0)], [drawn(one, score=0.5)]))
    assert (ours.hits[0], ours.matched[0], ours.nearest[0], ours.kind[0]) == (
        0,
        -1,
        -1,
        "background",
    )


def test_objects_of_other_images_and_classes_are_never_matched():
    one = [0, 0, 20, 20]
    truth = [drawn(one, image=IMAGES[1], area=400, iscrowd=0),
             drawn(one, category=CATEGORIES[1], area=400, iscrowd=0)]  # fmt: skip
    ours = match(*scene(truth, [drawn(one, score=0.9)]))
    assert (ours.hits[0], ours.matched[0]) == (0, -1)
    assert (ours.nearest[0], ours.nearest_iou[0]) == (0, 1.0)  # the other class, not the image


def test_tables_must_be_sorted_by_image_and_predictions_scored():
    truth, predicted = tables(*crowded_scene(seed=3))
    shuffled = dataclasses.replace(predicted, images=predicted.images[::-1].copy())
    with pytest.raises(ValueError, match="images of the predictions do not ascend"):
        matching.match_objects(truth, shuffled, "box")
    with pytest.raises(ValueError, match="predictions need scores"):
        matching.match_objects(truth, truth, "box")
