"""A small sound COCO folder that tests spoil in one place each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.readers.coco import read_coco
from core.readers.label_png import read_label_png

Document = dict[str, Any]


class CocoFolder:
    """Two images, 20 rows by 12 columns and 10 by 10, with three annotations."""

    def __init__(self, folder: Path) -> None:
        self.annotations = folder / "instances.json"
        self.images = folder / "images"
        (self.images / "sub").mkdir(parents=True)
        self.save_image("b.png", 20, 12)
        self.save_image("sub/a.jpg", 10, 10)

    def save_image(self, name: str, height: int, width: int, **options: object) -> None:
        pixels = np.zeros((height, width, 3), np.uint8)
        Image.fromarray(pixels).save(self.images / name, **options)

    def document(self) -> Document:
        square = [[2, 2, 6, 2, 6, 6, 2, 6]]
        crowd = {"size": [20, 12], "counts": [0, 30, 210]}
        return {
            "images": [
                {"id": 9, "file_name": "b.png", "height": 20, "width": 12},
                {"id": 4, "file_name": "sub/a.jpg", "height": 10, "width": 10},
            ],
            "categories": [
                {"id": 7, "name": "cat", "supercategory": "animal"},
                {"id": 3, "name": "dog"},
            ],
            "annotations": [
                self.record(id=21, segmentation=square, area=15.5, bbox=[2, 2, 4, 4]),
                self.record(id=22, segmentation=crowd, area=30, bbox=[0, 0, 2, 20], iscrowd=1),
                self.record(id=23, segmentation=square, area=16, bbox=[2, 2, 4, 4]),
            ],
        }

    @staticmethod
    def record(**fields: object) -> Document:
        return {"image_id": 9, "category_id": 7, "iscrowd": 0, **fields}

    def read(self, document: object, **options: Any) -> Any:
        text = document if isinstance(document, str) else json.dumps(document)
        self.annotations.write_text(text, encoding="utf-8")
        return read_coco(self.annotations, self.images, "pets", "val", **options)


@pytest.fixture
def coco(tmp_path: Path) -> CocoFolder:
    return CocoFolder(tmp_path)


@pytest.fixture
def save_png(tmp_path: Path) -> Callable[..., Path]:
    """Save rows of values as a PNG of a folder below the test's own; mode L unless said."""

    def save(name: str, pixels: object, mode: str | None = None) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        array = np.asarray(pixels)
        array = array if array.dtype in (np.uint16, np.bool_) else array.astype(np.uint8)
        image = Image.fromarray(array)
        if mode == "P":
            image.putpalette([255 - value // 3 for value in range(768)])
        image.save(path)
        return path

    return save


@pytest.fixture
def folder(tmp_path: Path, save_png: Callable[..., Path]) -> Any:
    """Save label PNGs of 2 rows by 3 columns, an image for each, and read them."""

    class Folder:
        labels, images = tmp_path / "labels", tmp_path / "images"

        def add(self, stem, values, dtype=np.uint8, mode=None, size=(2, 3)):
            save_png(f"labels/{stem}.png", np.array(values, dtype).reshape(size), mode)
            save_png(f"images/{stem}.jpg", np.zeros((2, 3)))

        def read(self, **options):
            return read_label_png(self.labels, self.images, "streets", "val", **options)

        def maps(self, **options):
            dataset = self.read(**options)[0]
            return [dataset.annotations[image.id].label_map.ravel() for image in dataset.images]

    return Folder()
