"""Images inside array files, each known by a path of its own: `images.npy#17:28x28x1:255`.

The path names the file, the place of the image in it, its height, width and channels, and the
number that means white. So an image of an array goes wherever a path goes; whoever opens images
takes `core.readers.images.image_source`, which leads here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import UsageError
from core.geometry.rle import check_size
from core.readers.array_files import open_array

CHANNELS = (1, 3)
WHITES = (1, 255, 65535)
_PATTERN = re.compile(r"(.+)#(\d{1,12}):(\d{1,6})x(\d{1,6})x([13]):(1|255|65535)")


@dataclass(frozen=True)
class ArrayPlace:
    """Where the pixels of one image lie.

    Attributes:
        file: of the array; images of one size lie in it one after the other, row by row.
        index: of the image in the file, from 0.
        height: rows, pixels.
        width: columns, pixels.
        channels: 1 (grey) or 3 (red, green, blue); they lie beside each other.
        white: the number that is shown white: 1, 255 or 65535.
    """

    file: str
    index: int
    height: int
    width: int
    channels: int
    white: int

    def __str__(self) -> str:
        """Return the place as the path of an image.

        Example:
            >>> str(ArrayPlace("images.npy", 17, 28, 28, 1, 255))
            'images.npy#17:28x28x1:255'
        """
        size = f"{self.height}x{self.width}x{self.channels}"
        return f"{self.file}#{self.index}:{size}:{self.white}"

    @property
    def numbers(self) -> int:
        """Return how many numbers one image has."""
        return self.height * self.width * self.channels


def place_of(path: str) -> ArrayPlace | None:
    """Return the place that a path means, or None if it is the path of an ordinary file.

    Example:
        >>> place_of("folder/images.npy#17:28x28x1:255").index, place_of("a#1.png")
        (17, None)
    """
    found = _PATTERN.fullmatch(path)
    if found is None:
        return None
    return ArrayPlace(found[1], *(int(number) for number in found.groups()[1:]))


def png_of(place: ArrayPlace) -> BytesIO:
    """Return an image of an array as a PNG of 8 bits; darker than 0 is black.

    Raises:
        UsageError: the file is unsound, or has no such image.
    """
    fault = check_size(place.height, place.width)
    if fault:
        raise UsageError(f"{place.file}: {fault}")
    array = open_array(Path(place.file))
    numbers = array.numbers(place.index * place.numbers, place.numbers)
    shape = (place.height, place.width, place.channels)
    pixels = in_bytes(numbers, place.white).reshape(shape)
    written = BytesIO()
    image = Image.fromarray(pixels[:, :, 0] if place.channels == 1 else pixels)
    image.save(written, "PNG", compress_level=1)
    written.seek(0)
    return written


def in_bytes(numbers: NDArray[np.generic], white: int) -> NDArray[np.uint8]:
    """Return numbers from 0 to `white` as bytes from 0 to 255, rounded; others are cut off."""
    if numbers.dtype == np.uint8 and white == 255:
        return np.asarray(numbers, np.uint8)
    scaled = np.nan_to_num(numbers.astype(np.float64)) * (255 / white)
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)
