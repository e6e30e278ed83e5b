"""Label maps as PNG: every kind of grey and palette, held against PIL and NumPy."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.label_png import read_label_png, read_label_png_predictions

CAMVID = ["Sky", "Building", "Pole", "Road", "Pavement", "Tree", "SignSymbol"]
CAMVID += ["Fence", "Car", "Pedestrian", "Bicyclist"]
NAMES = ["road", "car", "tree"]
SIZE = (2, 3)


def mode_of(path):
    with Image.open(path) as image:
        return image.mode


@pytest.mark.shared
def test_camvid_has_the_pixels_that_numpy_counts(shared_data):
    labels, images = (shared_data / "camvid" / name for name in ("testannot", "test"))
    dataset, faults = read_label_png(labels, images, "camvid", "test", class_names=CAMVID, void=11)
    assert faults == ()
    assert len(dataset.images) == 78
    assert [category.name for category in dataset.categories] == CAMVID
    assert dataset.background is None
    ours, expected = np.zeros(256, int), np.zeros(256, int)
    for image in dataset.images:
        label_map = dataset.annotations[image.id].label_map
        assert label_map.dtype == np.uint8
        ours += np.bincount(label_map.ravel(), minlength=256)
        stored = np.asarray(Image.open(labels / f"{image.name}.png"))
        expected += np.bincount(stored.ravel(), minlength=256)
    assert expected[:12].all()
    np.testing.assert_array_equal(ours[:11], expected[:11])
    assert ours[255] == expected[11]


@pytest.mark.shared
def test_camvid_without_its_void_value_has_a_twelfth_class(shared_data):
    labels, images = (shared_data / "camvid" / name for name in ("testannot", "test"))
    only = [path.stem for path in sorted(images.iterdir())[:3]]
    dataset, _ = read_label_png(labels, images, "camvid", "test", only=only)
    assert [image.name for image in dataset.images] == only
    assert [category.name for category in dataset.categories][-1] == "class 11"
    with pytest.raises(
        FaultyInputError, match="values 11 are no classes; expected 0 to 10, and 255"
    ):
        read_label_png(labels, images, "camvid", "test", only=only, class_names=CAMVID)


@pytest.mark.shared
def test_membrane_masks_are_black_and_white(shared_data):
    folder = shared_data / "membrane" / "train"
    dataset, _ = read_label_png(folder / "label", folder / "image", "membrane", "train")
    assert [category.name for category in dataset.categories] == ["background", "foreground"]
    assert dataset.background == 0
    predictions, _ = read_label_png_predictions(folder / "label", dataset)
    for image, prediction in zip(dataset.images, predictions, strict=True):
        stored = np.asarray(Image.open(folder / "label" / f"{image.name}.png")) == 255
        np.testing.assert_array_equal(dataset.annotations[image.id].label_map, stored)
        np.testing.assert_array_equal(prediction.label_map, stored)


def test_images_are_numbered_by_name_and_found_by_it(folder):
    folder.add("b", [0, 1, 2, 0, 1, 2])
    folder.add("a.1", [2, 2, 2, 2, 2, 2])
    dataset, _ = folder.read(class_names=NAMES)
    assert [(image.id, image.name, image.path) for image in dataset.images] == [
        (1, "a.1", "a.1.jpg"),
        (2, "b", "b.jpg"),
    ]
    assert (dataset.images[0].height, dataset.images[0].width) == SIZE
    assert dataset.annotations[2].label_map.tolist() == [[0, 1, 2], [0, 1, 2]]
    assert dataset.annotations[2].objects is None
    assert [category.source_id for category in dataset.categories] == [0, 1, 2]
    assert 3 not in dataset.annotations


def test_indices_of_a_palette_are_the_classes(folder):
    folder.add("a", [0, 1, 2, 255, 1, 2], mode="P")
    assert mode_of(folder.labels / "a.png") == "P"
    assert folder.maps(class_names=NAMES)[0].tolist() == [0, 1, 2, 255, 1, 2]


@pytest.mark.parametrize("bits", [2, 4])
def test_indices_of_a_small_palette_are_the_classes_too(folder, bits):
    folder.add("a", [0] * 6)
    image = Image.fromarray(np.array([[0, 1, 2], [3, 1, 2]], np.uint8))
    image.putpalette(list(range(3 * 2**bits)))
    image.save(folder.labels / "a.png", bits=bits)
    assert (folder.labels / "a.png").read_bytes()[24:26] == bytes([bits, 3])
    assert folder.maps()[0].tolist() == [0, 1, 2, 3, 1, 2]


def test_black_and_white_bits_are_classes_0_and_1(folder):
    folder.add("a", [0, 1, 1, 0, 0, 1], dtype=np.bool_)
    assert mode_of(folder.labels / "a.png") == "1"
    assert folder.maps()[0].tolist() == [0, 1, 1, 0, 0, 1]


def test_sixteen_bits_hold_many_classes(folder):
    folder.add("a", [0, 1000, 255, 256, 65535, 3], dtype=np.uint16)
    dataset, _ = folder.read()
    assert len(dataset.categories) == 1001
    label_map = dataset.annotations[1].label_map
    assert label_map.dtype == np.uint16
    assert label_map.ravel().tolist() == [0, 1000, 255, 256, 65535, 3]


def test_few_classes_in_sixteen_bits_need_eight(folder):
    folder.add("a", [0, 1, 2, 65535, 1, 0], dtype=np.uint16)
    label_map = folder.maps(class_names=NAMES)[0]
    assert label_map.dtype == np.uint8
    assert label_map.tolist() == [0, 1, 2, 255, 1, 0]


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_of_few_bits_is_not_stretched(folder, bits):
    """Pillow stretches such samples to 0..255; OpenCV and libpng's default do too."""
    folder.add("a", [0] * 6)
    samples = [[0, 1, 2**bits - 1], [1, 0, 1]]
    lines = b""
    for row in samples:
        packed = sum(value << (8 * 4 - bits * (place + 1)) for place, value in enumerate(row))
        width = -(-len(row) * bits // 8)
        lines += b"\0" + packed.to_bytes(4, "big")[:width]
    header = struct.pack(">IIBBBBB", 3, 2, bits, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    (folder.labels / "a.png").write_bytes(content)
    assert folder.maps()[0].tolist() == np.ravel(samples).tolist()


VALUES = {
    "255 is void": ({}, [[0, 1, 255, 0, 1, 1]], [[0, 1, 255, 0, 1, 1]], 2),
    "0 and 255 in all files": ({}, [[0, 255] * 3, [255] * 6], [[0, 1] * 3, [1] * 6], 2),
    "0 alone": ({}, [[0] * 6], [[0] * 6], 2),
    "0 and 255 in one file": ({}, [[0, 255] * 3, [1] * 6], [[0, 255] * 3, [1] * 6], 2),
    "255 given as void": ({"void": 255}, [[0, 255] * 3], [[0, 255] * 3], 1),
    "two names": ({"class_names": ["no", "yes"]}, [[0, 255] * 3], [[0, 1] * 3], 2),
    "0 alone, three names": ({"class_names": NAMES}, [[0] * 6], [[0] * 6], 3),
    "void below the classes": ({"void": 0}, [[0, 1, 2] * 2], [[255, 1, 2] * 2], 3),
    "void above": ({"void": 9}, [[0, 9, 2] * 2], [[0, 255, 2] * 2], 3),
}


@pytest.mark.parametrize(("options", "stored", "maps", "classes"), VALUES.values(), ids=VALUES)
def test_what_values_mean(folder, options, stored, maps, classes):
    for number, values in enumerate(stored):
        folder.add(str(number), values)
    assert [label_map.tolist() for label_map in folder.maps(**options)] == maps
    assert len(folder.read(**options)[0].categories) == classes


def test_black_and_white_masks_have_names_and_a_background(folder):
    folder.add("a", [0, 255, 0, 255, 0, 255])
    dataset, _ = folder.read()
    assert [category.name for category in dataset.categories] == ["background", "foreground"]
    assert dataset.background == 0
    dataset, _ = folder.read(class_names=["Background", "cell"])
    assert dataset.background == 0
    dataset, _ = folder.read(class_names=["membrane", "cell"])
    assert dataset.background is None


@pytest.mark.parametrize("names", [["cell"], NAMES])
def test_black_and_white_masks_need_two_names(folder, names):
    folder.add("a", [0, 255, 0, 255, 0, 255])
    with pytest.raises(UsageError, match=r"hold only 0 and 255.*give 255 as the void value"):
        folder.read(class_names=names)
    assert folder.maps(class_names=names, void=255)[0].tolist() == [0, 255] * 3


def test_hidden_and_other_files_are_passed_over(folder):
    folder.add("a", [0, 1, 2, 0, 1, 2])
    for name in ("Thumbs.db", ".hidden.png", "classes.txt"):
        (folder.labels / name).write_bytes(b"")
    assert len(folder.read(class_names=NAMES)[0].images) == 1


def test_a_label_that_changes_later_is_refused(folder):
    folder.add("a", [0, 1, 2, 0, 1, 2])
    dataset, _ = folder.read(class_names=NAMES)
    folder.add("a", [0, 1, 2, 0, 1, 1])
    with pytest.raises(UsageError, match=r"a\.png: the file has changed since it was read"):
        dataset.annotations[1]


def test_the_fingerprint_follows_names_and_bytes(folder):
    folder.add("a", [0, 1, 2, 0, 1, 2])
    first = folder.read()[0].source
    assert (first.format, first.path) == ("label-png", str(folder.labels))
    assert folder.read()[0].source == first
    folder.add("a", [0, 1, 2, 0, 1, 1])
    second = folder.read()[0].source
    for place in (folder.labels / "a.png", folder.images / "a.jpg"):
        place.rename(place.with_stem("b"))
    assert len({first.sha256, second.sha256, folder.read()[0].source.sha256}) == 3
