"""Submissions: what export writes is sound, and every fault of another is found."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.store.connection import Store
from core.structures import Prediction
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

MAPS = {"has_boxes": False, "has_masks": False, "has_label_maps": True}


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EVALUATION_STORE", str(tmp_path / "store.duckdb"))

    def called(*arguments: object) -> tuple[int, str]:
        status = main([str(each) for each in arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return called


@pytest.fixture
def predictions(tmp_path) -> list[Prediction]:
    """Of the run net in the store of `call`."""
    dataset = make_dataset(objects=False, label_maps=True)
    store = Store.at(tmp_path / "store.duckdb")
    put(store, dataset)
    predictions = make_predictions(dataset, objects=False, label_maps=True)
    small = predictions[0].label_map
    small[:] = 1
    small.flat[:15], small.flat[15:31], small.flat[31] = 0, 2, 255
    put_run(store, dataset, predictions, "net", **MAPS)
    return predictions


def exported(call, tmp_path: Path, *options: object) -> Path:
    out = tmp_path / "net.zip"
    status, printed = call("export", "net", "--format", "submission", "--out", out, *options)
    assert status == 0, printed
    return out


def checked(call, path: Path) -> tuple[int, str]:
    return call(
        "validate-submission", path, "--dataset", "shapes", "--split", "val", "--all-faults"
    )


def test_masks_are_the_stored_maps_and_the_file_is_sound(call, tmp_path, predictions):
    out = exported(call, tmp_path)
    with zipfile.ZipFile(out) as archive:
        for each in predictions:
            stored = Image.open(io.BytesIO(archive.read(f"masks/{each.image.name}.png")))
            assert np.array_equal(np.asarray(stored), each.label_map)
        lines = archive.read("labels.csv").decode().splitlines()
    # 15 pixels of class 0, 16 of class 2
    assert lines[:2] == ["image,labels", f"{predictions[0].image.name},1 2"]
    assert len(lines) == 1 + len(predictions)
    status, printed = checked(call, out)
    assert status == 0
    assert "sound. It answers 5 images" in printed


def test_without_a_name_it_names_its_run_and_split(call, tmp_path, predictions, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sent").mkdir()
    for folder, options in ((Path(), []), (Path("sent"), ["--out", "sent"])):
        status, printed = call("export", "net", "--format", "submission", *options)
        assert (status, printed.split(":")[0]) == (0, str(folder / "net--on--val.zip"))
        assert checked(call, folder / "net--on--val.zip")[0] == 0
    assert "exists" in call("export", "net", "--format", "submission")[1]


@pytest.mark.parametrize("form", ["label-png", "coco-bundle"])
def test_other_formats_need_a_name(call, predictions, form):
    runs = [] if form == "coco-bundle" else ["net"]
    status, printed = call("export", *runs, "--format", form)
    assert status == 2
    assert f"--out is missing. Name the file or folder that {form} goes to" in " ".join(
        printed.split()
    )


def test_one_run_always_gives_the_same_file(call, tmp_path, predictions):
    before = exported(call, tmp_path).read_bytes()
    assert exported(call, tmp_path, "--force").read_bytes() == before


def test_what_the_system_says_of_the_image_comes_first(call, tmp_path, predictions):
    dataset = make_dataset("said", objects=False, label_maps=True)
    store = Store.at(tmp_path / "store.duckdb")
    put(store, dataset)
    found = make_predictions(dataset, objects=False, label_maps=True, labels=True)
    put_run(store, dataset, found, "two-heads", has_labels=True, **MAPS)
    out = tmp_path / "said.zip"
    assert call("export", "two-heads", "--format", "submission", "--out", out)[0] == 0
    with zipfile.ZipFile(out) as archive:
        lines = archive.read("labels.csv").decode().splitlines()[1:]
    for line, each in zip(lines, found, strict=True):
        shown = [str(i) for i, p in enumerate(each.probabilities) if p >= 0.5]
        assert line == f"{each.image.name},{' '.join(shown)}"


def png(pixels: np.ndarray) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, format="PNG")
    return stored.getvalue()


@pytest.mark.parametrize(
    ("entry", "content", "said"),
    [
        ("masks/image 003.png", None, "it is missing; image 3 has no mask"),
        ("masks/stranger.png", b"x", "it belongs to no image"),
        ("../../evil.png", b"x", "it belongs to no image"),
        ("masks/image 003.png", png(np.zeros((13, 16), np.uint8)), "13 x 16 (height x width)"),
        ("masks/image 003.png", png(np.full((13, 17), 9, np.uint8)), "it holds 9; expected"),
        ("masks/image 003.png", png(np.zeros((13, 17, 3), np.uint8)), "mode RGB"),
        ("masks/image 003.png", b"\x89PNG", "cannot be read"),
        ("masks/image 003.png", b"0" * 10_000_000, "10,000,000 bytes; expected at most"),
        ("labels.csv", None, "labels.csv: it is missing"),
        ("labels.csv", b"a,b\n", "expected image,labels"),
        ("labels.csv", b"image,labels\nimage 003,7\n", "expected class indices from 0 to 2"),
        ("labels.csv", b"image,labels\nimage 003,\xc2\xb2\n", "expected class indices"),
        ("labels.csv", b"image,labels\nimage 003," + b"1" * 5000, "expected class indices"),
        ("labels.csv", b"image,labels\nnobody,\n", "no image named 'nobody'"),
        ("labels.csv", b"image,labels\nimage 003\n", "it has 1 columns"),
        ("labels.csv", b"image,labels\nimage 003,\nimage 003,\n", "has 2 lines; expected one"),
        ("labels.csv", b"image,labels\n", "image 'image 003' has no line"),
        ("labels.csv", b"", "cannot be read as a table"),
        ("labels.csv", b"\xff\xfe", "cannot be read as a table"),
    ],
)
def test_every_fault_is_found(call, tmp_path, predictions, entry, content, said):
    out, bad = exported(call, tmp_path), tmp_path / "bad.zip"
    with zipfile.ZipFile(out) as sound, zipfile.ZipFile(bad, "w") as archive:
        for name in sound.namelist():
            if name != entry:
                archive.writestr(name, sound.read(name))
        if content is not None:
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    status, printed = checked(call, bad)
    assert status == 2
    assert said in printed


def test_a_name_that_is_there_twice_is_told(call, tmp_path, predictions):
    out = exported(call, tmp_path)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("labels.csv", "image,labels\n")
    assert "'labels.csv': it is there 2 times" in checked(call, out)[1]


def test_what_is_no_zip_is_told(call, tmp_path, predictions):
    (tmp_path / "a.zip").write_bytes(b"PK no")
    status, printed = checked(call, tmp_path / "a.zip")
    assert status == 2
    assert "cannot be read as a zip file" in printed
