"""Segmentations against pycocotools, on hostile masks."""

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from core.datasets.segments import segment_masks

pytestmark = pytest.mark.filterwarnings(
    # pycocotools decodes run lengths in a way that NumPy 2 frowns upon
    "ignore:__array__ implementation doesn.t accept a copy keyword:DeprecationWarning"
)


def painted(segment, shape):
    """What pycocotools makes of a segmentation as written."""
    written = segment.written
    if isinstance(written, dict):
        written = {**written, "counts": written["counts"].encode()}
        return coco_mask.decode(written).astype(bool)
    return coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(written, *shape))).astype(bool)


def disc(radius, centre, shape=(64, 80)):
    rows, columns = np.indices(shape)
    return (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2


def test_a_simple_mask_becomes_a_polygon_close_to_it():
    mask = disc(20, (30, 40))
    (segment,) = segment_masks([mask])
    assert isinstance(segment.written, list)
    pixels = painted(segment, mask.shape)
    assert (pixels & mask).sum() / (pixels | mask).sum() >= 0.95
    assert (
        segment.mask.counts
        == coco_mask.encode(np.asfortranarray(pixels.astype(np.uint8)))["counts"]
    )


@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(disc(20, (30, 40)) & ~disc(10, (30, 40)), id="with a hole"),
        pytest.param(disc(8, (20, 20)) | disc(8, (40, 60)), id="two pieces"),
        pytest.param(np.eye(64, 80, dtype=bool), id="a line one pixel wide"),
        pytest.param(np.pad([[True]], ((0, 63), (0, 79))), id="one pixel"),
        pytest.param(np.random.default_rng(0).random((64, 80)) < 0.5, id="noise"),
    ],
)
def test_run_lengths_are_exact(mask):
    (segment,) = segment_masks([mask])
    assert isinstance(segment.written, dict)
    assert segment.written["size"] == [64, 80]
    np.testing.assert_array_equal(painted(segment, mask.shape), mask)


def test_touching_masks_stay_disjoint_as_written():
    rng = np.random.default_rng(3)
    for _ in range(20):
        hidden = np.zeros((64, 80), dtype=bool)
        masks = []
        for _ in range(6):
            mask = disc(rng.uniform(4, 22), rng.uniform((0, 0), (64, 80))) & ~hidden
            if mask.any():
                masks.append(mask)
                hidden |= mask
        segments = segment_masks(masks)
        assert sum(painted(segment, (64, 80)).astype(int) for segment in segments).max() == 1


def test_no_masks_have_no_segments():
    assert segment_masks([]) == []
