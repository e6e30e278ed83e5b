"""Arrays, archives, HDF5, XML, tables and text files that lie, bite or lead elsewhere."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

from tests.corpus.case import Case, importing


class Bite:
    """Unpickling it would leave a trace in the folder that the interpreter works in."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("bitten",)


def arrays(name: str, told: str, spoil: Callable[[Path], object]) -> Case:
    """Return the case of images.npy and labels.npy in a folder, of which one is spoilt."""

    def make(folder: Path) -> list[str]:
        np.save(folder / "images.npy", np.zeros((4, 6, 5), np.uint8))
        np.save(folder / "labels.npy", np.array([0, 1, 1, 0]))
        spoil(folder)
        return importing("npy", folder / "labels.npy", folder / "images.npy")

    return Case(f"arrays: {name}", make, told)


def header(descr: str, shape: str) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.npy", header("'|u1'", "(1,)") + b"x")


def objects(path: Path) -> None:
    np.save(path, np.array([Bite()] * 4), allow_pickle=True)


ARRAYS = [
    arrays("pickled objects", "never unpickled", lambda f: objects(f / "labels.npy")),
    arrays("a bare pickle", "it begins with b", lambda f: (f / "labels.npy").write_bytes(
        pickle.dumps(Bite()))),
    arrays("an archive that leads out", "it begins with b'PK", lambda f: zipped(f / "images.npy")),
    arrays("a petabyte claimed", "but 0 follow", lambda f: (f / "images.npy").write_bytes(
        header("'|u1'", "(99999999999, 30, 30)"))),
    arrays("a shape below 0", "the shape (-4, 6, 5)", lambda f: (f / "images.npy").write_bytes(
        header("'|u1'", "(-4, 6, 5)"))),
    arrays("code in the header", "header cannot be read", lambda f: (f / "images.npy").write_bytes(
        header("__import__('os').mkdir('bitten')", "(1,)"))),
    arrays("a terminal's colours", 'of "|�,31mu1"', lambda f: (f / "labels.npy").write_bytes(
        header("'|\x1b,31mu1'", "(4,)"))),
    arrays("cut off", "follow", lambda f: (f / "images.npy").write_bytes(
        (f / "images.npy").read_bytes()[:-9])),
    arrays("labels that are NaN", "the label is nan", lambda f: np.save(
        f / "labels.npy", np.array([0, np.nan, 1, 0]))),
    arrays("more labels than images", "4 images, but there are 5", lambda f: np.save(
        f / "labels.npy", np.zeros(5, int))),
]  # fmt: skip


def idx(name: str, told: str, images: bytes) -> Case:
    """Return the case of MNIST's files with such images."""

    def make(folder: Path) -> list[str]:
        (folder / "images.gz").write_bytes(images)
        (folder / "labels").write_bytes(struct.pack(">2I", 0x801, 2) + bytes([3, 1]))
        return importing("mnist", folder / "labels", folder / "images.gz")

    return Case(f"mnist: {name}", make, told)


HEAD = struct.pack(">4I", 0x803, 2, 4, 4)
MNIST = [
    idx("gzip cut off", "cannot be read", gzip.compress(HEAD + bytes(32))[:-9]),
    idx("gzip bomb", "follow", gzip.compress(HEAD + bytes(2**26))),
    idx("four billion images", "follow", gzip.compress(struct.pack(">4I", 0x803, 2**32 - 1, 4, 4))),
    idx("no gzip at all", "it begins with b'plainl'", b"plainly not gzip"),
]


def files(name: str, told: str, form: str, content: dict[str, bytes], *options: str) -> Case:
    """Return the case of a folder of such files beside one sound photograph a.png."""

    def make(folder: Path) -> list[str]:
        (folder / "images").mkdir()
        Image.new("RGB", (6, 4)).save(folder / "images" / "a.png")
        (folder / "given").mkdir()
        for path, text in content.items():
            (folder / "given" / path).write_bytes(text)
        (folder / "classes.txt").write_text("cat\ndog\n")
        single = form in {"csv", "via", "svhn"}
        given = folder / "given" / next(iter(content)) if single else folder / "given"
        named = [str(folder / each) if each == "classes.txt" else each for each in options]
        return importing(form, given, folder / "images", *named)

    return Case(f"{form}: {name}", make, told)


