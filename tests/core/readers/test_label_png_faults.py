"""Folders of label PNGs with a fault in one place: each is told with its place."""

from __future__ import annotations

import os

import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.label_png import read_label_png

NAMES = ["road", "car", "tree"]


def unpaired_image(folder):
    (folder.labels / "b.png").unlink()


def unpaired_label(folder):
    (folder.images / "b.jpg").unlink()


def jpeg_label(folder):
    Image.new("L", (3, 2)).save(folder.labels / "b.png", format="JPEG")


def broken_label(folder):
    path = folder.labels / "b.png"
    path.write_bytes(path.read_bytes()[:-20])


def flipped_bit(folder):
    path = folder.labels / "b.png"
    content = bytearray(path.read_bytes())
    content[content.index(b"IDAT") + 8] ^= 1
    path.write_bytes(content)


def two_labels(folder):
    Image.new("L", (3, 2)).save(folder.labels / "b.PNG")


def other_size(folder):
    Image.new("L", (2, 3)).save(folder.labels / "b.png")


def label_of_mode(mode):
    return lambda folder: Image.new(mode, (3, 2)).save(folder.labels / "b.png")


def values(*stored):
    return lambda folder: folder.add("b", stored)


def broken_image(folder):
    (folder.images / "b.jpg").write_bytes(b"no image")


def unwritable_name(folder):
    os.link(folder.images / "b.jpg", os.fsencode(folder.images) + b"/\xff.jpg")


FAULTS = {
    "no label": (unpaired_image, "b: there is no label file of this name in "),
    "no image": (unpaired_label, "b: there is no image of this name in "),
    "JPEG": (jpeg_label, "b.png: the file is a JPEG image, expected PNG; save one channel"),
    "cut off": (broken_label, "b.png: the PNG cannot be read"),
    "flipped bit": (flipped_bit, "b.png: the PNG cannot be read"),
    "two of a name": (two_labels, "b.png: b.PNG has the same name; expected one file a name"),
    "other size": (
        other_size,
        "b.png: the labels are 3 x 2 (height x width), expected the",
    ),
    "RGB": (label_of_mode("RGB"), "b.png: the PNG has mode RGB, expected 1, L, P, I;16"),
    "RGBA": (label_of_mode("RGBA"), "b.png: the PNG has mode RGBA, expected 1, L, P"),
    "LA": (label_of_mode("LA"), "b.png: the PNG has mode LA, expected 1, L, P"),
    "values": (values(0, 1, 2, 3, 9, 255), "b.png: values 3, 9 are no classes; expected 0 to 2"),
    "many values": (values(3, 4, 5, 6, 7, 8), "values 3, 4, 5, 6, 7, 8 are no classes"),
    "image": (broken_image, "b.jpg: the image file cannot be read"),
    "name": (unwritable_name, "\\udcff.jpg: the file name is"),
}


@pytest.mark.parametrize(("spoil", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_spoilt_file_is_told_and_can_be_left_out(folder, spoil, fault):
    folder.add("a", [0, 1, 2, 0, 1, 2])
    folder.add("b", [2, 2, 2, 2, 2, 2])
    folder.add("c", [1, 1, 1, 1, 1, 1])
    spoil(folder)
    with pytest.raises(FaultyInputError) as caught:
        folder.read(class_names=NAMES)
    assert [told for told in caught.value.faults if fault in told], caught.value.faults
    assert len(caught.value.faults) == 1
    dataset, faults = folder.read(class_names=NAMES, skip_bad=True)
    assert [str(told) for told in faults] == list(caught.value.faults)
    assert dataset.annotations[len(dataset.images)].label_map.tolist() == [[1] * 3] * 2
    assert [image.id for image in dataset.images] == list(range(1, len(dataset.images) + 1))


def test_only_the_images_of_the_split_are_looked_at(folder):
    for stem in ("a", "b", "c"):
        folder.add(stem, [0, 1, 2, 0, 1, 2])
    broken_label(folder)
    unwritable_name(folder)
    dataset, faults = folder.read(class_names=NAMES, only=["c", "a"])
    assert (faults, [image.name for image in dataset.images]) == ((), ["a", "c"])
    with pytest.raises(FaultyInputError, match="  - z: there is no image of this name"):
        folder.read(class_names=NAMES, only=["a", "z"])


REQUESTS = {
    "void": ({"void": 70_000}, "The void value is 70000; expected 0 to 65535"),
    "only": ({"only": []}, "list of images that belong to the split is empty"),
    "no names": ({"class_names": []}, "Of the class names, none, or an empty one was given"),
    "empty name": ({"class_names": ["a", " "]}, "none, or an empty one was given"),
    "name twice": ({"class_names": ["a", "b", "a"]}, "'a' twice was given"),
    "names": ({"class_names": list(map(str, range(65_535)))}, "65535 classes; at most 65534"),
    "all void": ({"void": 1}, "all pixels of all files are void"),
}


@pytest.mark.parametrize(("options", "message"), REQUESTS.values(), ids=REQUESTS)
def test_requests_that_contradict_the_files_are_refused(folder, options, message):
    folder.add("a", [1] * 6)
    with pytest.raises(UsageError) as caught:
        folder.read(**options)
    assert message in str(caught.value)


def test_missing_and_empty_folders_are_told(folder, tmp_path):
    folder.add("a", [1] * 6)
    with pytest.raises(UsageError, match="none: there is no such folder"):
        read_label_png(tmp_path / "none", folder.images, "streets", "val")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty: the folder holds no image files"):
        read_label_png(folder.labels, tmp_path / "empty", "streets", "val")
