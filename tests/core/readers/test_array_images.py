"""An image inside an array is opened wherever an image is opened, by its path alone."""

from __future__ import annotations

import gzip
import io
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError
from core.readers import images
from core.readers.array_images import ArrayPlace, in_bytes, place_of
from core.structures import ImageRecord
from pages.ui import thumbnails
from training.images import read_photograph

RNG = np.random.default_rng(9)


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(images.image_source(path)) as image:
        return np.asarray(image)


@pytest.mark.parametrize("shape", [(5, 6, 7), (5, 6, 7, 3), (5, 42), (5, 126), (5, 1, 6, 7)])
def test_the_same_images_come_out_whatever_their_shape_was(tmp_path, shape):
    saved = RNG.integers(0, 256, shape, np.uint8)
    np.save(tmp_path / "a.npy", saved)
    channels = saved.size // 5 // 42
    for index in range(5):
        place = ArrayPlace("a.npy", index, 6, 7, channels, 255)
        found = pixels_of(tmp_path / str(place))
        np.testing.assert_array_equal(found.ravel(), saved[index].ravel())
        assert found.shape == ((6, 7) if channels == 1 else (6, 7, 3))


def test_images_of_a_packed_idx_file_are_those_of_the_plain_one(tmp_path):
    pixels = RNG.integers(0, 256, (9, 4, 5), np.uint8)
    content = struct.pack(">4I", 0x803, 9, 4, 5) + pixels.tobytes()
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(content))
    paths = [
        tmp_path / f"{name}#{i}:4x5x1:255" for name in ("plain", "packed.gz") for i in range(9)
    ]
    with ThreadPoolExecutor(4) as pool:
        found = np.stack(list(pool.map(pixels_of, paths)))
    np.testing.assert_array_equal(found, np.concatenate([pixels, pixels]))


@pytest.mark.parametrize(
    ("numbers", "white", "expected"),
    [
        ([0.0, 0.5, 1.0], 1, [0, 128, 255]),
        ([0.0, 127.4, 255.0], 255, [0, 127, 255]),
        ([-0.1, 1.0005, np.nan], 1, [0, 255, 0]),
    ],
)
def test_numbers_become_bytes_by_what_is_white(numbers, white, expected):
    assert in_bytes(np.array(numbers), white).tolist() == expected
    assert in_bytes(np.array([0, 257, 65535], np.uint16), 65535).tolist() == [0, 1, 255]
    assert in_bytes(np.array([False, True]), 1).tolist() == [0, 255]


@pytest.mark.parametrize(
    "path", ["a#1.png", "a.npy", "a.npy#1", "#1:2x2x1:255", "a#1:2x2x2:255", "a#-1:2x2x1:255"]
)
def test_other_paths_are_paths_of_files(path):
    assert place_of(path) is None


def test_a_file_whose_name_only_looks_alike_is_opened_as_a_file(tmp_path):
    Image.new("L", (3, 2)).save(tmp_path / "a#1.png")
    assert images.header_size(tmp_path / "a#1.png") == (2, 3)


def test_sizes_are_checked_as_those_of_files(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((2, 6, 7), np.uint8))
    assert images.check_file(tmp_path / "a.npy#1:6x7x1:255", 6, 7) is None
    fault = images.check_file(tmp_path / "a.npy#1:7x6x1:255", 6, 7)
    assert "is 7 x 6 (height x width), expected 6 x 7" in fault
    for path, said in (
        ("a.npy#2:6x7x1:255", "it holds 84 numbers; asked for 42 from 84"),
        ("b.npy#0:6x7x1:255", "the image file does not exist"),
        ("a.npy#0:70000x7x1:255", "height is 70000"),
    ):
        with pytest.raises(UsageError, match=said):
            images.header_size(tmp_path / path)


def test_jobs_and_pages_open_them(tmp_path):
    saved = RNG.integers(0, 256, (2, 6, 7, 3), np.uint8)
    np.save(tmp_path / "a.npy", saved)
    path = "a.npy#1:6x7x3:255"
    photograph = read_photograph(tmp_path, ImageRecord(1, "1", path, 6, 7))
    np.testing.assert_array_equal(photograph.pixels, saved[1])
    with Image.open(io.BytesIO(thumbnails.photograph(str(tmp_path / path)))) as shown:
        np.testing.assert_array_equal(np.asarray(shown), saved[1])
    with Image.open(io.BytesIO(thumbnails.thumbnail(str(tmp_path / path)))) as small:
        assert small.size == (7, 6)


def test_what_cannot_be_opened_is_left_out_by_jobs_and_blank_on_pages(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((1, 6, 7), np.uint8))
    path = "a.npy#1:6x7x1:255"
    rejected = read_photograph(tmp_path, ImageRecord(1, "1", path, 6, 7))
    assert rejected.stage == "open"
    assert "asked for 42 from 42" in rejected.message
    assert thumbnails.photograph(str(tmp_path / path)) is None
    outside = read_photograph(tmp_path, ImageRecord(1, "1", f"../{path}", 6, 7))
    assert "leads out of the folder" in outside.message