LAUGHS = b"""<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<annotation><filename>&c;</filename></annotation>"""
OUTSIDE = b"""<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>
<annotation><filename>&b;</filename></annotation>"""
CLASSES = ("--classes", "classes.txt")
FAR_SHAPE = {"label": "cat", "shape_type": "polygon", "points": [[0, 0], [1, 1], [1e300, 2]]}
TEXTS = [
    files("entities that multiply", "document type", "pascal-voc", {"a.xml": LAUGHS}),
    files("an entity of another file", "document type", "pascal-voc", {"a.xml": OUTSIDE}),
    files("cut off", "it is no XML", "pascal-voc", {"a.xml": b"<annotation><object>"}),
    files("few bytes that claim many pixels", "expected the image's 4 x 6", "carvana", {
        "a_mask.gif": b"GIF89a" + struct.pack("<2H3B", 13_000, 13_000, 0x80, 0, 0) + bytes(6)
        + b"," + struct.pack("<4HB", 0, 0, 13_000, 13_000, 0) + b"\x02\x02\x4c\x01\x00;"}),
    files("not finite", "a.txt", "yolo", {"a.txt": b"0 0.5 nan 0.1 0.1\n"}, *CLASSES),
    files("class 7 of 2", "the class is 7", "yolo", {"a.txt": b"7 0.5 0.5 0.1 0.1\n"}, *CLASSES),
    files("three numbers", "it has 3 numbers", "yolo", {"a.txt": b"0 0.5 0.5\n"}, *CLASSES),
    files("a NUL", "a.txt", "yolo", {"a.txt": b"0 0.5 0.5 0.1\0 0.1\n"}, *CLASSES),
    files("out of the folder", "leads out", "csv", {"l.csv": b"file,label\n../a.png,cat\n"}),
    files("no columns", "no CSV in UTF-8", "csv", {"l.csv": b"\x89\0\0\0"}),
    files("an infinite box", "the box is", "csv", {
        "l.csv": b"file,label,x,y,width,height\na.png,cat,0,0,inf,2\n"}),
    files("out of the folder", "leads out", "svhn", {
        "d.json": json.dumps([{"filename": "../a.png", "boxes": []}]).encode()}),
    files("no HDF5", "no HDF5 file", "svhn", {"d.mat": b"MATLAB 5.0 MAT-file"}),
    files("out of the folder", "leads out", "via", {
        "v.json": json.dumps({"x": {"filename": "../a.png", "size": 1, "regions": []}}).encode()},
        "--one-class", "cat"),
    files("a point far away", "a coordinate is 1e+300", "labelme", {"a.json": json.dumps({
        "imagePath": "a.png", "imageHeight": 4, "imageWidth": 6, "shapes": [FAR_SHAPE],
        }).encode()}),
]  # fmt: skip


def linked(folder: Path) -> list[str]:
    """An HDF5 file whose contents are said to be in another file."""
    with h5py.File(folder / "secret.mat", "w") as file:
        file["digitStruct/name"] = [1.0]
    with h5py.File(folder / "digitStruct.mat", "w") as file:
        file["digitStruct"] = h5py.ExternalLink("secret.mat", "/digitStruct")
    return importing("svhn", folder / "digitStruct.mat", folder)


def nested_classes(folder: Path) -> list[str]:
    """Names of classes in lists 100,000 deep, over which PyYAML would sit for hours."""
    for each in ("given", "images"):
        (folder / each).mkdir()
    (folder / "data.yaml").write_text("[" * 100_000)
    return importing("yolo", folder / "given", folder / "images", "--classes", folder / "data.yaml")


def nameless(folder: Path) -> list[str]:
    """A submission with an entry that has no name."""
    unnamed = zipfile.ZipInfo("named")
    unnamed.filename = ""
    with zipfile.ZipFile(folder / "s.zip", "w") as archive:
        archive.writestr(unnamed, b"")
    return ["validate-submission", str(folder / "s.zip"), "--dataset", "pets", "--split", "val"]


CASES: list[Case] = [
    *(*ARRAYS, *MNIST, *TEXTS),
    Case("yolo: classes nested 100,000 deep", nested_classes, "more than 50 deep"),
    Case("submission: an entry without a name", nameless, "'': it belongs to no image"),
    Case("svhn: HDF5 that leads to another file", linked, "or lies in another file"),
]
