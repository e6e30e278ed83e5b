"""Image files from strangers: safe paths, sizes from headers, decoding within limits."""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

# taken now: ultralytics puts another in its place, which looks for a package to download
from PIL.Image import open as open_image

from core.errors import UsageError
from core.geometry.rle import check_size
from core.readers.array_images import place_of, png_of
from core.readers.faults import shown
from core.readers.json_file import is_writable

ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT, ON_ITS_SIDE = 1, (5, 6, 7, 8)
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")
# Of single images that a visitor sends: what every browser shows, and no more than this.
UPLOAD_FORMATS = ("JPEG", "PNG", "BMP", "WEBP")
UPLOAD_BYTES, UPLOAD_PIXELS = 20 * 2**20, 25_000_000
# A single name that no system takes for a path, a drive or a folder above.
_PLAIN_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
# What Pillow raises for files that are broken, cut off or of a kind it does not know.
UNREADABLE = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)


def check_path(name: str) -> str | None:
    """Say why a file name may not be used below a folder, or return None if it may."""
    if _PLAIN_NAME.fullmatch(name):
        return None
    windows = PureWindowsPath(name)
    if not name or not is_writable(name):
        return f"the file name is {shown(name)}; expected a text that a file can have as its name"
    if "\\" in name:
        return f"the file name {shown(name)} has backslashes; write folders with forward slashes"
    if name.startswith("/") or windows.drive:
        return f"the file name {shown(name)} is absolute; expected one relative to the folder"
    if ".." in PurePosixPath(name).parts or not PurePosixPath(name).name:
        return f"the file name {shown(name)} leads out of the folder; expected one inside it"
    return None


def image_source(path: Path) -> Path | io.BytesIO:
    """Return what an image is opened from: its file, or a PNG of its place in an array file.

    Everything that opens an image of a data set opens this.

    Args:
        path: of a file, or of an image in an array as `core.readers.array_images` writes it.

    Raises:
        UsageError: there is no such file, or the array has no such image.
    """
    place = place_of(os.fspath(path))
    file = path if place is None else Path(place.file)
    if not file.is_file():
        missing = "is no file" if file.exists() else "does not exist"
        raise UsageError(f"the image file {missing}")
    return path if place is None else png_of(place)


def header_size(path: Path) -> tuple[int, int]:
    """Return height and width in pixels as stored, before any EXIF rotation.

    Raises:
        UsageError: the file is missing, is no image that can be read, or is too large.
    """
    try:
        source = image_source(path)
    except UNREADABLE as error:
        raise UsageError(f"the image file cannot be read: {_reason(error)}") from error
    return _header(source)[1:]


def check_upload(content: bytes) -> tuple[int, int]:
    """Return height and width of an image that a visitor sent; only its header is read.

    Raises:
        UsageError: it is none that a browser shows, or larger than `UPLOAD_BYTES` or
            `UPLOAD_PIXELS`.
    """
    if len(content) > UPLOAD_BYTES:
        raise UsageError(f"it has {len(content):,} bytes; expected at most {UPLOAD_BYTES:,}")
    form, height, width = _header(io.BytesIO(content))
    if form not in UPLOAD_FORMATS:
        raise UsageError(f"it is a {form} image; expected {', '.join(UPLOAD_FORMATS)}")
    if height * width > UPLOAD_PIXELS:
        raise UsageError(
            f"it has {height:,} x {width:,} pixels; expected {UPLOAD_PIXELS:,} at most"
        )
    return height, width


def _header(source: Path | io.BytesIO) -> tuple[str, int, int]:
    """Return format, height and width."""
    try:
        with _opened(source) as image:
            width, height = image.size
            form = str(image.format)
    except UNREADABLE as error:
        raise UsageError(f"the image file cannot be read: {_reason(error)}") from error
    fault = check_size(height, width)
    if fault:
        raise UsageError(f"the image file is too large: {fault}")
    return form, height, width


def orientation(path: Path) -> int:
    """Return how a photograph is to be turned, as its EXIF says: 1 to 8, and 1 for upright.

    What is unreadable or has another value is upright.
    """
    try:
        with _opened(image_source(path)) as image:
            if image.format == "PNG" and "exif" not in image.info:
                return UPRIGHT  # Pillow would decode all of it to look behind its pixels
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # broken EXIF is none
                turn = image.getexif().get(ORIENTATION)
    except (UsageError, *UNREADABLE):
        return UPRIGHT
    return turn if isinstance(turn, int) and turn in range(1, 9) else UPRIGHT


