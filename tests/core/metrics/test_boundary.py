"""Boundary IoU, held against erosions of each class as boundary-iou-api makes them."""

import cv2
import numpy as np
import pytest

from core.metrics import boundary, joint_runs, pixel
from tests.core.metrics.maps import VOID, camvid_maps


def reference_band(mask):
    """Return mask_to_boundary of boundary-iou-api 37d2558, written anew."""
    height, width = mask.shape
    dilation = max(1, round(0.02 * np.sqrt(height**2 + width**2)))
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    eroded = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=dilation)
    return (mask - eroded[1:-1, 1:-1]).astype(bool)


def reference(truth, predicted, class_count):
    """Return (class, truth, predicted, shared) of each class that has a band."""
    void = truth == np.iinfo(truth.dtype).max
    rows = []
    for each in range(class_count):
        true, seen = (
            reference_band(((labels == each) & ~void).astype(np.uint8))
            for labels in (truth, predicted)
        )
        if true.any() or seen.any():
            rows.append((each, true.sum(), seen.sum(), (true & seen).sum()))
    return rows


def count(truth, predicted, class_count):
    runs = joint_runs.of_maps(truth, predicted, class_count)
    return boundary.count_boundaries(runs, class_count)


def counted(truth, predicted, class_count):
    counts = count(truth, predicted, class_count)
    return list(zip(counts.classes, counts.truth, counts.predicted, counts.shared, strict=True))


def blobs(rng, height, width, class_count, voids):
    """Return a map of blocky regions, some of them void."""
    size = (-(-height // 7), -(-width // 9))
    labels = rng.integers(0, class_count + voids, size)
    labels[labels == class_count] = VOID
    whole = np.kron(labels, np.ones((7, 9), int))[:height, :width]
    specks = rng.random(whole.shape) < 0.01
    return np.where(specks, rng.integers(0, class_count, whole.shape), whole).astype(np.uint8)


def test_bands_are_those_of_the_reference(shared_data):
    maps = list(camvid_maps(shared_data))[:6]
    assert len(maps) == 6
    for truth, predicted in maps:
        assert counted(truth, predicted, 11) == reference(truth, predicted, 11)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("height", "width"), [(60, 80), (97, 45), (240, 31), (3, 200), (1, 1), (2, 2), (3, 3)]
)
def test_hostile_maps_too(height, width, seed):
    rng = np.random.default_rng(seed)
    truth, predicted = (blobs(rng, height, width, 4, voids=1) for _ in range(2))
    assert counted(truth, predicted, 4) == reference(truth, predicted, 4)
    wide = predicted.astype(np.uint16)
    wide[predicted == VOID] = 65535
    assert counted(truth, wide, 4) == reference(truth, predicted, 4)


@pytest.mark.parametrize(
    ("height", "width", "distance"), [(480, 640, 16), (360, 480, 12), (1, 1, 1), (30, 40, 1)]
)
def test_the_band_is_2_per_cent_of_the_diagonal_wide(height, width, distance):
    assert boundary.band_width(height, width) == distance
    whole = np.zeros((height, width), np.uint8)
    inner = max(height - 2 * distance, 0) * max(width - 2 * distance, 0)
    assert counted(whole, whole, 1) == [(0, *[height * width - inner] * 3)]


def scores(truth, predicted, class_count=2):
    counts = count(truth, predicted, class_count)
    columns = (counts.truth, counts.predicted, counts.shared)
    zeros = np.zeros(len(counts.classes))
    keys, tallies = boundary.boundary_tallies(zeros, counts.classes, *columns, class_count)
    assert keys.tolist() == [0]
    return pixel.iou(tallies)[0]


def test_a_perfect_map_scores_1_also_along_void():
    truth = blobs(np.random.default_rng(1), 60, 80, 2, voids=1)
    predicted = np.where(truth == VOID, 1, truth).astype(np.uint8)
    assert scores(truth, predicted).tolist() == [1.0, 1.0]


def test_a_wholly_wrong_map_of_two_classes_scores_0():
    truth = blobs(np.random.default_rng(2), 60, 80, 2, voids=0)
    assert scores(truth, 1 - truth).tolist() == [0.0, 0.0]


def test_rows_of_images_in_any_order_become_tallies():
    keys, tallies = boundary.boundary_tallies(
        [7, 3, 7], [1, 0, 0], [10, 4, 2], [8, 5, 0], [6, 3, 0], 2
    )
    assert keys.tolist() == [3, 7]
    assert tallies.tp.tolist() == [[3, 0], [0, 6]]
    assert tallies.fp.tolist() == [[2, 0], [0, 2]]
    assert tallies.fn.tolist() == [[1, 0], [2, 4]]


def test_what_cannot_be_counted_is_told():
    zeros = np.zeros((4, 5), np.uint8)
    with pytest.raises(ValueError, match=r"truth is \(4, 5\) but predicted is \(5, 4\)"):
        count(zeros, zeros.T, 2)
    with pytest.raises(ValueError, match="class index 2, but there are 2 classes"):
        count(zeros, zeros + 2, 2)
