"""Photographs and their thumbnails, as the browser takes them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import streamlit as st

from core.errors import UsageError
from core.readers.images import image_source
from pages.ui.crops import Window
from pages.ui.image_files import jpeg_size

THUMBNAIL_SIZE = (240, 180)
CROP_SIDE = 160
JPEG_QUALITY = 80
BROWSER_FORMATS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}


def fitted(width: int, height: int, box_width: int, box_height: int) -> tuple[int, int]:
    """Return the largest (width, height) of the same shape inside a box; never enlarged.

    Example:
        >>> fitted(640, 480, 240, 180), fitted(28, 28, 240, 180), fitted(5000, 2, 240, 180)
        ((240, 180), (28, 28), (240, 1))
    """
    scale = min(1.0, box_width / width, box_height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


@st.cache_data(max_entries=4096, show_spinner=False)
def thumbnail(
    path: str, width: int = THUMBNAIL_SIZE[0], height: int = THUMBNAIL_SIZE[1]
) -> bytes | None:
    """Return a JPEG that fits `width` x `height`, or None if the file cannot be read.

    The orientation noted in EXIF is ignored, because annotations are made on the pixels as
    they are stored (as COCO does).
    """
    stored = stored_bytes(Path(path))
    if stored is None:
        return None
    pixels = _decoded(stored, _reduction(stored, width, height))
    if pixels is None:
        return None
    size = fitted(pixels.shape[1], pixels.shape[0], width, height)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return _encoded(small, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


@st.cache_data(max_entries=4096, show_spinner=False)
def crop(path: str, window: Window, width: int, height: int) -> bytes | None:
    """Return a part of a photograph as a JPEG whose longer side is `CROP_SIDE` pixels.

    Small parts are enlarged, so that lines drawn over them stay thin.

    Args:
        path: of the photograph.
        window: the part, in pixels of the image.
        width: columns of the image, in pixels.
        height: rows of the image, in pixels.

    Returns:
        The JPEG; None if the file cannot be read, or is not of the image's size.
    """
    pixels = _whole(path)
    if pixels is None or pixels.shape[:2] != (height, width):
        return None
    left, top, across, down = window
    scale = CROP_SIDE / max(across, down)
    size = (max(1, round(across * scale)), max(1, round(down * scale)))
    part = pixels[top : top + down, left : left + across]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = cv2.resize(part, size, interpolation=way)
    return _encoded(shown, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


@st.cache_data(max_entries=32, show_spinner=False)
def photograph(path: str) -> bytes | None:
    """Return the file's bytes, as PNG where no browser reads its format; None if unreadable."""
    stored = stored_bytes(Path(path))
    if stored is None or Path(path).suffix.lower() in BROWSER_FORMATS:
        return stored
    pixels = _decoded(stored, 1)
    return None if pixels is None else _encoded(pixels, ".png", [])


@st.cache_resource(max_entries=2, show_spinner=False)
def _whole(path: str) -> np.ndarray | None:
    """The pixels of a photograph; several parts of one image often follow each other."""
    stored = stored_bytes(Path(path))
    return None if stored is None else _decoded(stored, 1)


def stored_bytes(path: Path) -> bytes | None:
    """Return the bytes of an image's file, or None if it cannot be read."""
    try:
        source = image_source(path)
        return (source.read_bytes() if isinstance(source, Path) else source.getvalue()) or None
    except (OSError, UsageError):
        return None


def _decoded(stored: bytes, reduction: int) -> np.ndarray | None:
    flags = {
        1: cv2.IMREAD_COLOR,
        2: cv2.IMREAD_REDUCED_COLOR_2,
        4: cv2.IMREAD_REDUCED_COLOR_4,
        8: cv2.IMREAD_REDUCED_COLOR_8,
    }[reduction] | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        return cv2.imdecode(np.frombuffer(stored, np.uint8), flags)
    except cv2.error:  # more pixels than OpenCV agrees to decode
        return None


def _reduction(stored: bytes, width: int, height: int) -> int:
    """How many times smaller a JPEG may be decoded and still fill the thumbnail."""
    size = jpeg_size(stored)
    if size is None:
        return 1
    spare = min(max(size[0] / width, size[1] / height), 8.0)
    return max(step for step in (1, 2, 4, 8) if step <= max(1.0, spare))


def _encoded(pixels: np.ndarray, ending: str, settings: list[int]) -> bytes:
    return cv2.imencode(ending, pixels, settings)[1].tobytes()
