"""Arrays that are spoilt in one place, and files that do not go together."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import FaultyInputError, UsageError
from tests.core.readers.test_npy import BOXES, COUNT, HEIGHT, LABELS, PIXELS, WIDTH, Arrays


@pytest.fixture
def arrays(tmp_path):
    return Arrays(tmp_path)


def changed(array: np.ndarray, index: object, value: object) -> np.ndarray:
    copy = array.astype(float)
    copy[index] = value
    return copy


FAULTY = {
    "NaN pixel": ({"images": changed(PIXELS, (3, 0, 0), np.nan)}, "images.npy[3]: its numbers run"),
    "infinite": ({"images": changed(PIXELS, (3, 1, 1), np.inf)}, "from 0 to inf; expected 0 to 1"),
    "negative": (
        {"images": changed(PIXELS, (3, 0, 0), -2)},
        "images.npy[3]: its numbers run from -2",
    ),
    "too large": (
        {"images": changed(PIXELS, (3, 0, 0), 1e6)},
        "to 1e+06; expected 0 to 1, 0 to 255",
    ),
    "label -1": (
        {"labels": changed(LABELS, 3, -1)},
        "labels.npy[3]: the label is -1.0; expected a",
    ),
    "label 1.5": ({"labels": changed(LABELS, 3, 1.5)}, "the label is 1.5; expected a class number"),
    "label NaN": ({"labels": changed(LABELS, 3, np.nan)}, "the label is nan; expected a class"),
    "label 7": ({"labels": changed(LABELS, 3, 7), "class_names": "abc"}, "is 7; expected 0 to 2"),
    "two ones": (
        {"labels": changed(np.eye(3)[LABELS], 3, 1)},
        "[1.0, 1.0, 1.0]; expected a single",
    ),
    "no one": (
        {"labels": changed(np.eye(3)[LABELS], 3, 0)},
        "[0.0, 0.0, 0.0]; expected a single 1",
    ),
    "NaN box": (
        {"boxes": changed(BOXES, (3, 1), np.nan), "box_form": "xywh"},
        "labels.npy[3]: the box",
    ),
    "inverted": ({"boxes": BOXES, "box_form": "xyxy"}, "read as xyxy a side is negative"),
    "far": ({"boxes": changed(BOXES, 3, 1e308), "box_form": "xyxy"}, "expected four finite"),
    "outside": (
        {"boxes": changed(BOXES, (3, 0), 99), "box_form": "xywh"},
        "it lies outside its image",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_told_with_its_place(arrays, name):
    given, said = FAULTY[name]
    with pytest.raises(FaultyInputError) as told:
        arrays.read(**given)
    assert said in told.value.told()
    assert "--skip-bad" in told.value.advice


def test_all_faults_are_told_and_the_sound_part_can_be_kept(arrays):
    images = changed(changed(PIXELS, (3, 0, 0), -2), (5, 0, 0), np.nan)
    given = {"images": images, "labels": changed(LABELS, 7, 0.5), "class_names": "abc"}
    given |= {"boxes": changed(BOXES, 9, np.inf), "box_form": "xywh"}
    with pytest.raises(FaultyInputError) as told:
        arrays.read(**given)
    assert len(told.value.faults) == 4
    dataset, faults = arrays.read(**given, skip_bad=True)
    assert len(faults) == 4
    assert [image.id for image in dataset.images] == [0, 1, 2, 4, 6, 8, 10, 11]


REFUSED = {
    "fewer labels": ({"labels": LABELS[:-1]}, "holds 12 images, but there are 11 labels"),
    "labels of images": ({"labels": PIXELS}, "expected one class number an image"),
    "one dimension": ({"images": PIXELS.ravel()}, "the array has one dimension"),
    "channels first": ({"images": np.moveaxis(PIXELS, 3, 1)}, "with 1 or 3 channels last"),
    "four channels": ({"images": np.zeros((12, 4, 4, 4))}, "with 1 or 3 channels last"),
    "no square": ({"images": np.zeros((12, 50))}, "give its shape by --shape"),
    "another shape": ({"shape": (10, 10, 3)}, "has 600 numbers, but --shape 10 x 10 x 3 has 300"),
    "too wide": ({"images": np.zeros((12, 1, 70000), np.uint8)}, "width is 70000"),
    "three corners": (
        {"boxes": BOXES[:, :3], "box_form": "xywh"},
        "shape (12, 3); expected (12, 4)",
    ),
    "fewer boxes": ({"boxes": BOXES[:5], "box_form": "xywh"}, "shape (5, 4); expected (12, 4)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_do_not_go_together_are_refused_in_one_paragraph(arrays, name):
    given, said = REFUSED[name]
    with pytest.raises(UsageError) as told:
        arrays.read(**given)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


TABLES = {
    "no label column": ("file,class\na.npy,1\n", "its first line is 'file,class'"),
    "both keys": ("file,index,label\n", "expected different names"),
    "twice": ("file,label,label\n", "expected different names"),
    "empty": ("", "its first line is ''"),
    "open quote": ('file,label\n"a.npy,1\n', "this is no CSV in UTF-8"),
    "short row": ("index,label\n0\n", "l.csv line 2: it has 1 fields; expected 2"),
    "index text": ("index,label\nx,1\n", "the index is 'x'; expected 0, 1, 2"),
    "index beyond": ("index,label\n99,1\n", "there is no image 99"),
    "no label": ("index,label\n0,\n", "the label is empty"),
    "unknown name": ("index,label\n0,cow\n", "the label is 'cow'; expected 0 to 2, or one of"),
    "box text": ("index,label,x,y,width,height\n0,1,1,2,3,wide\n", "the box is '1,2,3,wide'"),
    "box infinite": ("index,label,x,y,width,height\n0,1,1,2,3,inf\n", "expected four finite"),
}


@pytest.mark.parametrize("name", TABLES)
def test_spoilt_tables_of_labels(arrays, name):
    text, said = TABLES[name]
    rows = max(0, len(text.splitlines()) - 1)
    images = PIXELS[: max(rows, 1)]
    with pytest.raises(UsageError) as told:
        arrays.read(images, arrays.write("l.csv", text), class_names="abc")
    assert said in str(told.value)


def test_labels_by_name_must_meet_the_files_one_by_one(arrays):
    folder = arrays.each(["a.npy", "b.npy", "c.npy"], (HEIGHT, WIDTH, 3))
    text = "file,label\na.npy,0\na.npy,1\n../b.npy,1\nb.npy,x\n"
    with pytest.raises(FaultyInputError) as told:
        arrays.read(folder, arrays.write("l.csv", text))
    assert list(told.value.faults) == [
        "l.csv line 2: image 'a.npy' has several labels",
        "l.csv line 3: image 'a.npy' has several labels",
        f"l.csv line 4: there is no image '../b.npy' in {folder}",
        "c.npy: the image has no label",
        "l.csv line 5: the label is 'x'; expected 0 to 0, or one of the names of --classes",
    ]


def test_a_folder_with_one_bad_file_tells_its_name(arrays):
    folder = arrays.each([f"{i}.npy" for i in range(3)], (HEIGHT, WIDTH, 3))
    (folder / "1.npy").write_bytes(b"\x93NUMPY")
    csv = arrays.write("l.csv", "file,label\n" + "".join(f"{i}.npy,{i}\n" for i in range(3)))
    with pytest.raises(FaultyInputError, match=r"1.npy: .*header cannot be read"):
        arrays.read(folder, csv)
    dataset, faults = arrays.read(folder, csv, skip_bad=True)
    assert [image.name for image in dataset.images] == ["0", "2"]
    assert len(faults) == 1


def test_folders_without_arrays_and_boxes_given_twice_are_refused(arrays, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError, match=r"holds no \.npy files"):
        arrays.read(tmp_path / "none")
    csv = "index,label,x,y,width,height\n" + "".join(f"{i},0,1,1,2,2\n" for i in range(COUNT))
    with pytest.raises(UsageError, match="Boxes are given twice"):
        arrays.read(labels=arrays.write("l.csv", csv), boxes=BOXES, box_form="xywh")
    folder = arrays.each(["a.npy"], (HEIGHT, WIDTH, 3))
    with pytest.raises(UsageError, match="gives boxes by position, but the labels name files"):
        arrays.read(folder, arrays.write("l.csv", "file,label\na.npy,0\n"), boxes=BOXES[:1])
