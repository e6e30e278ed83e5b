"""Label maps as bytes: exact, small, and refused when damaged."""

import io
import itertools
import struct
import zlib

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from core.geometry import label_runs

LABEL_MAPS = st.sampled_from([np.uint8, np.uint16]).flatmap(
    lambda dtype: hnp.arrays(
        dtype,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40),
        elements=st.sampled_from([0, 1, 7, 254, 255, np.iinfo(dtype).max]),
    )
)
STRIPES = np.repeat(np.array([[3, 9, 3, 255]], dtype=np.uint8), 25, axis=1)


def reference_runs(label_map):
    grouped = [
        (label, len(list(run))) for label, run in itertools.groupby(label_map.ravel().tolist())
    ]
    return [label for label, _ in grouped], [length for _, length in grouped]


def blob(frame, *, label_bytes=1, runs=1, pixels=1, magic=b"OVLR", version=1):
    """Put a frame into a sound envelope, by the description of the format."""
    fields = struct.pack("<4sBBII", magic, version, label_bytes, runs, pixels)
    return fields + struct.pack("<I", zlib.crc32(fields + frame)) + frame


def framed(planes):
    return zstandard.ZstdCompressor(level=1).compress(bytes(planes))


def long_map(length, dtype=np.uint8):
    """Return one row: a pixel of 1, a long run of 2, a pixel of 1."""
    row = np.full((1, length + 2), 2, dtype=dtype)
    row[0, [0, -1]] = 1
    return row


def test_runs_follow_the_rows():
    stored = label_runs.encode(np.array([[5, 5, 7], [7, 7, 7]], dtype=np.uint8))
    labels, lengths = label_runs.runs(stored)
    assert (labels.tolist(), lengths.tolist()) == ([5, 7], [2, 4])


@given(LABEL_MAPS)
def test_any_map_comes_back(label_map):
    stored = label_runs.encode(label_map)
    back = label_runs.decode(stored, *label_map.shape)
    assert back.dtype == label_map.dtype
    np.testing.assert_array_equal(back, label_map)
    labels, lengths = label_runs.runs(stored)
    assert (labels.tolist(), lengths.tolist()) == reference_runs(label_map)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("length", [65534, 65535, 65536, 131070, 131071, 200_000])
def test_runs_longer_than_two_bytes_come_back(length, dtype):
    label_map = long_map(length, dtype)
    stored = label_runs.encode(label_map)
    np.testing.assert_array_equal(label_runs.decode(stored, *label_map.shape), label_map)
    labels, lengths = label_runs.runs(stored)
    assert lengths.sum() == length + 2
    assert lengths.max() <= 65535
    assert set(labels[1:-1].tolist()) == {2}


@pytest.mark.parametrize(
    "label_map",
    [
        pytest.param(np.array([[255]], dtype=np.uint8), id="one void pixel"),
        pytest.param(np.array([[65535]], dtype=np.uint16), id="one 16-bit void pixel"),
        pytest.param(np.arange(60_000, dtype=np.uint16).reshape(200, 300), id="no two alike"),
        pytest.param(np.asfortranarray(np.tri(7, dtype=np.uint8)), id="column-major"),
        pytest.param(np.eye(14, dtype=np.uint8)[::2, 1::3], id="strided"),
    ],
)
def test_special_maps_come_back(label_map):
    stored = label_runs.encode(label_map)
    np.testing.assert_array_equal(label_runs.decode(stored, *label_map.shape), label_map)


@pytest.mark.parametrize(
    ("label_map", "message"),
    [
        pytest.param(
            np.zeros((2, 2), dtype=np.int64), "holds int64; expected uint8 or", id="int64"
        ),
        pytest.param(np.zeros((2, 2), dtype=bool), "holds bool; expected uint8 or", id="bool"),
        pytest.param(np.zeros((2, 2, 3), dtype=np.uint8), r"shape \(2, 2, 3\)", id="colours"),
        pytest.param(np.zeros((0, 5), dtype=np.uint8), r"shape \(0, 5\)", id="no pixels"),
    ],
)
def test_other_arrays_are_refused(label_map, message):
    with pytest.raises(ValueError, match=message):
        label_runs.encode(label_map)


def test_a_stored_map_of_version_1_stays_readable():
    """Stores outlive programs: these bytes were written by the first version."""
    frame = framed([3, 9, 2, 1, 0, 1])  # labels 3 and 9; lengths 2 and 257, low and high bytes
    back = label_runs.decode(blob(frame, runs=2, pixels=259), 7, 37)
    np.testing.assert_array_equal(back.ravel(), np.repeat([3, 9], [2, 257]))
    wide = framed([1, 2, 0, 1, 5, 1, 0, 0])  # labels 1 and 258: low bytes 1, 2, high bytes 0, 1
    labels, lengths = label_runs.runs(blob(wide, label_bytes=2, runs=2, pixels=6))
    assert (labels.tolist(), lengths.tolist()) == ([1, 258], [5, 1])
    assert labels.dtype == np.uint16


