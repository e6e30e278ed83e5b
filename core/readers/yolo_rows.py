"""Rows of YOLO's text files: a class number and a box or polygon in fractions of the image.

As ultralytics reads and writes them: `class cx cy w h` or `class x1 y1 x2 y2 x3 y3 …`; predictions
have their confidence after it. So the count of numbers tells what a row is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.readers.faults import Fault, shown
from core.readers.json_file import read_file
from core.readers.outlines import Outline, box_outline, polygon_outline
from core.structures import ImageRecord

GREATEST_CLASS = 65533
# How far beyond its image a corner may lie: what ultralytics lets pass.
LEAST, MOST = -0.01, 1.01
BOX_NUMBERS, POLYGON_NUMBERS = 4, 6


@dataclass(frozen=True)
class YoloRow:
    """One object.

    Attributes:
        place: as faults name it.
        image: it belongs to.
        category: class index.
        outline: its box or polygon, in pixels.
        score: its confidence, or 0 for annotations.
    """

    place: str
    image: ImageRecord
    category: int
    outline: Outline
    score: float = 0.0


def text_files(folder: Path, names: Sequence[str], faults: list[Fault]) -> dict[str, Path]:
    """Return the text file of each image that has one, by the image's name.

    Args:
        folder: holds a `.txt` for each image with objects; `classes.txt` is none of them.
        names: of the images.
        faults: gets files that belong to no image.

    Raises:
        UsageError: there are no such files.
    """
    found = {path.stem: path for path in sorted(folder.glob("*.txt")) if path.name != "classes.txt"}
    if not found:
        raise UsageError(
            f"{folder}: the folder holds no .txt files of an image. Give the folder of the labels "
            "itself, such as labels/val."
        )
    known = set(names)
    for name, path in found.items():
        if name not in known:
            faults.append(Fault(ascii(path.name)[1:-1], "there is no image of this name"))
    return {name: path for name, path in found.items() if name in known}


def read_rows(
    path: Path, image: ImageRecord, faults: list[Fault], *, scored: bool
) -> list[YoloRow]:
    """Return the sound rows of a file.

    Args:
        path: of the file.
        image: it speaks of.
        faults: gets the rows that are not sound.
        scored: whether rows are predictions, with their confidence at the end.
    """
    try:
        lines = read_file(path).decode("utf-8-sig").splitlines()
    except (UsageError, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, f"the file cannot be read: {error}"))
        return []
    rows: list[YoloRow] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{path.name} line {number}"
        try:
            first = seen.setdefault(line.strip(), number)
            if first != number and not scored:
                raise UsageError(f"it repeats line {first}; expected each object once")
            rows.append(_row(place, image, line.split(), scored=scored))
        except UsageError as error:
            faults.append(Fault(place, str(error)))
    return rows


def of_one_kind(rows: Sequence[YoloRow], faults: list[Fault]) -> list[YoloRow]:
    """Return the boxes or the polygons, whichever are more; the others become faults."""
    boxes = sum(row.outline.is_box for row in rows)
    boxed = 2 * boxes >= len(rows)
    wrong, right = ("polygon", "boxes") if boxed else ("box", "polygons")
    kept = []
    for row in rows:
        if row.outline.is_box == boxed:
            kept.append(row)
        else:
            message = f"the row is a {wrong} among {right}; expected rows of one kind"
            faults.append(Fault(row.place, message))
    return kept


def _row(place: str, image: ImageRecord, words: Sequence[str], *, scored: bool) -> YoloRow:
    category, *numbers = _numbers(words)
    score = numbers.pop() if scored and numbers else 0.0
    if len(numbers) % 2:
        raise UsageError(_miscounted(len(words), scored=scored))
    if not category.is_integer() or not 0 <= category <= GREATEST_CLASS:
        raise UsageError(f"the class is {shown(words[0])}; expected a whole number from 0")
    if not 0 <= score <= 1:
        raise UsageError(f"the confidence is {score:g}; expected 0 to 1, after the coordinates")
    for number in numbers:
        if not LEAST <= number <= MOST:
            raise UsageError(
                f"a coordinate is {number:g}; expected fractions of the image's width and height, "
                "0 to 1"
            )
    outline = _outline(numbers, image, len(words), scored=scored)
    return YoloRow(place, image, int(category), outline, score)


def _outline(numbers: Sequence[float], image: ImageRecord, count: int, *, scored: bool) -> Outline:
    columns = [number * image.width for number in numbers[::2]]
    rows = [number * image.height for number in numbers[1::2]]
    if len(numbers) == BOX_NUMBERS:
        width, height = columns[1], rows[1]
        box = (columns[0] - width / 2, rows[0] - height / 2, width, height)
        # detectors cut boxes at the border, some of them to nothing; nobody draws such a box
        flat = scored and min(width, height) == 0 <= max(width, height)
        return Outline(box) if flat else box_outline(*box)
    if len(numbers) < POLYGON_NUMBERS:
        raise UsageError(f"it has {count} numbers; expected a box or a polygon of 3 points or more")
    return polygon_outline([list(zip(columns, rows, strict=True))])


def _numbers(words: Sequence[str]) -> list[float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)):
        raise UsageError(f"it is {shown(' '.join(words))}; expected finite numbers")
    return numbers


def _miscounted(count: int, *, scored: bool) -> str:
    if scored:
        return (
            f"it has {count} numbers, as rows without confidence have. Predict again with "
            "save_txt=True save_conf=True"
        )
    return (
        f"it has {count} numbers, as predictions with their confidence have; expected class cx cy "
        "w h, or class x1 y1 x2 y2 x3 y3 …. Predictions come in by import-run"
    )