def turned_advice(turn: int) -> str:
    """Return what to do about a photograph that was turned before it was annotated.

    Args:
        turn: its EXIF orientation.
    """
    return (
        f"its EXIF (orientation {turn}) asks to show it turned, and the annotation speaks of the "
        "turned image. Overlook reads pixels as they are stored, as COCO does: store the "
        "photographs turned, without the EXIF tag (mogrify -auto-orient), and import again"
    )


def check_file(path: Path, height: int, width: int) -> str | None:
    """Say what is wrong with an image file that should have a size, or return None.

    Only its header is read.
    """
    try:
        stored = header_size(path)
    except UsageError as error:
        return f"{error}: {os.fspath(path)}"
    if stored == (height, width):
        return None
    turned = ""
    if stored == (width, height):
        turn = orientation(path)
        turned = (
            f"; {turned_advice(turn)}"
            if turn in ON_ITS_SIDE
            else "; the two look swapped: give the size as stored in the file, before any EXIF "
            "rotation"
        )
    return (
        f"the image file is {stored[0]} x {stored[1]} (height x width), "
        f"expected {height} x {width}{turned}"
    )


def read_png(content: bytes, modes: tuple[str, ...], advice: str) -> NDArray[Any]:
    """Return the stored values of a PNG, shape (H, W) or (H, W, channels).

    Args:
        content: the bytes of the file.
        modes: Pillow's names of the kinds of pixel that are accepted.
        advice: what to do about another kind.

    Raises:
        UsageError: it is no PNG, of another mode, too large, or broken.
    """
    try:
        with _opened(io.BytesIO(content)) as image:
            if image.format != "PNG":
                raise UsageError(f"the file is a {image.format} image, expected PNG; {advice}")
            if image.mode not in modes:
                kinds = ", ".join(modes)
                raise UsageError(f"the PNG has mode {image.mode}, expected {kinds}; {advice}")
            fault = check_size(image.height, image.width)
            if fault:
                raise UsageError(f"the PNG is too large: {fault}")
            image.verify()  # the checksums, which decoding alone passes over
        with _opened(io.BytesIO(content)) as image:
            return np.asarray(image)
    except UNREADABLE as error:
        raise UsageError(f"the PNG cannot be read: {_reason(error)}") from error


def read_colours(content: bytes) -> NDArray[np.uint8]:
    """Return the colours of a still image of any format, shape (H, W, 3).

    Raises:
        UsageError: it cannot be read, is too large, or has several frames.
    """
    try:
        with _opened(io.BytesIO(content)) as image:
            fault = check_size(image.height, image.width)
            if fault:
                raise UsageError(f"the image is too large: {fault}")
            frames = getattr(image, "n_frames", 1)
            if frames != 1:
                raise UsageError(f"the image has {frames} frames; expected one")
            return np.asarray(image.convert("RGB"))
    except UNREADABLE as error:
        raise UsageError(f"the image cannot be read: {_reason(error)}") from error


def read_luma(path: Path) -> NDArray[np.uint8]:
    """Return how bright each pixel of a photograph is, shape (H, W): luma of ITU-R BT.601.

    Of 16-bit grey values the high bytes count. Transparency plays no part.

    Raises:
        UsageError: the file is missing, cannot be read, is too large, or has other values.
    """
    try:
        with _opened(image_source(path)) as image:
            fault = check_size(image.height, image.width)
            if fault:
                raise UsageError(f"the image file is too large: {fault}")
            if image.mode.startswith("I;16"):
                return (np.asarray(image) >> 8).astype(np.uint8)
            if image.mode in ("I", "F"):
                raise UsageError(f"the image file has values of mode {image.mode}, without a limit")
            return np.asarray(image.convert("RGB").convert("L"))
    except UNREADABLE as error:
        raise UsageError(f"the image file cannot be read: {_reason(error)}") from error


def _opened(source: Path | io.BytesIO) -> Image.Image:
    with warnings.catch_warnings():
        # Pillow warns at half of our limit, and of broken EXIF, which plays no part here.
        warnings.simplefilter("ignore")
        return open_image(source, formats=FORMATS)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return f"its content is none of {', '.join(FORMATS)}"
    return str(error) or type(error).__name__
