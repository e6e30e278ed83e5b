"""Segmentations against pycocotools, on hostile masks."""

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from core.datasets.segments import segment

pytestmark = pytest.mark.filterwarnings(
    # pycocotools decodes run lengths in a way that NumPy 2 frowns upon
    "ignore:__array__ implementation doesn.t accept a copy keyword:DeprecationWarning"
)


def painted(made, shape):
    """What pycocotools makes of a segmentation as written."""
    written = made.written
    if isinstance(written, dict):
        written = {**written, "counts": written["counts"].encode()}
        return coco_mask.decode(written).astype(bool)
    return coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(written, *shape))).astype(bool)


def disc(radius, centre, shape=(64, 80)):
    rows, columns = np.indices(shape)
    return (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2


def test_a_simple_mask_becomes_a_polygon_close_to_it():
    mask = disc(20, (30, 40))
    made = segment(mask)
    assert isinstance(made.written, list)
    pixels = painted(made, mask.shape)
    assert (pixels & mask).sum() / (pixels | mask).sum() >= 0.95
    assert (
        made.mask.counts == coco_mask.encode(np.asfortranarray(pixels.astype(np.uint8)))["counts"]
    )


@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(disc(20, (30, 40)) & ~disc(10, (30, 40)), id="with a hole"),
        pytest.param(disc(8, (20, 20)) | disc(8, (40, 60)), id="two pieces"),
        pytest.param(np.random.default_rng(0).random((64, 80)) < 0.5, id="noise"),
    ],
)
def test_run_lengths_are_exact(mask):
    made = segment(mask)
    assert isinstance(made.written, dict)
    assert made.written["size"] == [64, 80]
    np.testing.assert_array_equal(painted(made, mask.shape), mask)


@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(np.eye(64, 80, dtype=bool), id="a line one pixel wide"),
        pytest.param(np.pad([[True]], ((0, 63), (0, 79))), id="one pixel"),
    ],
)
def test_thin_masks_survive(mask):
    made = segment(mask)
    pixels = painted(made, mask.shape)
    assert (pixels & mask).sum() / (pixels | mask).sum() >= 0.95


def test_no_segmentation_leaves_its_mask_or_loses_much_of_it():
    rng = np.random.default_rng(3)
    kinds = set()
    for _ in range(25):
        noise = cv2.GaussianBlur(rng.random((40, 48)), (0, 0), rng.uniform(0.8, 4))
        level = np.digitize(noise, np.quantile(noise, [0.3, 0.6]))
        for value in range(3):
            count, labels = cv2.connectedComponents((level == value).astype(np.uint8))
            for label in range(1, count):
                mask = labels == label
                made = segment(mask)
                pixels = painted(made, mask.shape)
                assert not (pixels & ~mask).any()
                assert pixels.sum() >= 0.95 * mask.sum()
                kinds.add(type(made.written))
    assert kinds == {list, dict}
