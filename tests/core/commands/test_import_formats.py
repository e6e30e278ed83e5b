"""python -m core import of digits and arrays: unusable files end with status 2, nothing written."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.store.connection import Store
from core.store.rows import load_dataset

PIXELS = np.arange(4 * 6 * 5, dtype=np.uint8).reshape(4, 6, 5)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four images with labels and boxes, as IDX and as .npy; a store that does not exist yet."""
    monkeypatch.setenv("EVALUATION_STORE", str(tmp_path / "store" / "evaluation.duckdb"))
    idx = struct.pack(">4I", 0x803, *PIXELS.shape) + PIXELS.tobytes()
    (tmp_path / "images.gz").write_bytes(gzip.compress(idx))
    (tmp_path / "labels").write_bytes(struct.pack(">2I", 0x801, 4) + bytes([3, 1, 0, 9]))
    np.save(tmp_path / "images.npy", PIXELS)
    np.save(tmp_path / "vectors.npy", PIXELS.reshape(4, -1))
    np.save(tmp_path / "labels.npy", np.array([0, 1, 1, 0]))
    np.save(tmp_path / "boxes.npy", np.array([[1, 1, 3, 4.0]] * 4))
    return tmp_path


def run(folder: Path, form: str, annotations: str, images: str, *options: object) -> int:
    paths = ["--annotations", str(folder / annotations), "--images", str(folder / images)]
    return main(["import", "d", "--format", form, "--split", "s", *paths, *map(str, options)])


def stored(folder: Path):
    return load_dataset(Store.at(folder / "store" / "evaluation.duckdb"), "d", "s")


def test_mnist_comes_in_without_places(folder, capsys):
    assert run(folder, "mnist", "labels", "images.gz") == 0
    assert "d · s: 4 images, 10 classes, 4 objects, stored" in capsys.readouterr().out
    dataset = stored(folder)
    assert not dataset.located
    assert dataset.images[2].path == "images.gz#2:6x5x1:255"
    assert main(["datasets"]) == 0
    assert "classes     0   mnist" in capsys.readouterr().out


def test_vectors_come_in_with_shape_and_boxes(folder):
    boxes = ["--boxes", folder / "boxes.npy", "--box-form", "xyxy", "--shape", "6x5"]
    assert run(folder, "npy", "labels.npy", "vectors.npy", *boxes) == 0
    dataset = stored(folder)
    assert dataset.located
    assert dataset.annotations[0].objects.boxes.tolist() == [[1, 1, 2, 3]]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ([], 2, "Which attribute is the class of a region?"),
        (["--class-attribute", "kind"], 0, "1 image, 1 class, 1 object"),
        (["--one-class", "tree"], 0, "1 image, 1 class, 1 object"),
    ],
)
def test_via_asks_for_the_class(folder, capsys, options, status, said):
    Image.new("RGB", (9, 9)).save(folder / "a.png")
    shape = {"name": "rect", "x": 1, "y": 1, "width": 2, "height": 2}
    regions = [{"shape_attributes": shape, "region_attributes": {"kind": "oak"}}]
    document = {"a": {"filename": "a.png", "regions": regions}}
    (folder / "via.json").write_text(json.dumps(document))
    assert run(folder, "via", "via.json", ".", *options) == status
    printed = capsys.readouterr()
    assert said in printed.out + printed.err


