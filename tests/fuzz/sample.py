"""What a sound input of a format is, and how its files are written and read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.readers import dataset_reader, run_reader
from core.structures import Annotation, Category, Dataset, ImageRecord, Source

HEIGHT, WIDTH = 12, 16
CLASSES = ("cat", "dog", "car")
IMAGES = "images"


@dataclass(frozen=True)
class Sample:
    """A sound input.

    Attributes:
        name: of the sample.
        form: the format, as the registry has it; or what else it is.
        files: path below a folder to content.
        read: reads them, given that folder, and decodes all that is decoded late.
        spoilable: of `files`, those worth spoiling.
    """

    name: str
    form: str
    files: Mapping[str, bytes]
    read: Callable[[Path], object]
    spoilable: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Write all files below a folder."""
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


def picture(pixels: Any, form: str = "PNG", palette: bytes = b"") -> bytes:
    written = io.BytesIO()
    image = Image.fromarray(np.asarray(pixels))
    if palette:
        image = image.convert("P")
        image.putpalette(palette)
    image.save(written, form)
    return written.getvalue()


def json_of(document: object) -> bytes:
    return json.dumps(document).encode()


def array(values: Any) -> bytes:
    written = io.BytesIO()
    np.save(written, values, allow_pickle=False)
    return written.getvalue()


PHOTOGRAPH = picture(np.zeros((HEIGHT, WIDTH, 3), np.uint8), "JPEG")
MAP = np.resize(np.arange(len(CLASSES), dtype=np.uint8), (HEIGHT, WIDTH))
SQUARE = [2, 2, 6, 2, 6, 6, 2, 6]


def data_set(form: str, given: str, files: Mapping[str, bytes], **options: Any) -> Sample:
    """Return the sample of a data set.

    Args:
        form: the format.
        given: path of the annotations below the folder.
        files: all of them; those in `images` are not spoilt unless there is nothing else.
        options: of the reader, paths below the folder among them; `images_folder` is one too, and
            `note` tells samples of one format apart.
    """
    images, note = options.pop("images_folder", IMAGES), options.pop("note", "")

    def read(folder: Path) -> object:
        made = {k: folder / v if isinstance(v, Path) else v for k, v in options.items()}
        dataset, faults = dataset_reader(form)(folder / given, folder / images, "d", "val", **made)
        for image in dataset.images:
            dataset.annotations[image.id]
        return faults

    chosen = tuple(path for path in files if not path.startswith(f"{IMAGES}/"))
    return Sample(f"{form} {note}".strip(), form, files, read, chosen)


def run(form: str, given: str, files: Mapping[str, bytes], **options: Any) -> Sample:
    """Return the sample of a run on `answered`; `note` tells samples of one format apart."""
    note = options.pop("note", "")

    def read(folder: Path) -> object:
        predictions, faults = run_reader(form)(folder / given, answered(folder))
        list(predictions)
        return faults

    return Sample(f"run of {form} {note}".strip(), f"run {form}", files, read, tuple(files))


def answered(folder: Path) -> Dataset:
    """Return the data set of two images that runs and submissions answer."""
    records = [ImageRecord(9, "a", "a.jpg", HEIGHT, WIDTH), ImageRecord(4, "b", "b.jpg", 10, 10)]
    void_map = np.full((HEIGHT, WIDTH), 255, np.uint8)
    return Dataset(
        name="d",
        split="val",
        categories=tuple(Category(name, "", 3 * i + 1) for i, name in enumerate(CLASSES)),
        images=tuple(sorted(records, key=lambda record: record.id)),
        annotations={record.id: Annotation(record, label_map=void_map) for record in records},
        images_folder=folder,
        source=Source("coco", "d.json", "0" * 64),
    )
