"""Labels, and boxes where there are some, of images in arrays: .npy or CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.readers.array_files import open_array
from core.readers.faults import Fault, shown
from core.readers.json_file import read_file

CORNERS = {"xywh": ("x", "y", "width", "height"), "xyxy": ("x1", "y1", "x2", "y2")}
KEYS = ("file", "index")
GREATEST_LABEL = 65533


@dataclass(frozen=True)
class Label:
    """What a file says of one image.

    Attributes:
        place: where it stands, as faults name it.
        file: name of the image's file, or None where its position tells the image.
        index: position of the image among all, from 0; 0 where the file tells the image.
        category: class index, or the name of a class.
        box: the four numbers of its box, or None.
    """

    place: str
    file: str | None
    index: int
    category: int | str
    box: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Labels:
    """What a file says of the images.

    Attributes:
        entries: sound labels in the order of the file.
        count: entries of the file, sound or not.
        files: names of image files that any entry gives, sound or not; None where labels belong
            to images by position.
        box_form: what the boxes' numbers mean, where the file says so (`box_forms.FORMS`).
    """

    entries: tuple[Label, ...]
    count: int
    files: frozenset[str] | None = None
    box_form: str | None = None


def read_labels(path: Path, faults: list[Fault]) -> Labels:
    """Return the labels of a .npy or CSV file.

    Args:
        path: .npy of (N,) whole numbers or (N, C) with a one in each row, in the order of the
            images; or CSV with the columns file or index, label, and, where boxes are known,
            x, y, width, height or x1, y1, x2, y2 in pixels.
        faults: gets entries that say nothing of use.

    Raises:
        UsageError: the file cannot be read, or is of neither kind.
    """
    return read_csv(path, faults) if path.suffix.lower() == ".csv" else _read_npy(path, faults)


def read_boxes(path: Path, count: int) -> NDArray[np.float64]:
    """Return the numbers of boxes, (N, 4).

    Args:
        path: a .npy file.
        count: N, the number of images.

    Raises:
        UsageError: the file cannot be read, or is of another shape.
    """
    array = open_array(path)
    if array.shape != (count, 4):
        raise UsageError(
            f"{path}: the array has the shape {array.shape}; expected ({count}, 4), four numbers "
            "for each image."
        )
    return np.asarray(array.all(), np.float64)


def category_of(entry: Label, names: Sequence[str], faults: list[Fault]) -> int | None:
    """Return the class index of a label; None, with the fault noted, if it names no class.

    Args:
        entry: the label, a number or a name.
        names: of the classes in their order.
        faults: gets the fault.
    """
    if isinstance(entry.category, int) and entry.category < len(names):
        return entry.category
    if entry.category in names:
        return names.index(str(entry.category))
    known = f"0 to {len(names) - 1}, or one of the names of --classes"
    faults.append(Fault(entry.place, f"the label is {shown(entry.category)}; expected {known}"))
    return None


def _read_npy(path: Path, faults: list[Fault]) -> Labels:
    array = open_array(path)
    numbers = np.asarray(array.all(), np.float64)
    if numbers.ndim == 2 and numbers.shape[1] == 1:
        numbers = numbers[:, 0]
    if numbers.ndim > 2:
        raise UsageError(
            f"{path}: the array has the shape {array.shape}; expected one class number an image, "
            "(N,), or a one in each row, (N, C)."
        )
    entries = []
    for index, given in enumerate(numbers):
        place = f"{path.name}[{index}]"
        category = _of_number(float(given)) if numbers.ndim == 1 else _of_one_hot(given)
        if category is None:
            wanted = "a class number from 0" if numbers.ndim == 1 else "a single 1 among zeros"
            faults.append(Fault(place, f"the label is {shown(given.tolist())}; expected {wanted}"))
        else:
            entries.append(Label(place, None, index, category))
    return Labels(tuple(entries), len(numbers))


def _of_number(given: float) -> int | None:
    return int(given) if given.is_integer() and 0 <= given <= GREATEST_LABEL else None


def _of_one_hot(given: NDArray[np.float64]) -> int | None:
    ones = np.flatnonzero(given)
    return int(ones[0]) if len(ones) == 1 and given[ones[0]] == 1 else None


def read_csv(path: Path, faults: list[Fault]) -> Labels:
    """Return the labels of a CSV file, see `read_labels`; empty lines say nothing.

    Raises:
        UsageError: it cannot be read, or its first line names no such columns.
    """
    try:
        text = read_file(path).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path}: this is no CSV in UTF-8: {error}. Check what wrote the file."
        ) from error
    header = [name.strip().lower() for name in rows[0]] if rows else []
    keys = [name for name in KEYS if name in header]
    if len(keys) != 1 or header.count("label") != 1 or len(set(header)) != len(header):
        raise UsageError(
            f"{path}: its first line is {shown(','.join(header))}; expected different names, "
            "among them file (or index) and label; for boxes x,y,width,height or x1,y1,x2,y2."
        )
    form = next((form for form, names in CORNERS.items() if set(names) <= set(header)), None)
    entries, files, count = [], set(), 0
    for line, fields in enumerate(rows[1:], start=2):
        if not fields:
            continue
        count += 1
        place = f"{path.name} line {line}"
        if len(fields) != len(header):
            faults.append(Fault(place, f"it has {len(fields)} fields; expected {len(header)}"))
            continue
        row = dict(zip(header, map(str.strip, fields), strict=True))
        files.add(row.get("file", ""))
        found = _of_row(place, row, form, faults)
        entries += [found] if found else []
    named = frozenset(files) if "file" in header else None
    return Labels(tuple(entries), count, named, form)


def _of_row(place: str, row: dict[str, str], form: str | None, faults: list[Fault]) -> Label | None:
    box = None
    if form is not None:
        given = [row[name] for name in CORNERS[form]]
        box = _numbers(given)
        if box is None:
            message = f"the box is {shown(','.join(given))}; expected four finite numbers"
            faults.append(Fault(place, message))
            return None
    index = 0
    if "index" in row:
        if not row["index"].isdecimal() or len(row["index"]) > 12:
            faults.append(Fault(place, f"the index is {shown(row['index'])}; expected 0, 1, 2 …"))
            return None
        index = int(row["index"])
    label = row["label"]
    if not label:
        faults.append(Fault(place, "the label is empty; expected a class number or name"))
        return None
    number = _numbers([label])
    category = None if number is None else _of_number(number[0])
    return Label(place, row.get("file"), index, label if category is None else category, box)


def _numbers(texts: Sequence[str]) -> tuple[float, ...] | None:
    try:
        numbers = tuple(float(text) for text in texts)
    except ValueError:
        return None
    return numbers if all(math.isfinite(number) for number in numbers) else None
