"""A split as ultralytics reads it: a folder of images, a folder of labels, a description."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import UsageError
from core.store.rejected import Rejected
from core.structures import Dataset, ImageRecord, Objects
from training.images import read_ahead
from training.protocol import Photograph

AHEAD = 16
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
LEAST_SIDE = 10  # ultralytics leaves out smaller images without a word


def write_layout(folder: Path, train: Dataset, val: Dataset) -> Path:
    """Write both splits into a folder, and return the file that describes them.

    Raises:
        UsageError: an image cannot be learnt from, or no object can.
    """
    labels = sum(_write_split(folder, "train", train))
    _write_split(folder, "val", val)
    if not labels:
        raise UsageError(
            f"{train.name} · {train.split} has no object with a box, so no detection can be learnt."
        )
    description = {
        "path": str(folder.resolve()),
        "train": "images/train",
        "val": "images/val",
        "names": {index: each.name for index, each in enumerate(train.categories)},
    }
    path = folder / "description.yaml"
    path.write_text(json.dumps(description), encoding="utf-8")  # JSON is YAML, too
    return path


def label_lines(objects: Objects | None, record: ImageRecord) -> list[str]:
    """Return a line an object: class, middle, width and height as fractions of the image.

    What is outside of the image is cut off, because ultralytics leaves out the whole image
    otherwise. Crowd regions are left out: they are no objects to learn.
    """
    if objects is None:
        return []
    size = np.array([record.width, record.height], np.float64)
    corners = objects.boxes.copy()
    corners[:, 2:] += corners[:, :2]
    corners = np.clip(corners.reshape(-1, 2, 2), 0, size) / size
    middles, sides = corners.mean(axis=1), corners[:, 1] - corners[:, 0]
    kept = (sides > 0).all(axis=1) & ~objects.crowd
    return [
        " ".join([str(category), *(f"{value:.6f}" for value in (*middle, *side))])
        for category, middle, side in zip(
            objects.categories[kept].tolist(), middles[kept], sides[kept], strict=True
        )
    ]


def _write_split(folder: Path, name: str, dataset: Dataset) -> Sequence[int]:
    """Write one split, and return how many objects each image has to learn."""
    images, labels = folder / "images" / name, folder / "labels" / name
    images.mkdir(parents=True)
    labels.mkdir(parents=True)
    counts = []
    for found in read_ahead(dataset.images_folder, dataset.images, AHEAD):
        _refuse_unusable(found, dataset)
        record = found.record
        lines = label_lines(dataset.annotations[record.id].objects, record)
        (labels / f"{record.id}.txt").write_text("\n".join(lines), encoding="utf-8")
        _place(found, dataset.images_folder / record.path, images)
        counts.append(len(lines))
    return counts


def _place(photograph: Photograph, path: Path, images: Path) -> None:
    """Link an image, or write its pixels where ultralytics would see or leave others.

    It turns images by their EXIF, and rewrites JPEG files in place that lack their end.
    """
    name = images / str(photograph.record.id)
    if _is_plain(photograph, path):
        name.with_suffix(path.suffix.lower()).symlink_to(path.resolve())
    else:
        Image.fromarray(photograph.pixels).save(name.with_suffix(".png"))


def _is_plain(photograph: Photograph, path: Path) -> bool:
    if photograph.turned or path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        return False
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(-2, 2)
        end = file.read(2)
    is_jpeg = start == JPEG_START
    with Image.open(path) as image:
        colours = image.mode in ("RGB", "L")
    return colours and (not is_jpeg or end == JPEG_END)


def _refuse_unusable(found: Photograph | Rejected, dataset: Dataset) -> None:
    where = f"of {dataset.name} · {dataset.split}"
    if isinstance(found, Rejected):
        raise UsageError(
            f"Image {found.image_id} {where} cannot be learnt from: {found.message}. Put the file "
            "right, or import the split without it."
        )
    if min(found.pixels.shape[:2]) < LEAST_SIDE:
        raise UsageError(
            f"Image {found.record.id} {where} is {found.record.height} x {found.record.width} "
            f"pixels; ultralytics learns from images of at least {LEAST_SIDE} x {LEAST_SIDE}. "
            "Import the split without it."
        )
