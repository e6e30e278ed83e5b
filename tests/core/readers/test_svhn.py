"""SVHN's digitStruct: real files against plain h5py and JSON, and files spoilt in one place."""

from __future__ import annotations

import contextlib
import json
import os
import random
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.digit_struct import read_digit_struct
from core.readers.svhn import read_svhn

DIGITS = {
    "1.png": [(2, 1, 4, 9, 10)],
    "2.png": [(1, 2, 3, 8, 1), (5.5, 2, -0.0, 8, 9)],
    "3.png": [],
}


class Folder:
    """An SVHN folder of three images: a zero, a one and a nine, nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mat = folder, folder / "digitStruct.mat"
        for name in DIGITS:
            Image.new("RGB", (16, 12)).save(folder / name)
        with h5py.File(self.mat, "w", userblock_size=512) as file:
            names, boxes = [], []
            for index, (name, digits) in enumerate(DIGITS.items()):
                letters = np.array([[ord(letter)] for letter in name], np.uint16)
                names.append([file.create_dataset(f"#refs#/n{index}", data=letters).ref])
                group = file.create_group(f"#refs#/g{index}")
                for place, field in enumerate(("left", "top", "width", "height", "label")):
                    self.put(file, group, field, [float(digit[place]) for digit in digits])
                boxes.append([group.ref])
            file["digitStruct/name"] = np.array(names, h5py.ref_dtype)
            file["digitStruct/bbox"] = np.array(boxes, h5py.ref_dtype)

    @staticmethod
    def put(file, group, field, numbers):
        if field in group:
            del group[field]
        if len(numbers) == 1:
            group[field] = np.array([numbers])
            return
        at = f"#refs#/{group.name.split('/')[-1]}{field}"
        if at in file:
            del file[at]
        refs = [[file.create_dataset(f"{at}/{i}", data=[[n]]).ref] for i, n in enumerate(numbers)]
        group[field] = np.array(refs, h5py.ref_dtype).reshape(-1, 1)

    def read(self, **options):
        return read_svhn(self.mat, self.folder, "svhn", "train", **options)

    def change(self, edit) -> None:
        with h5py.File(self.mat, "r+") as file:
            edit(file)


@pytest.fixture
def svhn(tmp_path):
    return Folder(tmp_path)


def objects(dataset, image_id):
    found = dataset.annotations[image_id].objects
    return [(*box, category) for box, category in
            zip(found.boxes.tolist(), found.categories.tolist(), strict=True)]  # fmt: skip


def test_label_ten_is_the_digit_zero_and_images_know_their_number_of_digits(svhn):
    dataset, faults = svhn.read()
    assert faults == ()
    assert dataset.categories[0].name == "zero"
    assert [category.source_id for category in dataset.categories] == [10, *range(1, 10)]
    assert [objects(dataset, number) for number in (1, 2, 3)] == [
        [(2, 1, 4, 9, 0)],
        [(1, 2, 3, 8, 1), (5.5, 2, 0, 8, 9)],
        [],
    ]
    assert [image.tags for image in dataset.images] == [
        ("1 digit",),
        ("2 digits",),
        ("empty", "0 digits"),
    ]
    assert [(image.height, image.width) for image in dataset.images] == [(12, 16)] * 3


def remove(name):
    return lambda file: file.__delitem__(name)


def set_numbers(group, field, numbers):
    return lambda file: Folder.put(file, file[f"#refs#/{group}"], field, numbers)


def elsewhere(name):
    def change(file):
        del file[name]
        file[name] = h5py.ExternalLink("/etc/passwd", "/digitStruct/name")

    return change


def replaced(name, value):
    def change(file):
        del file[name]
        file[name] = value

    return change


def outer_storage(file):
    del file["#refs#/g0/left"]
    file["#refs#/g0"].create_dataset("left", (1, 1), "f8", external=[("/etc/passwd", 0, 8)])


def renamed(letters):
    def change(file):
        file["#refs#/other"] = np.array([[ord(each)] for each in letters], np.uint16)
        file["digitStruct/name"][0] = file["#refs#/other"].ref

    return change


FAULTS = {
    "label 0": (set_numbers("g0", "label", [0.0]), "[0]: a label is 0; expected 1 to 9, or 10"),
    "label 1.5": (set_numbers("g0", "label", [1.5]), "a label is 1.5"),
    "label NaN": (set_numbers("g0", "label", [np.nan]), "a label is nan"),
    "negative": (set_numbers("g0", "width", [-1.0]), "a box is 2, 1, -1, 9; expected left, top"),
    "infinite": (set_numbers("g1", "top", [np.inf, 1.0]), "[1]: a box is 1, inf, 3, 8"),
    "fewer": (set_numbers("g1", "top", [1.0]), "hold 2, 1, 2, 2, 2 numbers; expected as many"),
    "no field": (remove("#refs#/g0/top"), "[0]: top is missing, or lies in another file"),
    "text": (replaced("#refs#/g0/top", "x"), "[0]: top is 1 of object; expected one number"),
    "table": (replaced("#refs#/g0/top", np.zeros((2, 2))), "top is 4 of float64; expected one"),
    "many": (replaced("#refs#/g0/top", np.zeros(1001)), "expected at most 1000"),
    "linked": (elsewhere("#refs#/g0/top"), "top is missing, or lies in another file"),
    "stored elsewhere": (outer_storage, "[0]: left is no array of this file"),
    "path out": (renamed("../../etc/passwd"), "leads out of the folder"),
    "absolute": (renamed("/etc/passwd"), "is absolute; expected one relative"),
    "no file": (renamed("9.png"), "9.png: the image file does not exist"),
    "twice": (renamed("2.png"), "[1]: '2.png' occurred before"),
    "no letters": (renamed(""), "the file name is 0 of uint16; expected letters"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place_and_can_be_skipped(svhn, name):
    edit, said = FAULTS[name]
    svhn.change(edit)
    with pytest.raises(FaultyInputError) as told:
        svhn.read()
    assert said in told.value.told()
    assert len(told.value.faults) == 1
    dataset, faults = svhn.read(skip_bad=True)
    assert len(dataset.images) == 2
    assert len(faults) == 1


REFUSED = {
    "no such list": (
        remove("digitStruct/bbox"),
        "cannot be read as SVHN's digitStruct: digitStruct",
    ),
    "no references": (replaced("digitStruct/bbox", [1.0]), "holds 1 of float64; expected up to"),
    "a list elsewhere": (elsewhere("digitStruct/name"), "lies in another file"),
    "fewer names": (
        lambda file: replaced("digitStruct/name", file["digitStruct/name"][:2])(file),
        "names 2 images, but has the boxes of 3",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_structures_are_refused_in_one_paragraph(svhn, name):
    edit, said = REFUSED[name]
    svhn.change(edit)
    with pytest.raises(UsageError) as told:
        svhn.read(skip_bad=True)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "this is no HDF5 file"),
        (b"MATLAB 5.0 MAT-file" + bytes(2000), "this is no HDF5 file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(2000), "the file cannot be read as SVHN's digitStruct"),
    ],
)
def test_files_of_other_kinds_are_refused(svhn, content, said):
    svhn.mat.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        svhn.read()


def test_files_that_are_cut_off_or_noisy_never_break_the_reader(svhn):
    whole = svhn.mat.read_bytes()
    draw = random.Random(3)
    for attempt in range(150):
        content = bytearray(whole if attempt % 2 else whole[: draw.randrange(len(whole))])
        for _ in range(3 * (attempt % 2)):
            content[draw.randrange(512, len(content))] = draw.randrange(256)
        svhn.mat.write_bytes(content)
        with contextlib.suppress(UsageError):
            svhn.read()


def test_the_translation_to_json_is_read_alike(svhn, tmp_path):
    fields = ("left", "top", "width", "height", "label")
    document = [
        {"filename": name, "boxes": [dict(zip(fields, digit, strict=True)) for digit in digits]}
        for name, digits in DIGITS.items()
    ]
    svhn.mat = tmp_path / "digitStruct.json"
    svhn.mat.write_text(json.dumps(document))
    assert objects(svhn.read()[0], 2) == [(1, 2, 3, 8, 1), (5.5, 2, 0, 8, 9)]
    document[0]["boxes"][0]["top"] = "1"
    document[1].pop("filename")
    svhn.mat.write_text(json.dumps(document))
    with pytest.raises(FaultyInputError, match=r"a box is .*'top': '1'") as told:
        svhn.read()
    assert len(told.value.faults) == 2
    assert [image.id for image in svhn.read(skip_bad=True)[0].images] == [3]
    svhn.mat.write_text("{}")
    with pytest.raises(UsageError, match="expected a list"):
        svhn.read()


@pytest.mark.shared
@pytest.mark.parametrize("split", ["train", "test", "extra"])
def test_published_files_read_as_plain_h5py_reads_them(shared_data, split):
    path = shared_data / "svhn" / split / "digitStruct.mat"
    expected = {}
    with h5py.File(path) as file:
        for name, group in zip(
            *(file["digitStruct"][k][:, 0] for k in ("name", "bbox")), strict=True
        ):
            columns = {}
            for field, kept in file[group].items():
                flat = kept[()].ravel()
                columns[field] = [file[r][0, 0] for r in flat] if kept.dtype == object else flat
            order = ("left", "top", "width", "height", "label")
            expected[bytes(file[name][()].astype(np.uint8)).decode()] = [
                tuple(map(float, digit)) for digit in zip(*(columns[f] for f in order), strict=True)
            ]
    faults = []
    found = {entry.file: list(entry.digits) for entry in read_digit_struct(path, faults)}
    assert found == expected
    assert faults == []
    assert len(found) > 35


@pytest.mark.shared
def test_the_published_test_file_agrees_with_its_translation_to_json(shared_data):
    folder = shared_data / "svhn"
    mat = {e.file: e.digits for e in read_digit_struct(folder / "test" / "digitStruct.mat", [])}
    translated = folder / "full_test_annotations" / "digitStruct.json"
    whole = {entry.file: entry.digits for entry in read_digit_struct(translated, [])}
    assert len(whole) == 13_068
    assert {file: whole[file] for file in mat} == mat


@pytest.mark.shared
def test_the_published_sample_keeps_the_images_that_are_there(shared_data):
    folder = shared_data / "svhn" / "train"
    dataset, faults = read_svhn(folder / "digitStruct.mat", folder, "s", "train", skip_bad=True)
    assert [os.fspath(image.path) for image in dataset.images] == ["1.png", "2.png", "3.png"]
    assert {image.tags for image in dataset.images} == {("2 digits",)}
    assert objects(dataset, 1) == [(246, 77, 81, 219, 1), (323, 81, 96, 219, 9)]
    assert all("the image file does not exist" in fault.message for fault in faults)
