"""Boxes as arrays have them: four numbers whose meaning somebody must tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.readers.json_file import GREATEST_COORDINATE

Numbers = NDArray[np.float64]
FRACTIONS = "-fractions"
ORDERS = ("xywh", "xyxy", "cxcywh")
FORMS = (*ORDERS, *(order + FRACTIONS for order in ORDERS))


def in_pixels(boxes: Numbers, form: str, sizes: Numbers) -> Numbers:
    """Return boxes as x, y, width, height in pixels, (N, 4).

    Args:
        boxes: (N, 4) as the file has them.
        form: one of `FORMS`: corner and size, two corners, or centre and size; in pixels, or as
            fractions of the image's width and height.
        sizes: (N, 2) width and height of each box's image.

    Example:
        >>> box, size = np.array([[0.5, 0.5, 0.2, 0.4]]), np.array([[10.0, 20]])
        >>> in_pixels(box, "cxcywh-fractions", size).tolist()
        [[4.0, 6.0, 2.0, 8.0]]
    """
    first, second = boxes[:, :2], boxes[:, 2:]
    if form.endswith(FRACTIONS):
        first, second = first * sizes, second * sizes
    order = form.removesuffix(FRACTIONS)
    if order == "xyxy":
        second = second - first
    elif order == "cxcywh":
        first = first - second / 2
    return np.hstack([first, second])


def faults_of(boxes: Numbers, form: str, sizes: Numbers) -> list[str | None]:
    """Say of each box what is wrong with it, or None: (N,).

    Sound boxes are finite, have sides of 0 or more and meet their image.

    Args:
        boxes: (N, 4) as the file has them.
        form: one of `FORMS`.
        sizes: (N, 2) width and height of each box's image.
    """
    found = in_pixels(_finite(boxes), form, sizes)
    finite = (_finite(boxes) == boxes).all(axis=1)
    forward = (found[:, 2:] >= 0).all(axis=1)
    meets = ((found[:, :2] < sizes) & (found[:, :2] + found[:, 2:] > 0)).all(axis=1)
    reasons = np.select([~finite, ~forward, ~meets], [1, 2, 3], 0)
    texts = (
        "expected four finite numbers",
        f"read as {form} a side is negative",
        f"read as {form} it lies outside its image",
    )
    return [
        None if reason == 0 else f"the box is {box}; {texts[reason - 1]}"
        for reason, box in zip(reasons.tolist(), boxes.tolist(), strict=True)
    ]


def require_form(boxes: Numbers, form: str | None, sizes: Numbers) -> str:
    """Return the form, or ask for it.

    Raises:
        UsageError: none was given; it tells in how many cases each form would fit.
    """
    if form is not None:
        return form
    fitting = ", ".join(f"{each} {_inside(boxes, each, sizes)}" for each in FORMS)
    raise UsageError(
        "Four numbers do not say what they mean: name it by --box-form. Of the "
        f"{len(boxes)} boxes so many would lie inside their images: {fitting}. xywh is the top "
        "left corner and the size, xyxy two corners, cxcywh the centre and the size."
    )


def _inside(boxes: Numbers, form: str, sizes: Numbers) -> int:
    """Count the boxes that lie inside their images, up to a pixel, and have a size."""
    found = in_pixels(_finite(boxes), form, sizes)
    ends = found[:, :2] + found[:, 2:]
    fits = (found[:, :2] >= -1) & (found[:, 2:] > 0) & (ends <= sizes + 1)
    # less than a pixel wide is no box: fractions read as pixels would all lie inside
    return int((fits & (found[:, 2:] >= 1)).all(axis=1).sum())


def _finite(boxes: Numbers) -> Numbers:
    """Return the boxes with 0 for numbers that are none, or far beyond any image."""
    return np.where(np.abs(boxes) <= GREATEST_COORDINATE, boxes, 0)
