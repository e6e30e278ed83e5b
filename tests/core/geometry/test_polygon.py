"""Polygons are painted as pycocotools paints them, and refused before they can harm it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from core.errors import UsageError
from core.geometry import polygon, rle

# pycocotools 2.0.11 with NumPy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SQUARE = [0, 0, 10, 0, 10, 10, 0, 10]
WINDOW = [3, 3, 7, 3, 7, 7, 3, 7]

rings = st.lists(st.floats(-12, 24, width=32), min_size=3, max_size=8).flatmap(
    lambda xs: st.lists(st.floats(-12, 24), min_size=len(xs), max_size=len(xs)).map(
        lambda ys: [float(number) for point in zip(xs, ys, strict=True) for number in point]
    )
)


@settings(deadline=None, max_examples=150)
@given(st.lists(rings, min_size=1, max_size=3))
def test_polygons_are_painted_as_by_pycocotools(polygons):
    painted = polygon.rasterise(polygons, 12, 12)
    reference = coco_mask.merge(coco_mask.frPyObjects(polygons, 12, 12))
    np.testing.assert_array_equal(rle.decode(painted), coco_mask.decode(reference) > 0)


def test_a_polygon_inside_another_cuts_no_hole():
    assert rle.area(polygon.rasterise([SQUARE, WINDOW], 12, 12)) == 100


def test_an_outline_that_crosses_itself_is_filled_by_odd_crossings():
    keyhole = [*SQUARE, 0, 0, *WINDOW, 3, 3, 0, 0]
    assert rle.area(polygon.rasterise([keyhole], 12, 12)) == 100 - 16
    assert rle.area(polygon.rasterise([SQUARE + SQUARE], 12, 12)) == 0


def test_parts_that_overlap_count_once():
    assert rle.area(polygon.rasterise([SQUARE, [5, 5, 12, 5, 12, 12, 5, 12]], 12, 12)) == 124


def test_what_lies_outside_the_image_is_cut_off():
    assert rle.area(polygon.rasterise([[-12, -12, 24, -12, 24, 24, -12, 24]], 12, 12)) == 144


@pytest.mark.parametrize(
    ("polygons", "fault"),
    [
        pytest.param([], "no list of polygons", id="empty"),
        pytest.param({}, "no list of polygons", id="object"),
        pytest.param(SQUARE, "polygon 0 is of type int", id="flat"),
        pytest.param(
            [[[0, 0], [9, 0], [9, 9]]], "has 3 numbers; expected an even", id="point pairs"
        ),
        pytest.param([SQUARE, [1, 1, 5, 5]], "polygon 1 has 4 numbers", id="box-like"),
        pytest.param([[*SQUARE, 1]], "polygon 0 has 9 numbers; expected an even", id="odd"),
        pytest.param([[0, 0, 9, 0, 9, float("nan")]], "holds nan at place 5", id="NaN"),
        pytest.param([[0, 0, float("inf"), 0, 9, 9]], "holds inf at place 2", id="infinity"),
        pytest.param([[0, 0, 24.5, 0, 9, 9]], "one image width (12 px)", id="far right"),
        pytest.param([[0, -20.5, 9, 0, 9, 9]], "one image height (20 px)", id="far above"),
        pytest.param([[0, 0, 9, 0, 9, 10**400]], "one image height", id="huge integer"),
        pytest.param([[0, 0, 9, 0, 9, "9"]], "holds 9 at place 5; expected finite", id="text"),
        pytest.param([[0, 0, 9, 0, 9, True]], "holds True at place 5", id="bool"),
        pytest.param([[0, 0, 9, 0, 9, None]], "holds None at place 5", id="null"),
    ],
)
def test_malformed_polygons_are_told(polygons, fault):
    assert fault in (polygon.check_polygons(polygons, 20, 12) or "")
    with pytest.raises(UsageError, match="the polygons cannot be painted"):
        polygon.rasterise(polygons, 20, 12)


def test_points_may_lie_outside_by_one_image_size():
    assert polygon.check_polygons([[-12, -20, 24, 40, 0, 0]], 20, 12) is None
    assert "height is 0" in (polygon.check_polygons([SQUARE], 0, 12) or "")
