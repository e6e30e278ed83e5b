"""Where objects lie and what is visible of them."""

from dataclasses import replace

import numpy as np
import pytest

from core.datasets.placement import Placed, place, visible_masks
from core.datasets.recipes import SCENES

CROWDED = replace(SCENES[2], objects=(9, 9), overlap=1.0)


def block(top, left, height=4, width=4):
    return Placed(0, np.ones((height, width), np.float32), top, left)


def test_later_objects_hide_earlier_ones():
    lower, upper = visible_masks([block(0, 0), block(2, 0)], 8, 8)
    assert lower.sum() == 8
    assert upper.sum() == 16
    assert not (lower & upper).any()


def test_an_object_beyond_the_edge_keeps_its_whole_area():
    corner = block(-2, 6)
    assert corner.mask(8, 8).sum() == 4
    assert corner.mask(8, 8)[:2, 6:].all()
    assert corner.area == 16


def test_a_pixel_counts_from_half_coverage_on():
    covered = np.array([[0.49, 0.5, 1.0]], np.float32)
    assert Placed(0, covered, 0, 0).mask(1, 3).tolist() == [[False, True, True]]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(block(0, 0), 1.0, id="same place"),
        pytest.param(block(2, 2), 0.25, id="a quarter"),
        pytest.param(block(4, 0), 0.0, id="side by side"),
        pytest.param(block(6, 6), 0.0, id="apart along both axes"),
        pytest.param(block(1, 1, 2, 2), 1.0, id="inside: share of the smaller"),
    ],
)
def test_overlap_of_boxes(other, expected):
    assert block(0, 0).overlap(other) == expected
    assert other.overlap(block(0, 0)) == expected


def test_who_is_hardly_visible_is_left_out():
    def draw(size):
        return 0, np.ones((60, 60), np.float32)

    for seed in range(5):
        placed = place(CROWDED, 64, 64, draw, np.random.default_rng(seed))
        masks = visible_masks(placed, 64, 64)
        assert 1 <= len(placed) < 9
        for each, mask in zip(placed, masks, strict=True):
            assert mask.sum() >= 0.3 * each.area


def test_an_easy_scene_has_no_overlap_and_nothing_beyond_the_edge():
    def draw(size):
        return 0, np.ones((int(size), int(size)), np.float32)

    for seed in range(20):
        placed = place(SCENES[0], 192, 160, draw, np.random.default_rng(seed))
        masks = visible_masks(placed, 192, 160)
        assert [mask.sum() for mask in masks] == [each.area for each in placed]
