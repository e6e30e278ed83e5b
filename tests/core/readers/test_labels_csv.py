"""A CSV of labels: classes by number and by name, boxes of both forms, rows spoilt once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.labels_csv import read_labels_csv


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("b.png", "sub/a.jpg", "c.png"):
        Image.new("RGB", (30, 20)).save(tmp_path / name)
    return tmp_path


def read(folder, text, **options):
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "labels.csv").write_bytes(content)
    return read_labels_csv(folder / "labels.csv", folder, "d", "val", **options)


def objects(dataset):
    return [
        (image.path, dataset.categories[found.categories[0]].name, found.boxes[0].tolist())
        for image in dataset.images
        for found in [dataset.annotations[image.id].objects]
    ]


def test_names_become_classes_without_places(folder):
    dataset, faults = read(folder, "File, Label\nb.png,oak\nsub/a.jpg,elm\n\nc.png,oak\n")
    assert faults == ()
    assert not dataset.located
    assert [category.name for category in dataset.categories] == ["elm", "oak"]
    assert [image.id for image in dataset.images] == [1, 2, 3]
    whole = [0, 0, 30, 20]
    assert objects(dataset) == [
        ("b.png", "oak", whole), ("sub/a.jpg", "elm", whole), ("c.png", "oak", whole)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["label,x,y,width,height,file\n2,3,4,10.5,6,c.png\n",
     "x1,y1,x2,y2,file,label\n3,4,13.5,10,c.png,2"],
)  # fmt: skip
def test_boxes_of_both_forms(folder, text):
    dataset, _ = read(folder, text)
    assert dataset.located
    assert [category.name for category in dataset.categories] == ["class 0", "class 1", "class 2"]
    assert objects(dataset) == [("c.png", "class 2", [3, 4, 10.5, 6])]


def test_given_classes_take_numbers_and_names(folder):
    dataset, _ = read(folder, "file,label\nb.png,1\nc.png,elm\n", class_names=["elm", "oak"])
    assert [name for _, name, _ in objects(dataset)] == ["oak", "elm"]


FAULTS = {
    "fields": ("c.png,1,2", "labels.csv line 3: it has 3 fields; expected 6"),
    "no label": ("c.png,,0,0,5,5", "line 3: the label is empty"),
    "no file": ("x.png,0,0,0,5,5", "line 3: the image file does not exist: '"),
    "path out": ("../c.png,0,0,0,5,5", "leads out of the folder"),
    "empty file": (",0,0,0,5,5", "the file name is ''"),
    "twice": ("b.png,0,0,0,5,5", "the image 'b.png' occurred before, in labels.csv line 2"),
    "box": ("c.png,0,0,0,x,5", "the box is '0,0,x,5'; expected four finite numbers"),
    "outside": ("c.png,0,40,0,5,5", "it lies outside its image"),
    "backwards": ("c.png,0,4,0,-5,5", "a side is negative"),
    "class": ("c.png,9,0,0,5,5", "the label is 9; expected 0 to 1, or one of the names"),
    "name": ("c.png,tree,0,0,5,5", "the label is 'tree'; expected 0 to 1"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place_and_can_be_skipped(folder, name):
    row, said = FAULTS[name]
    text = f"file,label,x,y,width,height\nb.png,0,1,1,4,4\n{row}\n"
    options = {"class_names": ["elm", "oak"]}
    with pytest.raises(FaultyInputError) as told:
        read(folder, text, **options)
    assert said in told.value.told()
    assert len(told.value.faults) == 1
    dataset, faults = read(folder, text, skip_bad=True, **options)
    assert [image.path for image in dataset.images] == ["b.png"]
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "its first line is ''"),
        ("file,class\na,1", "among them file (or index) and label"),
        ("file,label,label\na,1,2", "expected different names"),
        ("index,label\n0,1", "have no column file"),
        ("file,label\n", "no row follows the first"),
        ("file,label\nb.png,1\nc.png,elm", "some labels are numbers, such as 1, and others names"),
        (b"file,label\n\xff,1", "this is no CSV in UTF-8"),
        ('file,label\n"b.png,1', "this is no CSV in UTF-8"),
        (b"\x89PNG\r\n", "this is no CSV in UTF-8"),
    ],
)
def test_other_files_are_refused(folder, text, said):
    with pytest.raises(UsageError) as told:
        read(folder, text)
    assert said in str(told.value)
