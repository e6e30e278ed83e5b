"""Submissions, checked against the images they answer; `core.writers.submission` has the form."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import UsageError
from core.readers.faults import Fault, shown
from core.readers.label_values import indices_of, values_of
from core.structures import Dataset, ImageRecord

MASKS: Final = "masks/"
LABELS: Final = "labels.csv"
COLUMNS: Final = ["image", "labels"]
VOIDS: Final = (255, 65535)
# a PNG of 16 bit is never much larger than its pixels, nor the table than its classes
PIXEL_BYTES, SPARE_BYTES, LABEL_BYTES = 3, 65_536, 8
SHOWN_VALUES = 5
LONGEST_NUMBER = 5  # digits; label maps hold no class above 65534


def submission_faults(path: Path, dataset: Dataset) -> list[Fault]:
    """Return all that is wrong with a submission: count, names, sizes and values of its masks.

    Nothing is unpacked to the disk, and no entry is read that is larger than it can be.

    Args:
        path: the zip file.
        dataset: whose images it answers.

    Raises:
        UsageError: it is no zip file that can be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return list(_faults(archive, dataset))
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UsageError(
            f"{path} cannot be read as a zip file ({error}). Write one with python -m core export "
            "RUN --format submission."
        ) from error


def _faults(archive: zipfile.ZipFile, dataset: Dataset) -> Iterator[Fault]:
    # an entry may have an empty name, of which zipfile's own is_dir knows nothing
    entries = {e.filename: e for e in archive.infolist() if not e.filename.endswith("/")}
    for name, count in Counter(entry.filename for entry in archive.infolist()).items():
        if count > 1:
            yield Fault(ascii(name), f"it is there {count} times; expected once")
    expected = {f"{MASKS}{image.name}.png": image for image in dataset.images}
    for name in entries.keys() - expected.keys() - {LABELS}:
        yield Fault(ascii(name), f"it belongs to no image; expected {LABELS} and {MASKS}NAME.png")
    for name, image in expected.items():
        if name not in entries:
            yield Fault(ascii(name), f"it is missing; image {image.id} has no mask")
        else:
            yield from _mask_faults(archive, entries[name], image, dataset)
    if LABELS not in entries:
        yield Fault(LABELS, "it is missing; expected the columns image and labels")
    else:
        yield from _label_faults(archive, entries[LABELS], dataset)


def _mask_faults(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, image: ImageRecord, dataset: Dataset
) -> Iterator[Fault]:
    place = ascii(entry.filename)
    try:
        most = PIXEL_BYTES * image.height * image.width + SPARE_BYTES
        indices = indices_of(_content(archive, entry, most))
    except UsageError as error:
        yield Fault(place, str(error))
        return
    if indices.shape != (image.height, image.width):
        yield Fault(
            place,
            f"it is {indices.shape[0]} x {indices.shape[1]} (height x width); expected the image's "
            f"{image.height} x {image.width}",
        )
    greatest = len(dataset.categories) - (dataset.background is not None)
    unknown = [v for v in values_of(indices).tolist() if v > greatest and v not in VOIDS]
    if unknown:
        told = ", ".join(map(str, unknown[:SHOWN_VALUES]))
        yield Fault(place, f"it holds {told}; expected class indices from 0 to {greatest}")


def _label_faults(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, dataset: Dataset
) -> Iterator[Fault]:
    each = SPARE_BYTES + LABEL_BYTES * len(dataset.categories)
    try:
        text = _content(archive, entry, each * max(1, len(dataset.images))).decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (UsageError, UnicodeDecodeError, csv.Error, ValueError) as error:
        yield Fault(LABELS, f"it cannot be read as a table ({error})")
        return
    if header != COLUMNS:
        yield Fault(f"{LABELS} line 1", f"it is {shown(header)}; expected image,labels")
        return
    names = {image.name for image in dataset.images}
    seen: Counter[str] = Counter(row[0] for row in rows if row)
    for number, row in enumerate(rows, start=2):
        fault = _row_fault(row, names, len(dataset.categories))
        if fault:
            yield Fault(f"{LABELS} line {number}", fault)
    for name in sorted(names - seen.keys()):
        yield Fault(LABELS, f"image {shown(name)} has no line")
    for name in sorted(name for name, count in seen.items() if count > 1):
        yield Fault(LABELS, f"image {shown(name)} has {seen[name]} lines; expected one")


def _row_fault(row: list[str], names: set[str], class_count: int) -> str | None:
    if len(row) != len(COLUMNS):
        return f"it has {len(row)} columns; expected an image and its labels"
    if row[0] not in names:
        return f"there is no image named {shown(row[0])}"
    for word in row[1].split():
        number = word.isascii() and word.isdecimal() and len(word) <= LONGEST_NUMBER
        if not (number and int(word) < class_count):
            return f"the label is {shown(word)}; expected class indices from 0 to {class_count - 1}"
    return None


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return an entry's bytes, if they are not more than they can be.

    Raises:
        UsageError: it is larger, encrypted or broken.
    """
    if entry.file_size > most:
        raise UsageError(f"it has {entry.file_size:,} bytes; expected at most {most:,}")
    try:
        with archive.open(entry) as stored:
            return stored.read(most)
    except (RuntimeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UsageError(f"it cannot be read ({error})") from error
