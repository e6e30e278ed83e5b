"""SVHN's digitStruct: the boxes of each image, as MATLAB 7.3 (HDF5) or as JSON.

`digitStruct.name` and `digitStruct.bbox` are lists of references; each leads to the letters of a
file name, or to a group of height, left, top, width and label, one number each for an image of
one digit and one reference each for several.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from core.errors import UsageError
from core.readers import json_file
from core.readers.faults import Fault, shown

FIELDS = ("left", "top", "width", "height", "label")
ROOT = "digitStruct"
MOST_IMAGES = 2_000_000
MOST_DIGITS = 1000
MOST_LETTERS = 1000
HDF5_START = b"\x89HDF\r\n\x1a\n"
# What h5py raises for files that are broken or of another structure.
UNREADABLE = (OSError, KeyError, ValueError, TypeError, RuntimeError, IndexError, AttributeError)


@dataclass(frozen=True)
class DigitEntry:
    """What the file says of one image.

    Attributes:
        place: as faults name it.
        index: of the image in the file, from 0.
        file: name of the image's file.
        digits: left, top, width, height (pixels) and label of each.
    """

    place: str
    index: int
    file: str
    digits: tuple[tuple[float, ...], ...]


def read_digit_struct(path: Path, faults: list[Fault]) -> Iterator[DigitEntry]:
    """Yield the images of a digitStruct file in its order; those with faults are left out.

    Args:
        path: digitStruct.mat, or its translation to JSON: [{filename, boxes: [{…}]}, …].
        faults: gets what is wrong with an image.

    Raises:
        UsageError: the file cannot be read, or is of neither kind.
    """
    if path.suffix.lower() == ".json":
        yield from _json_entries(path, faults)
        return
    with _opened(path) as file:
        yield from _entries(path, file, faults)


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file. Check the path.")
    with path.open("rb") as plain:
        starts = plain.read(8), plain.seek(512) and plain.read(8)
    if HDF5_START not in starts:
        raise UsageError(
            f"{path}: this is no HDF5 file, as which MATLAB 7.3 saves digitStruct.mat; it begins "
            f"with {starts[0]!r}. Give the digitStruct.mat (or .json) of an SVHN folder."
        )
    try:
        with h5py.File(path, "r") as file:
            yield file
    except UNREADABLE as error:
        raise UsageError(
            f"{path}: the file cannot be read as SVHN's digitStruct: {_line(error)}. Check that "
            "it is complete."
        ) from error


def _entries(path: Path, file: h5py.File, faults: list[Fault]) -> Iterator[DigitEntry]:
    names, boxes = (_references(file, f"{ROOT}/{name}") for name in ("name", "bbox"))
    if len(names) != len(boxes):
        raise UsageError(
            f"{path}: it names {len(names)} images, but has the boxes of {len(boxes)}; expected "
            "as many. Check that the file is complete."
        )
    for index, (name, group) in enumerate(zip(names, boxes, strict=True)):
        place = f"{ROOT}[{index}]"
        try:
            yield DigitEntry(place, index, _text(file, name), _digits(file, group))
        except (*UNREADABLE, UsageError) as error:
            faults.append(Fault(place, _line(error)))


def _references(file: h5py.File, name: str) -> list[Any]:
    """Return the references of a list of the file, at most as many as SVHN could have."""
    kept = _local(file, name)
    if not _are_references(kept) or kept.size > MOST_IMAGES:
        raise UsageError(
            f"{file.filename}: {name} holds {kept.size} of {kept.dtype}; expected up to "
            f"{MOST_IMAGES} references. Give the digitStruct.mat of an SVHN folder."
        )
    return list(kept[()].ravel())


def _are_references(kept: h5py.Dataset) -> bool:
    return bool(h5py.check_ref_dtype(kept.dtype) is h5py.Reference)


def _local(group: h5py.Group, name: str) -> h5py.Dataset:
    """Return a data set whose bytes lie in this file: no link leads to another one."""
    holder: Any = group
    for part in name.split("/"):
        if not isinstance(holder.get(part, getlink=True), h5py.HardLink):
            raise ValueError(f"{name} is missing, or lies in another file")
        holder = holder[part]
    return _plain(holder, name)


def _plain(kept: object, name: str) -> h5py.Dataset:
    if not isinstance(kept, h5py.Dataset) or kept.external or kept.is_virtual:
        raise ValueError(f"{name} is no array of this file")
    return kept


def _text(file: h5py.File, reference: Any) -> str:  # noqa: ANN401 - h5py's own
    letters = _plain(file[reference], "a name")
    if letters.dtype.kind != "u" or not 0 < letters.size <= MOST_LETTERS:
        raise ValueError(f"the file name is {letters.size} of {letters.dtype}; expected letters")
    return "".join(map(chr, letters[()].ravel().tolist()))


def _digits(file: h5py.File, reference: Any) -> tuple[tuple[float, ...], ...]:  # noqa: ANN401
    group = file[reference]
    if not isinstance(group, h5py.Group):
        raise TypeError("the boxes are no group of " + ", ".join(FIELDS))
    columns = [_numbers(file, _local(group, name), name) for name in FIELDS]
    if len({len(column) for column in columns}) != 1:
        counts = ", ".join(map(str, map(len, columns)))
        raise ValueError(f"{', '.join(FIELDS)} hold {counts} numbers; expected as many of each")
    return tuple(zip(*columns, strict=True))


def _numbers(file: h5py.File, kept: h5py.Dataset, name: str) -> list[float]:
    if kept.size > MOST_DIGITS:
        raise ValueError(f"{name} holds {kept.size} numbers; expected at most {MOST_DIGITS}")
    if not _are_references(kept):
        return [_number(kept, name)]
    return [_number(_plain(file[each], name), name) for each in kept[()].ravel()]


def _number(kept: h5py.Dataset, name: str) -> float:
    if kept.size != 1 or kept.dtype.kind not in "iuf":
        raise ValueError(f"{name} is {kept.size} of {kept.dtype}; expected one number")
    return float(np.asarray(kept[()]).ravel()[0])


def _json_entries(path: Path, faults: list[Fault]) -> Iterator[DigitEntry]:
    document = json_file.load(path).document
    if not isinstance(document, list):
        raise UsageError(
            f"{path}: it holds {shown(document)}; expected a list [{{filename, boxes}}, …]."
        )
    for record in json_file.records(document, ROOT, faults):
        file = record.text("filename")
        digits = []
        for box in record.children("boxes"):
            given = [box.fields.get(name) for name in FIELDS]
            if all(type(each) in (int, float) and math.isfinite(each) for each in given):  # type: ignore[arg-type]
                digits.append(tuple(float(each) for each in given))  # type: ignore[arg-type]
            else:
                record.fault(f"a box is {shown(box.fields)}; expected {', '.join(FIELDS)}")
        if record.sound and file is not None:
            yield DigitEntry(record.place, record.index, file, tuple(digits))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
