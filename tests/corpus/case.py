"""One malformed input, and the sound ones that it is made from."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Document = dict[str, Any]
HEIGHT, WIDTH = 20, 12
SOUND: Document = {
    "images": [
        {"id": 9, "file_name": "b.png", "height": HEIGHT, "width": WIDTH},
        {"id": 4, "file_name": "sub/a.jpg", "height": 10, "width": 10},
    ],
    "categories": [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}],
    "annotations": [
        {
            "id": 21,
            "image_id": 9,
            "category_id": 7,
            "iscrowd": 0,
            "area": 16,
            "bbox": [2, 2, 4, 4],
            "segmentation": [[2, 2, 6, 2, 6, 6, 2, 6]],
        }
    ],
}


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes:
        name: what is wrong with it.
        make: writes it into an empty folder and returns what is typed after `python -m core`.
        told: what the message must say of it.
    """

    name: str
    make: Callable[[Path], list[str]]
    told: str


def photographs(folder: Path) -> Path:
    """Write the two photographs of the sound data set, and return their folder."""
    images = folder / "photographs"
    (images / "sub").mkdir(parents=True)
    for name, size in (("b.png", (HEIGHT, WIDTH)), ("sub/a.jpg", (10, 10))):
        Image.fromarray(np.zeros((*size, 3), np.uint8)).save(images / name)
    return images


def importing(form: str, annotations: Path, images: Path, *options: object) -> list[str]:
    """Return the command that reads a data set."""
    places = ["--annotations", str(annotations), "--images", str(images)]
    return ["import", "bad", "--format", form, *places, *map(str, options)]


def coco(name: str, told: str, text: str | bytes) -> Case:
    """Return the case of a COCO file with such a content."""

    def make(folder: Path) -> list[str]:
        file = folder / "instances.json"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return importing("coco", file, photographs(folder))

    return Case(f"coco: {name}", make, told)


def spoilt(name: str, told: str, table: str, **fields: object) -> Case:
    """Return the case of a sound COCO file with other fields in the first record of a table."""
    document = copy.deepcopy(SOUND)
    document[table][0].update(fields)
    return coco(name, told, json.dumps(document))


def masked(name: str, told: str, **run_lengths: object) -> Case:
    """Return the case of an annotation with such run lengths."""
    rle = {"size": [HEIGHT, WIDTH], **run_lengths}
    return spoilt(f"run lengths, {name}", told, "annotations", segmentation=rle)


def detected(name: str, told: str, entry: object) -> Case:
    """Return the case of a file of detections with one sound entry and this one."""
    sound: Document = {"image_id": 9, "category_id": 7, "bbox": [1, 1, 3, 3], "score": 0.5}
    if isinstance(entry, dict):
        if "segmentation" in entry:
            sound["segmentation"] = {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]}
        entry = {**sound, **entry}
    return detections(name, told, json.dumps([sound, entry]))


def detections(name: str, told: str, text: str) -> Case:
    """Return the case of a file of detections with such a content."""

    def make(folder: Path) -> list[str]:
        file = folder / "detections.json"
        file.write_text(text)
        command = ["import-run", "bad", "--dataset", "pets", "--format", "coco-results"]
        return [*command, str(file)]

    return Case(f"detections: {name}", make, told)


def photograph(name: str, told: str, content: Callable[[Path], None]) -> Case:
    """Return the case of a sound COCO file whose photograph b.png is something else."""

    def make(folder: Path) -> list[str]:
        images = photographs(folder)
        (images / "b.png").unlink()
        content(images / "b.png")
        (folder / "instances.json").write_text(json.dumps(SOUND))
        return importing("coco", folder / "instances.json", images)

    return Case(f"photograph: {name}", make, told)


def label_png(name: str, told: str, content: Callable[[Path], None]) -> Case:
    """Return the case of a folder of label PNGs of which one is something else."""

    def make(folder: Path) -> list[str]:
        for each in ("labels", "images"):
            (folder / each).mkdir()
            for stem in ("a", "b"):
                Image.new("L", (6, 4)).save(folder / each / f"{stem}.png")
        (folder / "classes.txt").write_text("road\ncar\n")
        (folder / "labels" / "b.png").unlink()
        content(folder / "labels" / "b.png")
        labels, images = folder / "labels", folder / "images"
        return importing("label-png", labels, images, "--classes", folder / "classes.txt")

    return Case(f"label PNG: {name}", make, told)
