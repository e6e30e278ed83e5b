"""A preview as one picture: photographs, and below each the classes of its pixels in colour."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from core.previews import GAP, Preview
from pages.ui.palette import class_colours

BACKGROUND = (128, 128, 128, 70)
LEAST_SIDE = 160  # of a cell on the screen, in pixels


@st.cache_data(max_entries=8, show_spinner=False)
def picture(_preview: Preview, photos: str, labels: str, drawn: str) -> NDArray[np.uint8] | None:  # noqa: ARG001 - the time is part of the key
    """Return (H, W, 4) red, green, blue, alpha; None if a file is gone or is something else.

    Args:
        _preview: what was drawn.
        photos: path of the grid of photographs.
        labels: path of the grid of label maps.
        drawn: when, so that a preview that was drawn again is read again.
    """
    try:
        with Image.open(photos) as image:
            pixels = np.asarray(image.convert("RGBA"))
        with Image.open(labels) as image:
            classes = np.asarray(image)
    except OSError:
        return None
    coloured = colours_of(len(_preview.classes), _preview.background)[
        np.minimum(classes, len(_preview.classes))
    ]
    return _enlarged(_interleaved(pixels, coloured, _preview), _preview.side)


def colours_of(count: int, background: int | None) -> NDArray[np.uint8]:
    """Return (C + 1, 4) the colour of each class, the last for unlabelled pixels: transparent."""
    table = np.zeros((count + 1, 4), np.uint8)
    for index, colour in enumerate(class_colours(count, background)):
        table[index] = BACKGROUND if colour is None else (*bytes.fromhex(colour[1:]), 255)
    return table


def _interleaved(
    photos: NDArray[np.uint8], coloured: NDArray[np.uint8], preview: Preview
) -> NDArray[np.uint8]:
    """Return a row of photographs and a row of label maps for each image."""
    step = preview.side + GAP
    gap = np.zeros((GAP, photos.shape[1], 4), np.uint8)
    rows = []
    for top in range(0, len(preview.images) * step, step):
        here = slice(top, top + preview.side)
        rows += [photos[here], gap, coloured[here], gap, gap]
    return np.concatenate(rows)


def _enlarged(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return small cells larger, each pixel as a square."""
    factor = -(-LEAST_SIDE // side)
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)
