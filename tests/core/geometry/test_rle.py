"""Run-length masks: held against pycocotools, and against strings that would crash it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco_mask

from core.errors import UsageError
from core.geometry import rle
from core.structures import Rle

# pycocotools 2.0.11 with NumPy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

quick = settings(deadline=None, max_examples=150)
masks = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12))
counts_characters = st.text(alphabet=[chr(code) for code in range(48, 112)], max_size=12)


def coco_rle(mask: np.ndarray) -> dict[str, object]:
    return coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))


@quick
@given(masks)
def test_masks_are_encoded_measured_and_decoded_as_by_pycocotools(mask):
    ours, reference = rle.encode(mask), coco_rle(mask)
    assert ours == Rle(*mask.shape, reference["counts"])
    assert rle.check_counts(ours.counts, *mask.shape) is None
    np.testing.assert_array_equal(rle.decode(ours), mask)
    np.testing.assert_array_equal(rle.decode(ours), coco_mask.decode(reference) > 0)
    assert rle.area(ours) == mask.sum() == coco_mask.area(reference)
    assert rle.box(ours) == tuple(coco_mask.toBbox(reference))


@quick
@given(masks)
def test_runs_are_the_lengths_in_columns_and_make_the_same_mask_again(mask):
    encoded = rle.encode(mask)
    runs = rle.runs_of(encoded)
    values = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    np.testing.assert_array_equal(values, mask.ravel(order="F"))
    assert rle.from_runs(runs.tolist(), *mask.shape) == encoded


@quick
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=20))
def test_runs_of_any_lengths_are_written_as_by_pycocotools(runs):
    height = sum(runs)
    assume(1 <= height <= rle.MAX_SIDE)
    reference = coco_mask.frPyObjects({"size": [height, 1], "counts": runs}, height, 1)
    assert rle.from_runs(runs, height, 1).counts == reference["counts"]
    assert rle.runs_of(Rle(height, 1, reference["counts"])).tolist() == runs


@quick
@given(st.binary(max_size=16) | counts_characters, st.integers(1, 9), st.integers(1, 9))
def test_any_string_is_refused_or_decodes_to_the_whole_image(counts, height, width):
    if rle.check_counts(counts, height, width) is None:
        mask = rle.from_counts(counts, height, width)
        assert rle.runs_of(mask).min() >= 0
        assert rle.runs_of(mask).sum() == height * width
        values = np.repeat(np.arange(len(rle.runs_of(mask))) % 2 == 1, rle.runs_of(mask))
        np.testing.assert_array_equal(rle.decode(mask).ravel(order="F"), values)
    else:
        with pytest.raises(UsageError, match="the mask cannot be read"):
            rle.from_counts(counts, height, width)


@quick
@given(masks, st.data())
def test_a_changed_character_never_slips_through_as_another_size(mask, data):
    counts = bytearray(rle.encode(mask).counts)
    place = data.draw(st.integers(0, len(counts) - 1))
    counts[place] = data.draw(st.integers(0, 255))
    if rle.check_counts(bytes(counts), *mask.shape) is None:
        assert rle.runs_of(Rle(*mask.shape, bytes(counts))).sum() == mask.size


@pytest.mark.parametrize(
    ("counts", "fault"),
    [
        pytest.param(b"", "sum to 0 pixels; expected 4 x 3 = 12", id="empty"),
        pytest.param(b";", "sum to 11 pixels; expected 4 x 3 = 12", id="one pixel short"),
        pytest.param(b"=", "reach 13 pixels at run 0; expected 4 x 3 = 12", id="one too many"),
        pytest.param(b"<0000<", "reach 24 pixels at run 5", id="too many in a later run"),
        pytest.param(b"O=", "run 0 of the counts has a negative length", id="negative first run"),
        pytest.param(b"111N", "run 3 of the counts has a negative length", id="negative by steps"),
        pytest.param(b"1P", "cut off inside the number at position 1", id="cut off"),
        pytest.param(b"PPPPPPPPPPPP1", "more than 6 characters at position 0", id="endless number"),
        pytest.param(b"1/", r"byte b'/' at position 1", id="below the alphabet"),
        pytest.param(b"1p", r"byte b'p' at position 1", id="above the alphabet"),
        pytest.param(b"<\0", r"byte b'\x00' at position 1", id="zero byte"),
        pytest.param(b"\xff", r"byte b'\xff' at position 0", id="not ASCII"),
        pytest.param("1\u00e9", "position 1", id="text that is not ASCII"),
        pytest.param("\ud800", "position 0", id="lone surrogate"),
    ],
)
def test_malformed_counts_are_told(counts, fault):
    assert fault in (rle.check_counts(counts, 4, 3) or "")


@pytest.mark.parametrize(
    ("runs", "fault"),
    [
        pytest.param([], "sum to 0 pixels; expected 4 x 3 = 12", id="empty"),
        pytest.param([4, 4], "sum to 8 pixels", id="too few"),
        pytest.param([12, 1], "sum to 13 pixels", id="too many"),
        pytest.param([13, -1], "counts[1] is -1; expected whole numbers from 0", id="negative"),
        pytest.param([6.0, 6], "counts[0] is 6.0", id="float"),
        pytest.param([True, 11], "counts[0] is True", id="bool"),
        pytest.param(["12"], "counts[0] is 12", id="text"),
        pytest.param([2**70], "sum to 1180591620717411303424", id="beyond 64 bits"),
    ],
)
def test_malformed_runs_are_told(runs, fault):
    assert fault in (rle.check_runs(runs, 4, 3) or "")
    with pytest.raises(UsageError, match="the mask cannot be read"):
        rle.from_runs(runs, 4, 3)


@pytest.mark.parametrize(
    ("height", "width", "fault"),
    [
        pytest.param(0, 3, "height is 0", id="no rows"),
        pytest.param(3, 0, "width is 0", id="no columns"),
        pytest.param(-3, -4, "height is -3", id="negative, though the product fits"),
        pytest.param(2**31, 1, "expected a whole number from 1 to 65500", id="2**31"),
        pytest.param(65500, 65500, "at most 178956970", id="too many pixels"),
        pytest.param(3.0, 4, "height is 3.0", id="float"),
        pytest.param(True, 4, "height is True", id="bool"),
    ],
)
def test_sizes_out_of_bounds_are_told_everywhere(height, width, fault):
    assert fault in (rle.check_size(height, width) or "")
    assert fault in (rle.check_counts(b"<", height, width) or "")
    assert fault in (rle.check_runs([12], height, width) or "")
    for read in (rle.runs_of, rle.decode, rle.area, rle.box):
        with pytest.raises(UsageError, match="the mask cannot be read"):
            read(Rle(height, width, b"<"))


@pytest.mark.parametrize("read", [rle.runs_of, rle.decode, rle.area, rle.box])
def test_an_unchecked_mask_is_refused_before_pycocotools_sees_it(read):
    with pytest.raises(UsageError, match="sum to 11 pixels"):
        read(Rle(4, 3, b";"))


def test_the_largest_image_can_be_encoded_as_one_run():
    height, width = 65_500, rle.MAX_PIXELS // 65_500
    mask = rle.from_runs([0, height * width], height, width)
    assert rle.area(mask) == height * width
    assert rle.box(mask) == (0, 0, width, height)


def test_foreground_runs_of_no_pixel_do_not_widen_the_box():
    mask = rle.from_runs([1, 0, 4, 2, 5, 0], 4, 3)
    assert rle.box(mask) == (1, 1, 1, 2)
    assert rle.area(mask) == 2


def test_an_empty_mask_has_an_empty_box():
    assert rle.box(rle.encode(np.zeros((4, 3), bool))) == (0, 0, 0, 0)
    assert rle.box(rle.from_runs([12, 0], 4, 3)) == (0, 0, 0, 0)
