"""Formats are found by looking into files: each as its own programs lay it out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from core.readers import dataset_reader, run_reader
from core.readers.find_format import Found, find_formats


def save(root, name, content):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is Image:
        Image.new("RGB", (8, 6)).save(path)
    elif isinstance(content, np.ndarray):
        Image.fromarray(content).save(path)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))


BOX = {"name": "rect", "x": 1, "y": 1, "width": 3, "height": 3}
VIA = {"a": {"filename": "a.jpg", "size": 1, "regions": [
    {"shape_attributes": BOX, "region_attributes": {"kind": "dog"}}]}}  # fmt: skip
COCO = {
    "images": [{"id": 1, "file_name": "a.jpg", "height": 6, "width": 8}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 3, 3], "iscrowd": 0}],
    "categories": [{"id": 1, "name": "dog"}],
}
LABELME = {
    "imagePath": "..\\photos\\a.jpg",
    "shapes": [{"label": "dog", "points": [[1, 1], [4, 4]], "shape_type": "rectangle"}],
}
VOC = """<annotation><filename>a.jpg</filename><size><width>8</width><height>6</height></size>
<object><name>dog</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4</ymax></bndbox>
</object></annotation>"""
GREY = np.zeros((6, 8), np.uint8)
RESULTS = [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2], "score": 0.5}]
# what lies there -> format, annotations, images, split
SETS = {
    "via": ({"train/via.json": VIA, "train/a.jpg": Image}, "train/via.json", "train", "train"),
    "coco": (
        {"annotations/instances_val2017.json": COCO, "val2017/a.jpg": Image},
        *("annotations/instances_val2017.json", "val2017", "val"),
    ),
    "labelme": ({"json/a.json": LABELME, "photos/a.jpg": Image}, "json", "photos", "val"),
    "pascal-voc": (
        {"Annotations/a.xml": VOC, "JPEGImages/a.jpg": Image},
        *("Annotations", "JPEGImages", "val"),
    ),
    "yolo": (
        {
            "data.yaml": "names: [dog]",
            "labels/test/a.txt": "0 0.5 0.5 0.2 0.2\n",
            "images/test/a.jpg": Image,
        },
        *("labels/test", "images/test", "test"),
    ),
    "label-png": (
        {"trainannot/a.png": GREY, "train/a.png": GREY + 9},
        *("trainannot", "train", "train"),
    ),
    "cityscapes": (
        {"gt/x/x_1_2_gtFine_labelIds.png": GREY, "left/x/x_1_2_leftImg8bit.png": Image},
        *("gt", "left", "val"),
    ),
    "csv": ({"t.csv": "file,label\na.jpg,dog\n", "im/a.jpg": Image}, "t.csv", "im", "val"),
}


@pytest.mark.parametrize("form", SETS)
def test_a_data_set_is_found_and_its_reader_reads_it(tmp_path, form):
    files, annotations, images, split = SETS[form]
    for name, content in files.items():
        save(tmp_path, name, content)
    found = [each for each in find_formats(tmp_path) if not each.is_run]
    first = found[0]
    assert first == Found(form, tmp_path / annotations, tmp_path / images, options=first.options)
    assert first.split(tmp_path) == split
    given = {"class_attribute": "kind"} if form == "via" else {}
    dataset, faults = dataset_reader(form)(first.annotations, first.images, "x", split, **given)
    assert len(dataset.images) == 1
    assert not faults


def test_class_names_of_yolo_are_found(tmp_path):
    for name, content in SETS["yolo"][0].items():
        save(tmp_path, name, content)
    assert find_formats(tmp_path)[0].options == {"class_names": tmp_path / "data.yaml"}


def test_runs_are_found_beside_data_sets(tmp_path):
    for name, content in SETS["coco"][0].items():
        save(tmp_path, name, content)
    save(tmp_path, "out/net.json", RESULTS)
    (run,) = [each for each in find_formats(tmp_path) if each.is_run]
    assert run == Found("coco-results", tmp_path / "out/net.json", None, is_run=True)
    dataset, _ = dataset_reader("coco")(*_paths(tmp_path), "x", "val")
    assert len(run_reader(run.format)(run.annotations, dataset)[0][0].objects) == 1


def _paths(root):
    first = next(each for each in find_formats(root) if each.format == "coco")
    return first.annotations, first.images


def test_what_is_nothing_is_passed_over(tmp_path):
    files = {"a.json": "{", "b.json": [1], "c.json": {}, "d.txt": "Read me, 5 words here",
             "e.xml": "<html/>", "f.csv": "x,y\n", ".hidden.json": VIA, ".git/via.json": VIA,
             "photo.jpg": Image}  # fmt: skip
    for name, content in files.items():
        save(tmp_path, name, content)
    assert find_formats(tmp_path) == []


def test_links_that_lead_out_are_not_looked_into(tmp_path):
    save(tmp_path, "secret/via.json", VIA)
    save(tmp_path, "set/a.jpg", Image)
    (tmp_path / "set" / "via.json").symlink_to(tmp_path / "secret" / "via.json")
    assert find_formats(tmp_path / "set") == []


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("via_balloon", ("via", "train/via_region_data.full_original.json", "train")),
        ("via_vehicles", ("via", "train/via_region_data.json", "train")),
        ("coco_val2017", ("coco", "instances.json", "images")),
        ("membrane", ("label-png", "train/label", "train/image")),
        ("svhn", ("svhn", "extra/digitStruct.mat", "extra")),
        ("mnist_t10k", ("mnist", "t10k-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz")),
    ],
)
def test_real_data_sets_are_found(shared_data, folder, expected):
    root = shared_data / folder
    first = find_formats(root)[0]
    there = (path.relative_to(root).as_posix() for path in (first.annotations, first.images))
    assert (first.format, *there) == expected
