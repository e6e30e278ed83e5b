"""Photographs with what was said of them, painted small, as JPEG inside the page."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.geometry import rle
from core.readers.images import image_source, read_colours
from core.report.answers import Answer
from core.structures import LabelMap, Objects

Pixels = NDArray[np.uint8]
Colours = Sequence[str | None]

LONGEST_SIDE: Final = 360
FULL_SIZED: Final = 60  # pictures of that side; of more, all are smaller: a page has a size
QUALITY: Final = 78
OPACITY: Final = 0.55
GREY: Final = 128


def side_of(pictures: int) -> int:
    """Return the longest side, pixels, of each of so many pictures."""
    return min(LONGEST_SIDE, round(LONGEST_SIDE * math.sqrt(FULL_SIZED / max(pictures, 1))))


def small_photograph(file: Path, height: int, width: int, side: int) -> tuple[Pixels, bool]:
    """Return a photograph reduced to a longest side, and whether it could be read.

    One that is missing, broken or of another size is grey: what was said of it can be seen.

    Args:
        file: of the photograph, or its place in an array file.
        height: rows, in pixels, that it should have.
        width: columns, in pixels.
        side: longest side of the picture, in pixels.
    """
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    try:
        source = image_source(file)
        content = source.read_bytes() if isinstance(source, Path) else source.getvalue()
        pixels = read_colours(content)
    except (OSError, UsageError):
        pixels = np.empty((0, 0, 3), np.uint8)
    if pixels.shape[:2] != (height, width):
        return np.full((size[1], size[0], 3), GREY, np.uint8), False
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), True


def painted(
    photograph: Pixels, answer: Answer, height: int, width: int, colours: Colours
) -> Pixels:
    """Return the small photograph with label map, masks and boxes in the colours of the classes.

    Args:
        photograph: (h, w, 3), reduced from (height, width).
        answer: what to paint.
        height: rows of the image itself, in pixels.
        width: columns, likewise.
        colours: of the classes by index, "#rrggbb"; None for what is not painted.
    """
    picture = photograph.copy()
    if answer.label_map is not None:
        _tint(picture, answer.label_map, colours)
    if answer.objects is not None:
        _draw(picture, answer.objects, height, width, colours)
    return picture


def jpeg_address(picture: Pixels) -> str:
    """Return a picture as a data URI."""
    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    stored = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    return f"data:image/jpeg;base64,{base64.b64encode(stored).decode('ascii')}"


def classes_of(answer: Answer, colours: Colours) -> set[int]:
    """Return the class indices that are painted of an answer."""
    found: set[int] = set()
    if answer.label_map is not None:
        found |= set(np.unique(answer.label_map).tolist())
    if answer.objects is not None:
        found |= set(answer.objects.categories.tolist())
    return {index for index in found if index < len(colours) and colours[index] is not None}


def _tint(picture: Pixels, label_map: LabelMap, colours: Colours) -> None:
    size = picture.shape[1], picture.shape[0]
    labels = cv2.resize(label_map, size, interpolation=cv2.INTER_NEAREST)
    for index in np.unique(labels).tolist():
        if index < len(colours) and (colour := colours[index]) is not None:
            _blend(picture, labels == index, colour)


def _draw(picture: Pixels, objects: Objects, height: int, width: int, colours: Colours) -> None:
    size = picture.shape[1], picture.shape[0]
    across, down = size[0] / width, size[1] / height
    for place, index in enumerate(objects.categories.tolist()):
        colour = colours[index] or "#7a7a7a"
        if objects.masks is not None:
            mask = rle.decode(objects.masks[place]).astype(np.uint8)
            _blend(picture, cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST) > 0, colour)
        x, y, wide, high = objects.boxes[place] * [across, down, across, down]
        ends = np.clip([x, y, x + wide - 1, y + high - 1], -1, 2 * max(size)).round().astype(int)
        left, top, right, bottom = ends.tolist()
        cv2.rectangle(picture, (left, top), (right, bottom), _rgb(colour), 2)


def _blend(picture: Pixels, where: NDArray[np.bool_], colour: str) -> None:
    mixed = (1 - OPACITY) * picture[where] + OPACITY * np.array(_rgb(colour))
    picture[where] = mixed.round().astype(np.uint8)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
