"""Predicted objects as a table: a row an object."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from core.structures import Objects
from core.writers.contents import RunContents, told_of

COLUMNS = (
    *("image_id", "file", "object", "class_id", "class", "score"),
    *("x", "y", "width", "height", "area"),
)


def write_csv(contents: RunContents, target: Path) -> str:
    """Write a row an object, numbers unrounded; masks are left out, see coco-results.

    Args:
        contents: of a run that predicts objects.
        target: the file to write, UTF-8.
    """
    count = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for row in object_rows(contents):
            rows.writerow(row)
            count += 1
    return told_of(count, contents)


def object_rows(contents: RunContents) -> Iterator[list[object]]:
    """Yield the cells of `COLUMNS` of each object, image by image."""
    for prediction in contents.predictions():
        objects, image = prediction.objects, prediction.image
        for index in range(0 if objects is None else len(objects)):
            yield [image.id, image.path, index, *_cells(contents, objects, index)]


def _cells(contents: RunContents, objects: Objects | None, index: int) -> list[object]:
    if objects is None or objects.scores is None:
        return []
    category = contents.categories[objects.categories[index]]
    return [
        category.source_id,
        category.name,
        float(objects.scores[index]),
        *objects.boxes[index].tolist(),
        float(objects.areas[index]),
    ]