def test_yolo_comes_in_as_a_data_set_and_as_a_run(folder, capsys):
    (folder / "labels").unlink()
    for name in ("labels", "photographs", "predictions"):
        (folder / name).mkdir()
    Image.new("RGB", (16, 8)).save(folder / "photographs" / "a.png")
    (folder / "labels" / "a.txt").write_text("1 .5 .5 .25 .5")
    (folder / "predictions" / "a.txt").write_text("1 .5 .5 .25 .5 .75")
    (folder / "data.yaml").write_text("names: {0: oak, 1: elm}")
    classes = ["--classes", folder / "data.yaml"]
    assert run(folder, "yolo", "labels", "photographs", *classes) == 0
    assert "1 image, 2 classes, 1 object" in capsys.readouterr().out
    command = ["import-run", "r", "--dataset", "d", "--split", "s", "--format", "yolo"]
    assert main([*command, str(folder / "labels")]) == 2
    assert "rows without confidence" in capsys.readouterr().err
    assert main([*command, str(folder / "predictions")]) == 0
    assert main(["evaluate", "r"]) == 0
    capsys.readouterr()
    assert main(["scores", "r", "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)[0]["scores"]
    assert scores["box_ap"] == pytest.approx(1)


def test_a_voc_folder_comes_in_with_its_pngs_and_list(folder, capsys):
    for name in ("xml", "jpg", "classes", "objects"):
        (folder / name).mkdir()
    corners = "<xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>2</ymax>"
    boxed = f"<object><name>cat</name><bndbox>{corners}</bndbox></object>"
    (folder / "xml" / "a.xml").write_text(f"<annotation>{boxed}</annotation>")
    Image.new("RGB", (6, 5)).save(folder / "jpg" / "a.jpg")
    for name, value in (("classes", 8), ("objects", 1)):
        Image.new("L", (6, 5), value).save(folder / name / "a.png")
    (folder / "val.txt").write_text("a  1\n")
    pngs = ["--png", folder / "classes", "--object-png", folder / "objects"]
    assert run(folder, "pascal-voc", "xml", "jpg", *pngs, "--only", folder / "val.txt") == 0
    assert main(["datasets"]) == 0
    assert "21  boxes + masks + label maps     0  pascal-voc" in capsys.readouterr().out
    (folder / "val.txt").write_text("\n")
    assert run(folder, "pascal-voc", "xml", "jpg", "--only", folder / "val.txt") == 2
    assert "names no images" in capsys.readouterr().err


def test_a_dry_run_checks_and_writes_nothing(folder, capsys):
    assert run(folder, "mnist", "labels", "images.gz", "--dry-run") == 0
    assert "Sound; nothing was written" in capsys.readouterr().out
    assert not (folder / "store").exists()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def objects(path: Path) -> None:
    np.save(path, np.array([object()] * 4), allow_pickle=True)


def claim(path: Path) -> None:
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 30), }\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head)


def lists(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["digitStruct/name"] = [1.0]


UNUSABLE = {
    "truncated gz": ("mnist", "labels", "images.gz", cut, "images.gz", "cannot be read"),
    "wrong magic": ("mnist", "labels.npy", "images.gz", None, "", "1 dimensions of int64"),
    "counts": ("mnist", "labels", "images.gz", lambda p: p.write_bytes(
        struct.pack(">2I", 0x801, 3) + b"abc"), "labels", "4 images, but"),
    "short labels": ("mnist", "labels", "images.gz", cut, "labels", "file ends inside its header"),
    "objects": ("npy", "labels.npy", "images.npy", objects, "labels.npy", "never unpickled"),
    "huge claim": ("npy", "labels.npy", "images.npy", claim, "images.npy", "but 0 follow"),
    "no shape": ("npy", "labels.npy", "vectors.npy", None, "", "give its shape by --shape"),
    "path out": ("svhn", "d.json", ".", lambda p: p.write_text(json.dumps(
        [{"filename": "../x.png", "boxes": []}])), "d.json", "leads out of the folder"),
    "other HDF5": ("svhn", "d.mat", ".", lists, "d.mat", "digitStruct/name holds 1 of float64"),
    "no folder": ("svhn", "labels", "images.npy", None, "", "is a file; expected a folder"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.parametrize("options", [[], ["--skip-bad"]])
def test_unusable_files_end_with_status_2_and_nothing_written(folder, capsys, name, options):
    form, annotations, images, spoil, spoilt, said = UNUSABLE[name]
    if spoil:
        spoil(folder / spoilt)
    assert run(folder, form, annotations, images, *options) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""
    assert not (folder / "store").exists()


@pytest.mark.parametrize(
    ("form", "option", "said"),
    [
        ("mnist", ["--void", "3"], "--void belongs to --format label-png, and the format is mnist"),
        ("coco", ["--box-form", "xywh"], "--box-form belongs to --format npy, and the format is"),
        ("svhn", ["--no-images"], "--no-images belongs to --format coco or coco-"),
    ],
)  # fmt: skip
def test_options_of_other_formats_are_refused(folder, capsys, form, option, said):
    images = "images.gz" if form == "mnist" else "."
    assert run(folder, form, "labels", images, *option) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("shape", ["28", "28x", "0x3", "2x2x4", "axb", "1x2x3x4", "-2x3"])
def test_shapes_that_are_none_are_refused(folder, capsys, shape):
    assert run(folder, "npy", "labels.npy", "images.npy", f"--shape={shape}") == 2
    assert "argument --shape: " in capsys.readouterr().err
