"""Matching inside classes alone: the hits of `match_objects`, however the work is divided."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings

from core.metrics import matching
from core.metrics.overlap import BLOCK, overlapping_pairs
from tests.core.metrics.coco_tables import real_case, tables
from tests.core.metrics.scenes import crowded_scene, scenes

GEOMETRIES = ("box", "mask")
COLUMNS = ("rank", "hits", "ignored")


def columns(hits: matching.Hits) -> list[list[int]]:
    return [getattr(hits, name).tolist() for name in COLUMNS]


def assert_same_hits(truth, predictions, geometry):
    both = tables(truth, predictions, geometry)
    expected = matching.match_objects(*both, geometry)
    assert columns(matching.match_classes(*both, geometry)) == columns(expected)


@pytest.mark.parametrize("geometry", GEOMETRIES)
@settings(max_examples=60, deadline=None)
@given(drawn_scene=scenes())
def test_hits_of_any_scene_are_those_of_the_whole_matching(geometry, drawn_scene):
    assert_same_hits(*drawn_scene, geometry)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_hits_beyond_a_hundred_predictions_are_those_of_the_whole_matching(geometry):
    assert_same_hits(*crowded_scene(seed=4), geometry)


@pytest.mark.shared
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_hits_of_a_real_detector_are_the_same_however_many_threads_share_its_images(
    shared_data, geometry
):
    truth, predictions, _ = real_case(shared_data, "yolov8n-seg_int8_segm.json", geometry)
    both = tables(truth, predictions, geometry)
    expected = columns(matching.match_objects(*both, geometry))
    images = np.unique(np.concatenate([each.images for each in both]))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for threads in (1, 2, 5):
            parts = np.array_split(images, 3 * threads)
            with ThreadPoolExecutor(threads) as pool:
                found = list(pool.map(lambda part: _of_images(both, part, geometry), parts))
            joined = [[number for part in found for number in part[c]] for c in range(len(COLUMNS))]
            assert joined == expected
    finally:
        sys.setswitchinterval(interval)


def _of_images(both, images, geometry):
    chosen = [each.where(np.isin(each.images, images)) for each in both]
    return columns(matching.match_classes(*chosen, geometry))


@pytest.mark.parametrize("geometry", GEOMETRIES)
@settings(max_examples=40, deadline=None)
@given(drawn_scene=scenes())
def test_pairs_of_one_class_are_those_of_all_pairs(geometry, drawn_scene):
    truth, predicted = tables(*drawn_scene, geometry)
    every, own = (
        overlapping_pairs(truth, predicted, geometry, own_class=only) for only in (False, True)
    )
    kept = truth.categories[every.rows] == predicted.categories[every.predictions]
    for column in ("rows", "overlaps", "predictions"):
        assert getattr(own, column).tolist() == getattr(every, column)[kept].tolist()


def test_masks_beyond_the_first_block_are_found_in_their_class(monkeypatch):
    assert BLOCK > 7
    monkeypatch.setattr("core.metrics.overlap.BLOCK", 7)
    assert_same_hits(*crowded_scene(seed=5), "mask")
