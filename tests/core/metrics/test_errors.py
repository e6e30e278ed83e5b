"""Kinds of error, held against TIDE's definitions written plainly."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from pycocotools import mask as coco_mask

from core.metrics import errors, matching
from tests.core.metrics import reference
from tests.core.metrics.coco_tables import real_case, tables
from tests.core.metrics.scenes import CATEGORIES, IMAGES, crowded_scene, drawn, scene, scenes

OBJECT = [0, 0, 20, 20]
OTHER_CLASS = CATEGORIES[1]


def kind_of(*predictions, truth=(OBJECT,)):
    """Return the kind of the last prediction, on annotations of the first class."""
    annotations = [drawn(box, area=400, iscrowd=0) for box in truth]
    tabled = tables(*scene(annotations, list(predictions)))
    return matching.match_objects(*tabled, "box").kind[-1]


@pytest.mark.parametrize(
    ("box", "category", "kind"),
    [
        pytest.param([0, 0, 20, 20], CATEGORIES[0], "hit", id="right"),
        pytest.param([0, 0, 20, 10], CATEGORIES[0], "hit", id="half is enough"),
        pytest.param([0, 0, 20, 9], CATEGORIES[0], "localisation", id="less than half"),
        pytest.param([0, 0, 20, 2], CATEGORIES[0], "localisation", id="a tenth"),
        pytest.param([0, 0, 20, 1], CATEGORIES[0], "background", id="less than a tenth"),
        pytest.param([0, 0, 20, 10], OTHER_CLASS, "classification", id="half, wrong class"),
        pytest.param([0, 0, 20, 9], OTHER_CLASS, "both", id="less than half, wrong class"),
        pytest.param([0, 0, 20, 2], OTHER_CLASS, "background", id="a tenth, wrong class"),
        pytest.param([60, 60, 9, 9], CATEGORIES[0], "background", id="nothing there"),
    ],
)
def test_kind_of_one_prediction_of_one_object(box, category, kind):
    assert kind_of(drawn(box, category=category, score=0.5)) == kind


def test_a_second_hit_of_an_object_is_a_duplicate():
    assert kind_of(drawn(OBJECT, score=0.9), drawn(OBJECT, score=0.8)) == "duplicate"


def test_a_second_hit_of_exactly_half_is_a_localisation_error_as_in_tide():
    assert kind_of(drawn(OBJECT, score=0.9), drawn([0, 0, 20, 10], score=0.8)) == "localisation"


def test_another_object_of_the_class_makes_a_poor_fit_a_localisation_error():
    # it overlaps the first class by 6/20 and the second by 14/20: place comes before class
    predictions = [drawn([0, 6, 20, 20], category=OTHER_CLASS, score=0.9)]
    annotations = [drawn(OBJECT, area=400, iscrowd=0),
                   drawn([0, 16, 20, 20], category=OTHER_CLASS, area=400, iscrowd=0)]  # fmt: skip
    tabled = tables(*scene(annotations, predictions))
    assert matching.match_objects(*tabled, "box").kind.tolist() == ["localisation"]


def test_without_annotations_every_prediction_is_background():
    assert kind_of(drawn(OBJECT, score=0.9), truth=()) == "background"
    assert kind_of(drawn(OBJECT, image=IMAGES[2], score=0.9)) == "background"


def test_crowd_regions_excuse_their_class_and_are_no_object_to_any_other():
    region = drawn([0, 0, 60, 60], area=3600, iscrowd=1)
    predictions = [drawn(OBJECT, score=0.9), drawn(OBJECT, category=OTHER_CLASS, score=0.9)]
    tabled = tables(*scene([region], predictions))
    assert matching.match_objects(*tabled, "box").kind.tolist() == ["ignored", "background"]


def plain_kinds(truth, predicted, matches, overlaps):
    """Ask TIDE's questions of each prediction; overlaps with crowd regions are left out."""
    hit, ignored = ((column & np.uint64(1)) > 0 for column in (matches.hits, matches.ignored))
    rows = {key: row for row, key in enumerate(zip(truth.images, truth.indices, strict=True))}
    used = np.zeros(len(truth), bool)
    for row in np.flatnonzero(matches.matched >= 0):
        used[rows[predicted.images[row], matches.matched[row]]] = True
    kinds = []
    for row in range(len(predicted)):
        here = (truth.images == predicted.images[row]) & ~truth.crowd
        same = truth.categories[here] == predicted.categories[row]
        kinds.append(
            reference.kind(
                overlaps[row][here], same, used[here], hit=hit[row], ignored=ignored[row]
            )
        )
    return kinds


@pytest.mark.parametrize("geometry", ["box", "mask"])
@settings(max_examples=40, deadline=None)
@given(drawn_scene=scenes())
def test_kinds_of_any_scene_follow_the_definitions(geometry, drawn_scene):
    truth, predicted = tables(*drawn_scene, geometry)
    matches = matching.match_objects(truth, predicted, geometry)
    overlaps = reference.overlap_matrix(truth, predicted, geometry)
    assert matches.kind.tolist() == plain_kinds(truth, predicted, matches, overlaps)


def test_kinds_of_a_crowded_scene_follow_the_definitions():
    truth, predicted = tables(*crowded_scene(seed=8))
    matches = matching.match_objects(truth, predicted, "box")
    overlaps = reference.overlap_matrix(truth, predicted, "box")
    assert matches.kind.tolist() == plain_kinds(truth, predicted, matches, overlaps)


@pytest.mark.shared
@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_kinds_of_a_real_detector_follow_the_definitions(shared_data, geometry):
    truth, predictions, _ = real_case(shared_data, "yolov8n-seg_int8_segm.json", geometry)
    truth, predicted = tables(truth, predictions, geometry)
    matches = matching.match_objects(truth, predicted, geometry)
    overlaps = np.zeros((len(predicted), len(truth)))
    for image in np.unique(truth.images):
        rows, columns = (np.flatnonzero(table.images == image) for table in (predicted, truth))
        shapes = [shapes_of(predicted, rows), shapes_of(truth, columns)]
        if len(rows) and len(columns):
            overlaps[np.ix_(rows, columns)] = coco_mask.iou(*shapes, [0] * len(columns))
    expected = plain_kinds(truth, predicted, matches, overlaps)
    assert matches.kind.tolist() == expected
    assert min(Counter(expected).values()) > 300
    assert set(expected) == set(errors.Kind) - {errors.Kind.MISSED}


def shapes_of(table, rows):
    """Return boxes or masks as pycocotools takes them."""
    if table.masks is None:
        return table.boxes[rows]
    # the width is not needed to compare, only that it is the same
    return [{"size": [int(table.heights[r]), 10_000], "counts": table.masks[r]} for r in rows]


def test_every_kind_has_a_description_of_one_sentence():
    assert set(errors.DESCRIPTIONS) == set(errors.Kind)
    assert all(text.endswith(".") and len(text) < 120 for text in errors.DESCRIPTIONS.values())
