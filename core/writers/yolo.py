"""YOLO's text files with confidence: "class cx cy w h confidence", one file an image."""

from __future__ import annotations

from pathlib import Path

from core.structures import ImageRecord, Objects
from core.writers.contents import RunContents, file_names, told_of


def write_yolo(contents: RunContents, target: Path) -> str:
    """Write the boxes as fractions of each image's size; an image without any has an empty file.

    The format's polygons cannot hold holes or parts, so masks are left out: see coco-results.

    Args:
        contents: of a run that predicts objects.
        target: an empty folder.
    """
    names = file_names(contents, ".txt")
    count = 0
    for prediction in contents.predictions():
        lines = _lines(prediction.image, prediction.objects)
        (target / names[prediction.image.id]).write_text("".join(lines), encoding="utf-8")
        count += len(lines)
    left_out = " (boxes; masks go out as coco-results)" if contents.has_masks else ""
    return f"{told_of(count, contents)}{left_out}"


def _lines(image: ImageRecord, objects: Objects | None) -> list[str]:
    if objects is None or objects.scores is None:
        return []
    lines = []
    rows = zip(objects.categories, objects.boxes.tolist(), objects.scores.tolist(), strict=True)
    for index, (x, y, width, height), score in rows:
        across, down = (x + width / 2) / image.width, (y + height / 2) / image.height
        numbers = across, down, width / image.width, height / image.height, score
        lines.append(f"{index} {' '.join(map(repr, numbers))}\n")
    return lines