def test_every_flipped_bit_is_noticed():
    stored = label_runs.encode(STRIPES)
    for position, bit in itertools.product(range(len(stored)), range(8)):
        damaged = bytearray(stored)
        damaged[position] ^= 1 << bit
        with pytest.raises(ValueError, match="label runs"):
            label_runs.decode(bytes(damaged), *STRIPES.shape)


def test_every_cut_is_noticed():
    stored = label_runs.encode(STRIPES)
    for length in range(len(stored)):
        with pytest.raises(ValueError, match="label runs"):
            label_runs.runs(stored[:length])
    with pytest.raises(ValueError, match="checksum"):
        label_runs.runs(stored + b"\0")


@settings(max_examples=200)
@given(st.binary(max_size=60), st.booleans())
def test_foreign_bytes_are_refused(noise, signed):
    with pytest.raises(ValueError, match="label runs"):
        label_runs.runs(b"OVLR\x01" + noise if signed else noise)


@given(
    st.binary(max_size=40),
    st.integers(0, 3),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_forged_envelopes_are_refused(content, label_bytes, runs, pixels, compressed):
    """With a sound checksum: either all parts agree, or it is a ValueError."""
    frame = framed(content) if compressed else content
    forged = blob(frame, label_bytes=label_bytes, runs=runs, pixels=pixels)
    try:
        labels, lengths = label_runs.runs(forged)
    except ValueError:
        return
    assert lengths.sum() == pixels
    assert len(labels) == len(lengths) == runs


@pytest.mark.parametrize(
    ("forged", "message"),
    [
        pytest.param(blob(b"", version=2), "of version 2; this program reads", id="newer version"),
        pytest.param(blob(b"", magic=b"\x89PNG"), "are not label runs", id="foreign magic"),
        pytest.param(blob(b"", label_bytes=4), "4-byte labels", id="label size"),
        pytest.param(blob(b"", runs=0), "0 runs", id="no runs"),
        pytest.param(blob(b"", runs=2), "2 runs", id="more runs than pixels"),
        pytest.param(blob(b"", pixels=2**29 + 1), "536870913 pixels", id="too many pixels"),
        pytest.param(blob(b"zstd?"), "cannot be unpacked", id="not a frame"),
        pytest.param(blob(framed(bytes(2**26))), "unpack to 67108864 bytes; 3 expected", id="bomb"),
        pytest.param(
            blob(framed([1, 1, 0]), runs=2**29, pixels=2**29),
            "unpack to 3 bytes; 1610612736 expected",
            id="claims much, holds little",
        ),
        pytest.param(blob(framed([1, 2, 0])), "cover 2 pixels", id="lengths differ from header"),
        pytest.param(
            blob(framed([1, 2, 0, 2, 0, 0]), runs=2, pixels=2), "shortest run 0", id="empty run"
        ),
        pytest.param(blob(framed([1, 1, 0]) + b"\0"), "cannot be unpacked", id="trailing bytes"),
    ],
)
def test_forgeries_are_named(forged, message):
    with pytest.raises(ValueError, match=message):
        label_runs.runs(forged)


def test_a_map_of_another_size_is_refused():
    stored = label_runs.encode(STRIPES)
    with pytest.raises(ValueError, match="hold 100 pixels, but the image has 9 x 11 = 99"):
        label_runs.decode(stored, 9, 11)


def png_size(label_map):
    stream = io.BytesIO()
    Image.fromarray(label_map).save(stream, "PNG", optimize=True)
    return stream.tell()


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["camvid/testannot", "coco_panoptic/semantic_masks/val2017"])
def test_real_maps_come_back_and_are_smaller_than_optimised_pngs(shared_data, folder):
    paths = sorted((shared_data / folder).glob("*.png"))
    ours, pngs = 0, 0
    for path in paths:
        with Image.open(path) as image:
            label_map = np.array(image)
        stored = label_runs.encode(label_map)
        np.testing.assert_array_equal(label_runs.decode(stored, *label_map.shape), label_map)
        ours += len(stored)
        pngs += png_size(label_map)
    assert len(paths) >= 78
    assert ours / pngs < 0.9, f"{ours / pngs:.3f} of the size of optimised PNGs"
