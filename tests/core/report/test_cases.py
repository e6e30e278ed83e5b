"""Which images are told, and what is painted on them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from core.report.answers import Answer
from core.report.cases import BOX, DIFFER, HARDEST, MASK, PIXELS, chosen_images, way_of
from core.report.pictures import LONGEST_SIDE, OPACITY, painted, side_of, small_photograph
from core.structures import Objects
from tests.factories import make_rle

LOSSES = pd.DataFrame({"a": [0.0, 5, 9, 4, 0], "b": [0.0, 5, 1, 0, 7]}, index=[11, 12, 13, 14, 15])


def test_half_are_where_runs_differ_and_half_where_all_fail():
    told = chosen_images(LOSSES, 4)
    # 13 differs by 8, 15 by 7; all runs fail by 5 on 12 and by 1 on 13, which is taken; 14 is left
    assert [(each.image, each.reason) for each in told] == [
        *((13, DIFFER), (15, DIFFER), (14, DIFFER)),
        (12, HARDEST),
    ]
    assert told[0].losses == {"a": 9.0, "b": 1.0}
    assert [each.image for each in chosen_images(LOSSES, 2)] == [13, 12]


def test_an_image_without_a_fault_is_never_told():
    assert 11 not in {each.image for each in chosen_images(LOSSES, 100)}
    assert chosen_images(LOSSES * 0, 5) == []


def test_of_one_run_the_worst_are_told():
    told = chosen_images(LOSSES[["a"]], 2)
    assert [(each.image, each.reason) for each in told] == [(13, HARDEST), (12, HARDEST)]


@pytest.mark.parametrize(
    ("metric", "masks", "expected"),
    [
        ("miou", True, PIXELS),
        ("mask_ap", True, MASK),
        ("box_ap50", True, BOX),
        ("top1", True, MASK),
        ("top1", False, BOX),
        (None, False, BOX),
    ],
)
def test_images_are_judged_as_the_metric_does(metric, masks, expected):
    runs = pd.DataFrame({"has_masks": [masks], "has_boxes": [True], "pixel_source": ["painted"]})
    split = pd.Series({"has_masks": True, "has_objects": True, "located": True})
    assert way_of(metric, runs, split) == expected


def test_maps_and_masks_are_blended_in_the_colour_of_their_class():
    ground = np.full((4, 6, 3), 100, np.uint8)
    label_map = np.zeros((4, 6), np.uint8)
    label_map[1, 2], label_map[3, 3] = 1, 255
    picture = painted(ground, Answer("a", None, label_map), 4, 6, [None, "#ff0000"])
    mixed = round((1 - OPACITY) * 100 + OPACITY * 255), round((1 - OPACITY) * 100)
    assert picture[1, 2].tolist() == [mixed[0], mixed[1], mixed[1]]
    changed = (picture != ground).any(axis=2)
    assert changed.sum() == 1


def test_objects_are_painted_at_the_size_of_the_picture():
    mask = np.zeros((80, 120), bool)
    mask[20:60, 40:80] = True
    objects = Objects(
        np.array([[40.0, 20, 40, 40]]),
        np.zeros(1, np.int32),
        np.array([1600.0]),
        np.zeros(1, bool),
        np.ones(1),
        (make_rle(mask),),
    )
    ground = np.zeros((40, 60, 3), np.uint8)
    picture = painted(ground, Answer("a", objects, None), 80, 120, ["#0000ff"])
    assert picture[20, 30].tolist() == [0, 0, round(OPACITY * 255)]
    assert picture[10, 20].tolist() == [0, 0, 255]
    assert not picture[:8].any()
    assert not picture[:, 50:].any()


def test_a_photograph_is_reduced_and_a_lost_one_is_grey(tmp_path: Path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.full((90, 720, 3), (10, 20, 30), np.uint8))
    picture, found = small_photograph(path, 90, 720, LONGEST_SIDE)
    assert found
    assert picture.shape == (45, 360, 3)
    assert picture[0, 0].tolist() == [30, 20, 10]
    for lost, height in ((tmp_path / "none.png", 90), (path, 91)):
        grey, found = small_photograph(lost, height, 720, LONGEST_SIDE)
        assert not found
        assert set(np.unique(grey)) == {128}


def test_many_pictures_are_smaller_so_that_the_page_has_a_size():
    assert side_of(1) == side_of(60) == LONGEST_SIDE
    areas = {count: count * side_of(count) ** 2 for count in (60, 120, 312)}
    assert max(areas.values()) <= 1.02 * areas[60]
