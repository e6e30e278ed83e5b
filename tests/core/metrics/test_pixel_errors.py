"""Kinds of wrong pixels, held against masks of each class taken as the paper's code takes them."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from core.metrics import joint_runs, pixel_errors
from tests.core.metrics.maps import VOID, camvid_maps
from tests.core.metrics.test_boundary import blobs

EIGHT = np.ones((3, 3), np.uint8)
BOUNDARY, EXTENT, SEGMENT = 1, 2, 3


def disc(mask, distance):
    """Return which pixels have one of the mask at most distance, rounded, away."""
    steps = np.arange(-distance, distance + 1)
    kernel = np.round(np.hypot(*np.meshgrid(steps, steps))) <= distance
    return cv2.dilate(mask.astype(np.uint8), kernel.astype(np.uint8)).astype(bool)


def patches(mask):
    labels, count = ndimage.label(mask, EIGHT)
    return [labels == number for number in range(1, count + 1)]


def plain_side(mine, other, void, distance):
    """Return (H, W) the kind of what is in `mine` but not in `other`, void left out."""
    hit, neither, wrong = mine & other & ~void, ~(mine | other), mine & ~other
    near = wrong & disc(hit, distance) & disc(neither, distance)
    outline = wrong & disc(near, distance)
    touching = [cv2.dilate(each.astype(np.uint8), EIGHT).astype(bool) for each in (hit, neither)]
    for patch in patches(outline):
        if not all((patch & each).any() for each in touching):
            outline[patch] = False
    kinds = np.zeros(mine.shape, np.uint8)
    for segment in patches(mine):
        kinds[segment] = EXTENT if (segment & hit).any() else SEGMENT
    kinds[outline] = BOUNDARY
    kinds[~wrong | void] = 0
    return kinds


def plain_kinds(truth, predicted, class_count):
    """Return (H, W) the kinds as missed, and those as added, mask by mask."""
    distance = max(1, round(0.01 * np.hypot(*truth.shape)))
    void = truth == VOID
    missed, added = np.zeros(truth.shape, np.uint8), np.zeros(truth.shape, np.uint8)
    for each in range(class_count):
        true, seen = truth == each, predicted == each
        missed += plain_side(true, seen, void, distance)
        added += plain_side(seen, true, void, distance)
    return missed, added


def assert_as_plain(truth, predicted, class_count):
    runs = joint_runs.of_maps(truth, predicted, class_count)
    missed, added = pixel_errors.error_kinds(runs)
    expected = plain_kinds(truth, predicted, class_count)
    np.testing.assert_array_equal(missed, expected[0])
    np.testing.assert_array_equal(added, expected[1])
    assert_counted(pixel_errors.count_errors(runs, class_count), truth, predicted, *expected)


def assert_counted(counts, truth, predicted, missed, added):
    """Hold every count against the pixels of these kinds."""
    rows = zip(counts.classes, counts.kinds, counts.missed, counts.added, counts.wrong, strict=True)
    found = {(int(each), str(kind)): amounts for each, kind, *amounts in rows}
    assert len(found) == len(counts.classes)
    joined = np.maximum(missed, added)
    for each in range(12):
        true, seen = truth == each, predicted == each
        for code, kind in enumerate(pixel_errors.KINDS, 1):
            amounts = [
                (true & (missed == code)).sum(),
                (seen & (added == code)).sum(),
                (true & (joined == code)).sum(),
            ]
            assert list(found.get((each, kind), [0, 0, 0])) == amounts


def test_kinds_are_those_of_the_masks_of_each_class_on_real_maps(shared_data):
    maps = list(camvid_maps(shared_data))[:2]
    assert len(maps) == 2
    for truth, predicted in maps:
        assert_as_plain(truth, predicted, 11)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("height", "width"), [(60, 80), (97, 45), (211, 160), (3, 200), (200, 3), (1, 1), (2, 2)]
)
def test_on_unrelated_and_on_slightly_wrong_maps(height, width, seed):
    rng = np.random.default_rng(seed)
    truth, unrelated = (blobs(rng, height, width, 4, voids=1) for _ in range(2))
    for predicted in (unrelated, np.roll(truth, (1 + seed, -2), (0, 1)), rng.permutation(truth)):
        assert_as_plain(truth, predicted, 4)


@st.composite
def hostile_pairs(draw):
    """Draw small maps of rectangles: void, whole images of one class, specks of one pixel."""
    height, width = draw(st.integers(1, 14)), draw(st.integers(1, 120))
    maps = []
    for _ in range(2):
        labels = np.full((height, width), draw(st.sampled_from([0, 1, 2, VOID])), np.uint8)
        for _ in range(draw(st.integers(0, 6))):
            top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
            down, right = draw(st.integers(1, height)), draw(st.integers(1, width))
            label = draw(st.sampled_from([0, 1, 2, VOID]))
            labels[top : top + down, left : left + right] = label
        maps.append(labels)
    return maps


@given(hostile_pairs())
@settings(max_examples=150, deadline=None)
def test_the_kinds_partition_the_wrong_pixels(pair):
    truth, predicted = pair
    assert_as_plain(truth, predicted, 3)
    counts = pixel_errors.count_errors(joint_runs.of_maps(truth, predicted, 3), 3)
    wrong = (truth != VOID) & (truth != predicted)
    assert counts.missed.sum() == counts.wrong.sum() == wrong.sum()
    assert counts.added.sum() == (wrong & (predicted != VOID)).sum()
    missed = [counts.missed[counts.classes == each].sum() for each in range(3)]
    assert missed == [(wrong & (truth == each)).sum() for each in range(3)]


def kinds_of(truth, predicted, class_count=2):
    runs = joint_runs.of_maps(truth, predicted, class_count)
    return pixel_errors.joined_kinds(*pixel_errors.error_kinds(runs))


def test_a_square_drawn_too_wide_cut_short_and_invented():
    truth, predicted = (np.zeros((300, 400), np.uint8) for _ in range(2))  # d is 5
    truth[50:150, 50:150] = 1
    predicted[50:150, 50:153] = 1  # 3 columns too wide
    assert set(np.unique(kinds_of(truth, predicted))) == {0, BOUNDARY}
    predicted[50:150, 50:200] = 1  # 50 too wide
    assert (kinds_of(truth, predicted)[60:140, 160:200] == EXTENT).all()
    predicted[200:220, 300:310] = 1
    assert (kinds_of(truth, predicted)[200:220, 300:310] == SEGMENT).all()
    assert (kinds_of(truth, np.zeros_like(truth))[50:150, 50:150] == SEGMENT).all()


def test_what_stands_under_void_is_no_class():
    truth = np.array([[VOID, 0, 0]], np.uint8)
    predicted = np.array([[77, 0, 1]], np.uint8)
    assert kinds_of(truth, predicted).tolist() == [[0, 0, SEGMENT]]


def test_shares_and_iou_make_one():
    missed, added = np.array([[2, 0, 3], [0, 0, 0]]), np.array([[1, 4, 0], [0, 0, 0]])
    shares = pixel_errors.loss_shares(missed, added, [20, 0])
    assert shares[0].tolist() == [0.15, 0.2, 0.15]
    assert np.isnan(shares[1]).all()
