"""LabelMe's shapes of type mask: a PNG in base64 that lies somewhere on its image."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import numpy as np

from core.errors import UsageError
from core.geometry import rle
from core.readers.faults import shown
from core.readers.images import read_png
from core.readers.outlines import Outline, Point

MODES = ("1", "L", "P")
ADVICE = "save the mask by LabelMe"


def mask_outline(text: object, points: Sequence[Point], height: int, width: int) -> Outline:
    """Return the object that a mask is; its box is that of its pixels.

    Args:
        text: the PNG, in base64.
        points: its first and its last pixel, (x, y).
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.

    Raises:
        UsageError: it is no such PNG, or does not fit its points or its image.
    """
    if not isinstance(text, str):
        raise UsageError(f"'mask' is {shown(text)}; expected a PNG in base64")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError(f"'mask' is no base64: {error}") from error
    (left, top), (right, bottom) = [(int(x), int(y)) for x, y in points]
    if not (0 <= left <= right < width and 0 <= top <= bottom < height):
        raise UsageError(
            f"its mask lies from {left}, {top} to {right}, {bottom}, which is not inside its image "
            f"of {width} x {height}"
        )
    crop = read_png(content, MODES, ADVICE)
    if crop.shape != (bottom - top + 1, right - left + 1):
        raise UsageError(
            f"its mask is {crop.shape[0]} x {crop.shape[1]} (height x width), but its points leave "
            f"room for {bottom - top + 1} x {right - left + 1}"
        )
    mask = np.zeros((height, width), np.bool_)
    mask[top : bottom + 1, left : right + 1] = crop != 0
    pixels = rle.encode(mask)
    x, y, box_width, box_height = map(float, rle.box(pixels))
    return Outline((x, y, box_width, box_height), pixels=pixels)
