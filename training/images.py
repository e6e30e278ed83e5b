"""Photographs from disk, decoded ahead of the network; a bad one is an answer, not an error."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

# taken now: ultralytics puts another in its place, which looks for a package to download
from PIL.Image import open as open_image

from core.errors import UsageError
from core.geometry.rle import check_size
from core.readers.images import FORMATS, UNREADABLE, check_path, image_source
from core.store.rejected import Rejected
from core.structures import Dataset, ImageRecord
from training.protocol import Photograph

MOST_THREADS = 4
ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT = (None, 0, 1)


class UnusableImageError(Exception):
    """An image cannot be answered.

    Attributes:
        stage: "open", "decode" or "infer".
    """

    def __init__(self, stage: str, message: str) -> None:
        """Say at which stage, and why, in one sentence."""
        super().__init__(message)
        self.stage = stage


def reject(record: ImageRecord, stage: str, message: str) -> Rejected:
    """Return an image as one that was left out, with the reason in one sentence."""
    return Rejected(place=record.path, message=message, stage=stage, image_id=record.id)


def read_ahead(
    folder: Path, records: Sequence[ImageRecord], ahead: int
) -> Generator[Photograph | Rejected, None, None]:
    """Yield the images in their order, while the next ones are being decoded.

    Args:
        folder: where their paths start.
        records: the images.
        ahead: how many may wait, decoded, in memory.
    """
    pool = ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1), "decode")
    waiting: deque[Future[Photograph | Rejected]] = deque()
    try:
        for record in records:
            waiting.append(pool.submit(read_photograph, folder, record))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def read_photograph(folder: Path, record: ImageRecord) -> Photograph | Rejected:
    """Return an image with its pixels, or why it cannot be used."""
    try:
        source = _source(folder, record)
    except UnusableImageError as error:
        return reject(record, error.stage, str(error))
    return decode_photograph(source, record)


def decode_photograph(source: Path | BytesIO, record: ImageRecord) -> Photograph | Rejected:
    """Return an image with its pixels, from its file or the bytes of one, or why it is unusable."""
    try:
        return _decode(source, record)
    except UnusableImageError as error:
        return reject(record, error.stage, str(error))
    except MemoryError:
        return reject(record, "decode", "there is not enough memory to decode it")


def learnt_pixels(dataset: Dataset, record: ImageRecord) -> NDArray[np.uint8]:
    """Return the pixels of an image to learn from, (H, W, 3).

    Raises:
        UsageError: it cannot be used.
    """
    photograph = read_photograph(dataset.images_folder, record)
    if isinstance(photograph, Rejected):
        raise UsageError(
            f"Image {record.id} of {dataset.name} · {dataset.split} cannot be learnt from: "
            f"{photograph.message}. Put the file right, or import the split without it."
        )
    return photograph.pixels


def _source(folder: Path, record: ImageRecord) -> Path | BytesIO:
    fault = check_path(record.path)
    if fault:
        raise UnusableImageError("open", fault)
    try:
        return image_source(folder / record.path)
    except UsageError as error:
        raise UnusableImageError("open", f"{error}: {folder / record.path}") from error


def _decode(source: Path | BytesIO, record: ImageRecord) -> Photograph:
    with warnings.catch_warnings():
        # large images are refused by our own limit, and odd metadata does not matter here
        warnings.simplefilter("ignore")
        with _opened(source, record) as image:
            try:
                turned = image.getexif().get(ORIENTATION) not in UPRIGHT
                pixels = _colours(image)
            except UNREADABLE as error:
                raise UnusableImageError("decode", f"it cannot be decoded: {error}") from error
    return Photograph(record, pixels, turned=turned)


def _opened(source: Path | BytesIO, record: ImageRecord) -> Image.Image:
    """Open an image and check its size, before anything is decoded."""
    try:
        image = open_image(source, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnusableImageError("open", f"its content is none of {', '.join(FORMATS)}") from error
    except UNREADABLE as error:
        raise UnusableImageError("open", f"it cannot be opened: {error}") from error
    fault = check_size(image.height, image.width)
    if fault is None and (image.height, image.width) != (record.height, record.width):
        fault = (
            f"it is {image.height} x {image.width} pixels (height x width), but the data set says "
            f"{record.height} x {record.width}"
        )
    if fault:
        image.close()
        raise UnusableImageError("open", fault)
    return image


def _colours(image: Image.Image) -> NDArray[np.uint8]:
    """Return red, green, blue of 8 bits, as stored: no EXIF rotation, as COCO does it."""
    if image.mode.startswith("I;16"):
        high = (np.asarray(image) >> 8).astype(np.uint8)
        return np.repeat(high[:, :, np.newaxis], 3, axis=2)
    if image.mode in ("I", "F"):
        raise UnusableImageError(
            "decode", f"its pixels are of 32 bits (mode {image.mode}), expected 8 or 16 bits"
        )
    return np.asarray(image.convert("RGB"))
