"""A small sound input of every format that is read: `SAMPLES`."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from core.errors import FaultyInputError
from core.fusion.recipe import FORMAT, read_recipe
from core.readers.class_names import read_class_names
from core.readers.submission import submission_faults
from tests.fuzz.sample import (
    CLASSES,
    HEIGHT,
    MAP,
    PHOTOGRAPH,
    SQUARE,
    WIDTH,
    Sample,
    answered,
    array,
    data_set,
    json_of,
    picture,
    run,
)

SIZE = {"height": HEIGHT, "width": WIDTH}
A_JPG = {"images/a.jpg": PHOTOGRAPH}
RLE = {"size": [HEIGHT, WIDTH], "counts": [0, 30, HEIGHT * WIDTH - 30]}
PACKED = {"size": [HEIGHT, WIDTH], "counts": "0n0R5"}
OBJECT = {"image_id": 9, "category_id": 7, "iscrowd": 0, "bbox": [2, 2, 4, 4], "area": 16}
CATEGORIES = [{"id": 7, "name": "cat", "supercategory": "animal"}, {"id": 3, "name": "dog"}]


def coco() -> Sample:
    objects = [
        OBJECT | {"id": 21, "segmentation": [SQUARE]},
        OBJECT | {"id": 22, "segmentation": RLE, "iscrowd": 1},
        OBJECT | {"id": 23, "segmentation": PACKED},
    ]
    images = [{"id": 9, "file_name": "a.jpg", **SIZE}]
    document = {"images": images, "categories": CATEGORIES, "annotations": objects}
    return data_set("coco", "c.json", {"c.json": json_of(document), **A_JPG})


def panoptic() -> Sample:
    ids = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    ids[2:4, 3:8] = 1, 2, 0
    segment = {"id": 513, "category_id": 7, "area": 10, "bbox": [3, 2, 5, 2], "iscrowd": 0}
    document = {
        "images": [{"id": 9, "file_name": "a.jpg", **SIZE}],
        "categories": [{"id": 7, "name": "cat", "isthing": 1}],
        "annotations": [{"image_id": 9, "file_name": "a.png", "segments_info": [segment]}],
    }
    files = {"p.json": json_of(document), "p/a.png": picture(ids), **A_JPG}
    return data_set("coco-panoptic", "p.json", files)


def via(*, first: bool) -> Sample:
    shapes = [
        {"name": "polygon", "all_points_x": [3, 9, 8.5], "all_points_y": [2, 4, 9]},
        {"name": "rect", "x": 4, "y": 5, "width": 6, "height": 3},
        {"name": "circle", "cx": 8, "cy": 6.5, "r": 3.25},
        {"name": "ellipse", "cx": 8, "cy": 8, "rx": 5, "ry": 2, "theta": 0.6},
    ]
    regions: Any = [
        {"shape_attributes": each, "region_attributes": {"kind": "cat"}} for each in shapes
    ]
    if first:
        regions = {str(index): each for index, each in enumerate(regions)}
    entry = {"filename": "a.jpg", "size": 1, "file_attributes": {}, "regions": regions}
    document: Any = {"a.jpg1": entry}
    if not first:
        document = {"_via_settings": {}, "_via_img_metadata": document, "_via_attributes": {}}
    files = {"v.json": json_of(document), **A_JPG}
    return data_set("via", "v.json", files, class_attribute="kind", note="1" if first else "2")


def labelme() -> Sample:
    mask = base64.b64encode(picture(np.eye(3, 4, dtype=np.uint8))).decode()
    common = {"group_id": None, "flags": {}}
    shapes = [
        common | {"label": "cat", "shape_type": "polygon", "points": [[3, 2], [9, 4], [8, 9.5]]},
        common | {"label": "dog", "shape_type": "rectangle", "points": [[9, 10], [4, 5]]},
        common | {"label": "cat", "shape_type": "circle", "points": [[8, 6], [8, 8.5]]},
        common
        | {"label": "car", "shape_type": "mask", "points": [[6, 7], [9, 9]], "mask": mask}
        | {"group_id": 4},
    ]
    document = {"version": "6.3.1", "shapes": shapes, "imagePath": "a.jpg", "imageData": None}
    document |= {"imageHeight": HEIGHT, "imageWidth": WIDTH}
    return data_set("labelme", "json", {"json/a.json": json_of(document), **A_JPG})


def pascal_voc() -> Sample:
    xml = (
        "<?xml version='1.0'?><annotation><filename>a.jpg</filename><size><width>16</width>"
        "<height>12</height><depth>3</depth></size><object><name>cat</name><difficult>0</difficult>"
        "<bndbox><xmin>2</xmin><ymin>3</ymin><xmax>6</xmax><ymax>9</ymax></bndbox></object>"
        "</annotation>"
    )
    pixels = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    pixels[0, 2:9, 1:6], pixels[1, 2:9, 1:6] = 8, 1
    palette = bytes((7 * index) % 256 for index in range(768))
    files = {
        "xml/a.xml": xml.encode(),
        "class/a.png": picture(pixels[0], palette=palette),
        "object/a.png": picture(pixels[1], palette=palette),
        **A_JPG,
    }
    folders = {"png_folder": Path("class"), "object_folder": Path("object")}
    return data_set("pascal-voc", "xml", files, **folders)


def carvana() -> Sample:
    black_and_white = bytes(3) + b"\xff" * 3
    files = {"m/a_mask.gif": picture(MAP % 2, "GIF", black_and_white), **A_JPG}
    return data_set("carvana", "m", files)


def cityscapes() -> Sample:
    name = "bonn/bonn_000001_000019"
    files = {
        f"l/{name}_gtFine_labelIds.png": picture(MAP + 7),
        f"images/{name}_leftImg8bit.png": picture(np.zeros((HEIGHT, WIDTH, 3), np.uint8)),
    }
    return data_set("cityscapes", "l", files)


def svhn(*, as_json: bool) -> Sample:
    box = {"left": 2, "top": 1, "width": 4, "height": 9, "label": 10}
    if as_json:
        document = [{"filename": "a.jpg", "boxes": [box, box]}]
        return data_set("svhn", "d.json", {"d.json": json_of(document), **A_JPG}, note="JSON")
    return data_set("svhn", "d.mat", {"d.mat": digit_struct(box), **A_JPG}, note="HDF5")


def digit_struct(box: dict[str, float]) -> bytes:
    written = io.BytesIO()
    with h5py.File(written, "w") as file:
        letters = np.array([[ord(letter)] for letter in "a.jpg"], np.uint16)
        group = file.create_group("#refs#/g")
        for field, value in box.items():
            places = [[file.create_dataset(f"#refs#/{field}{i}", data=[[value]]).ref] for i in "ab"]
            group[field] = np.array(places, h5py.ref_dtype)
        name = file.create_dataset("#refs#/n", data=letters).ref
        file["digitStruct/name"] = np.array([[name]], h5py.ref_dtype)
        file["digitStruct/bbox"] = np.array([[group.ref]], h5py.ref_dtype)
    return written.getvalue()


def mnist(*, packed: bool) -> Sample:
    images = struct.pack(">4I", 0x803, 3, 4, 5) + bytes(range(60))
    labels = struct.pack(">2I", 0x801, 3) + bytes([7, 0, 3])
    files = {"labels": labels, "pixels": images}
    if packed:
        files = {name: gzip.compress(content, mtime=0) for name, content in files.items()}
    note = "packed" if packed else ""
    return data_set("mnist", "labels", files, images_folder="pixels", note=note)


def npy(*, labels: str) -> Sample:
    files = {
        "images.npy": array(np.zeros((3, 4, 5, 3), np.uint8)),
        "labels.npy": array(np.array([0, 2, 1])),
        "labels.csv": b"index,label\n0,0\n1,2\n2,1\n",
        "boxes.npy": array(np.array([[1.0, 1, 2, 2]] * 3)),
    }
    options = {"images_folder": "images.npy", "boxes": Path("boxes.npy"), "box_form": "xywh"}
    return data_set("npy", labels, files, **options, note=labels)


def npy_folder() -> Sample:
    files = {f"each/{name}.npy": array(np.full((4, 5), 7, np.uint8)) for name in "abc"}
    files["labels.csv"] = b"file,label\na.npy,0\nb.npy,2\nc.npy,1\n"
    return data_set("npy", "labels.csv", files, images_folder="each", note="a file each")


def csv() -> Sample:
    rows = b"file,label,x,y,width,height\na.jpg,cat,2,3,4.5,6\nb.jpg,dog,0,0,1,1\n"
    return data_set("csv", "l.csv", {"l.csv": rows, **A_JPG, "images/b.jpg": PHOTOGRAPH})


def label_png(*, depth: type = np.uint8) -> Sample:
    files = {"l/a.png": picture(MAP.astype(depth)), **A_JPG}
    return data_set("label-png", "l", files, class_names=CLASSES, note=depth.__name__)


def yolo(rows: bytes, note: str) -> Sample:
    return data_set("yolo", "l", {"l/a.txt": rows, **A_JPG}, class_names=CLASSES, note=note)


def detections(*, masked: bool) -> Sample:
    common = {"image_id": 9, "category_id": 4, "score": 0.5}
    boxes = [common | {"bbox": [1, 1.5, 3, 3]}, common | {"score": 1, "bbox": [0, 0, 4, 4]}]
    masks = [common | {"segmentation": PACKED}, common | {"segmentation": PACKED, "image_id": 9}]
    given = json_of(masks if masked else boxes)
    return run("coco-results", "r.json", {"r.json": given}, note="masks" if masked else "boxes")


def predicted_segments() -> Sample:
    entries, files = [], {}
    for image_id, name, size in ((9, "a", (HEIGHT, WIDTH)), (4, "b", (10, 10))):
        ids = np.zeros((*size, 3), np.uint8)
        ids[2:4, 3:8] = 1, 2, 0
        named = {"image_id": image_id, "file_name": f"{name}.png"}
        entries.append(named | {"segments_info": [{"id": 513, "category_id": 4}]})
        files[f"r/{name}.png"] = picture(ids)
    return run("coco-panoptic", "r.json", {"r.json": json_of({"annotations": entries})} | files)


def predicted_maps() -> Sample:
    small = picture(np.ones((10, 10), np.uint8))
    return run("label-png", "l", {"l/a.png": picture(MAP), "l/b.png": small})


def submission() -> Sample:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, pixels in (("a", MAP), ("b", np.ones((10, 10), np.uint8))):
            archive.writestr(zipfile.ZipInfo(f"masks/{name}.png"), picture(pixels))
        labels = zipfile.ZipInfo("labels.csv")
        archive.writestr(labels, "image,labels\na,0 1\nb,1\n", zipfile.ZIP_DEFLATED)

    def read(folder: Path) -> object:
        faults = [str(each) for each in submission_faults(folder / "s.zip", answered(folder))]
        if faults:
            raise FaultyInputError("s.zip", faults, "")
        return ()

    return Sample("submission", "submission", {"s.zip": written.getvalue()}, read, ("s.zip",))


def class_names(name: str, content: bytes) -> Sample:
    def read(folder: Path) -> object:
        return () if read_class_names(folder / name) == list(CLASSES) else ("other",)

    return Sample(f"classes {name}", "classes", {name: content}, read, (name,))


def recipe() -> Sample:
    member = {"run": "r", "system": "yolov8", "weights_sha256": "", "settings": {}}
    fitted = {"dataset": "d", "split": "val", "source_sha256": "", "images": 2}
    content = {
        "format": FORMAT,
        "classes": CLASSES,
        "background": None,
        "members": [member, member],
        "objects": {
            "masks": True, "least_iou": 0.5, "exponent": 1.0, "shares": [[0.5] * 3, [0.5] * 3],
        },
        "maps": {
            "certainty": False, "blank": True, "exponent": "best", "shares": [[1] * 4, [0] * 4],
        },
        "fitted": fitted | {"scores": {"r": {"box_ap": 0.5}}, "left_out": {}},
    }  # fmt: skip

    def read(folder: Path) -> object:
        read_recipe(folder / "r.json")
        return ()

    return Sample("recipe", "recipe", {"r.json": json_of(content)}, read, ("r.json",))


YAML = b"path: ..\nnames:\n  0: cat\n  1: dog\n  2: car\n"
SAMPLES: dict[str, Sample] = {
    sample.name: sample
    for sample in (
        *(coco(), panoptic(), via(first=True), via(first=False), labelme(), pascal_voc()),
        *(carvana(), cityscapes(), svhn(as_json=True), svhn(as_json=False)),
        *(
            mnist(packed=False),
            mnist(packed=True),
            npy(labels="labels.npy"),
            npy(labels="labels.csv"),
        ),
        *(npy_folder(), csv(), label_png(), label_png(depth=np.uint16)),
        yolo(b"0 0.5 0.5 0.25 0.25\n2 0.2 0.2 0.1 0.1\n", "boxes"),
        yolo(b"1 0.1 0.1 0.6 0.2 0.5 0.9\n0 0.1 0.1 0.6 0.2 0.5 0.9 0.2 0.5\n", "polygons"),
        *(
            detections(masked=False),
            detections(masked=True),
            predicted_maps(),
            predicted_segments(),
        ),
        run("yolo", "l", {"l/a.txt": b"0 0.5 0.5 0.25 0.25 0.75\n", "l/b.txt": b""}),
        *(submission(), recipe(), class_names("data.yaml", YAML)),
        class_names("names.txt", b"cat\ndog\ncar\n"),
    )
}
