"""Drawn objects against the areas that geometry gives."""

import cv2
import numpy as np
import pytest

from core.datasets import photos, shapes

SIZE = 80.0


def polygon_area(corners):
    x, y = corners.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        pytest.param("circle", np.pi, id="circle of radius 1"),
        pytest.param("triangle", 3 * np.sqrt(3) / 4, id="equilateral triangle in the unit circle"),
        pytest.param("square", 1.6**2, id="square of side 1.6"),
        # ten triangles from the centre, between spokes of 1 and 0.42 that are 36 degrees apart
        pytest.param("star", 5 * 0.42 * np.sin(np.pi / 5), id="star"),
        # the area of this heart curve is 180 pi
        pytest.param("heart", 180 * np.pi / 17**2, id="heart"),
    ],
)
def test_areas_of_outlines(shape, area):
    assert polygon_area(shapes.outline(shape)) == pytest.approx(area, rel=0.005)


@pytest.mark.parametrize("shape", [shape for shape in shapes.SHAPES if shape != "ring"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_drawn_area_is_that_of_the_outline(shape, seed):
    covered = shapes.draw_shape(shape, SIZE, np.random.default_rng(seed))
    whole = polygon_area(shapes.outline(shape)) * (SIZE / 2) ** 2
    # squeezed to 0.86 at the least
    assert 0.83 * whole < covered.sum() < 1.05 * whole


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_ring_has_one_hole_in_its_middle(seed):
    covered = shapes.draw_shape("ring", SIZE, np.random.default_rng(seed))
    assert covered[covered.shape[0] // 2, covered.shape[1] // 2] == 0
    assert covered.max() == 1
    _, hierarchy = cv2.findContours(
        (covered >= 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    assert hierarchy.shape[1] == 2


def test_a_star_points_up_and_a_heart_down():
    assert shapes.outline("star")[0] == pytest.approx((0, -1))
    heart = shapes.outline("heart")
    assert heart[heart[:, 1].argmax()] == pytest.approx((0, 1), abs=0.01)


def test_an_unknown_shape_lists_the_known():
    with pytest.raises(ValueError, match="no shape 'hexagon'; known are circle, triangle"):
        shapes.outline("hexagon")


@pytest.mark.parametrize("size", [28, 48, 90])
@pytest.mark.parametrize("digit", range(10))
def test_an_enlarged_digit_still_looks_like_its_sample(digit, size):
    sample = photos.digits("train")[digit][0]
    covered = shapes.draw_digit(sample, size, np.random.default_rng(0))
    assert 0 <= covered.min() <= covered.max() == 1
    assert covered.any(axis=0)[[0, -1]].all()
    assert covered.any(axis=1)[[0, -1]].all()
    # some height is lost where the ink fades, some gained by the turn
    assert 0.75 * size < covered.shape[0] < 1.2 * size
    rows, columns = (np.flatnonzero((sample > 0.4).any(axis=axis)) for axis in (1, 0))
    ink = sample[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    small = cv2.resize(covered, ink.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), ink.ravel())[0, 1] > 0.6
