"""Images in .npy files: one file of many, or a folder with a file each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.geometry.rle import check_size
from core.readers.array_files import ArrayFile, open_array
from core.readers.array_images import CHANNELS, WHITES, ArrayPlace
from core.readers.faults import Fault
from core.readers.images import check_path
from core.structures import ImageRecord

Shape = tuple[int, int, int]
OVERSHOOT = 1.001
BLOCK_NUMBERS = 4_000_000  # looked at together: 32 MB of float64


@dataclass(frozen=True)
class NpyImage:
    """One image of an array.

    Attributes:
        path: of its file.
        name: what the image is called.
        index: its place in the file.
        shape: height, width, channels.
        greatest: of its numbers.
        place: as faults name it.
    """

    path: Path
    name: str
    index: int
    shape: Shape
    greatest: float
    place: str

    def record(self, image_id: int, white: int) -> ImageRecord:
        """Return the image as a record of a data set."""
        height, width, channels = self.shape
        path = ArrayPlace(self.path.name, self.index, height, width, channels, white)
        return ImageRecord(image_id, self.name, str(path), height, width)


def images_of_file(path: Path, shape: Shape | None, faults: list[Fault]) -> list[NpyImage | None]:
    """Return the images of a file of many, None for those with faults.

    Args:
        path: of the file: (N, H, W), (N, H, W, C) or vectors (N, H·W·C).
        shape: height, width and channels of each, or None to take them from the file.
        faults: gets what is wrong with an image.

    Raises:
        UsageError: the file cannot be read, or holds no images.
    """
    array = open_array(path)
    if len(array.shape) == 1:
        raise UsageError(
            f"{path}: the array has one dimension; expected images (N, H, W), (N, H, W, C) or "
            "vectors (N, H·W·C)."
        )
    each = _shape_of(array, array.shape[1:], shape)
    digits = len(str(array.shape[0] - 1))
    names = [f"{index:0{digits}}" for index in range(array.shape[0])]
    places = [f"{path.name}[{index}]" for index in range(array.shape[0])]
    return list(_checked(array, each, names, places, faults))


def images_of_folder(
    folder: Path, shape: Shape | None, faults: list[Fault]
) -> dict[str, NpyImage | None]:
    """Return the image of each .npy file by the file's name, None for those with faults.

    Args:
        folder: of files (H, W), (H, W, C) or vectors (H·W·C,).
        shape: height, width and channels of each, or None to take them from each file.
        faults: gets what is wrong with a file.

    Raises:
        UsageError: there are no such files.
    """
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() == ".npy"]
    if not paths:
        raise UsageError(f"{folder}: the folder holds no .npy files. Check the path.")
    found: dict[str, NpyImage | None] = {}
    for path in paths:
        found[path.name] = None
        fault = check_path(path.name)
        try:
            if fault:
                raise UsageError(fault)
            array = open_array(path)
            # one image may also come as a batch of one
            own = array.shape[1:] if array.shape[0] == 1 < len(array.shape) else array.shape
            each = _shape_of(array, own, shape)
        except UsageError as error:
            faults.append(Fault(ascii(path.name)[1:-1], str(error)))
            continue
        (found[path.name],) = _checked(array, each, [path.stem], [path.name], faults)
    return found


def white_of(images: list[NpyImage]) -> int:
    """Return the number that means white: the least of 1, 255 and 65535 that no number exceeds.

    Images that were resized as fractions may exceed 1 by a thousandth.
    """
    greatest = max((image.greatest for image in images), default=0.0)
    return next(white for white in WHITES if greatest <= white * OVERSHOOT)


def _checked(
    array: ArrayFile, shape: Shape, names: list[str], places: list[str], faults: list[Fault]
) -> Iterator[NpyImage | None]:
    index = 0
    for low, high in _ranges(array, math.prod(shape)):
        for least, greatest in zip(low.tolist(), high.tolist(), strict=True):
            if least >= 0 and greatest <= WHITES[-1] * OVERSHOOT:  # NaN fails every comparison
                name, place = names[index], places[index]
                yield NpyImage(array.path, name, index, shape, greatest, place)
            else:
                message = (
                    f"its numbers run from {least:g} to {greatest:g}; expected 0 to 1, 0 to 255 or "
                    "0 to 65535. Undo any normalisation before saving"
                )
                faults.append(Fault(places[index], message))
                yield None
            index += 1


def _ranges(
    array: ArrayFile, numbers: int
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Yield the least and the greatest number of each image, some images at a time."""
    count = array.size // numbers
    step = max(1, BLOCK_NUMBERS // numbers)
    for first in range(0, count, step):
        images = min(step, count - first)
        block = array.numbers(first * numbers, images * numbers).reshape(images, numbers)
        yield block.min(axis=1).astype(np.float64), block.max(axis=1).astype(np.float64)


def _shape_of(array: ArrayFile, sides: tuple[int, ...], given: Shape | None) -> Shape:
    """Return height, width and channels of an image.

    Args:
        array: its file.
        sides: dimensions of one image.
        given: what the user says, or None.

    Raises:
        UsageError: the dimensions are none of an image, or not those given.
    """
    numbers = math.prod(sides)
    if given is not None:
        if math.prod(given) != numbers:
            asked = " x ".join(map(str, given))
            raise UsageError(
                f"{array.path}: an image has {numbers} numbers, but --shape {asked} has "
                f"{math.prod(given)}."
            )
        shape = given
    elif len(sides) == 1:
        shape = _square(array, numbers)
    elif len(sides) == 2:
        shape = (sides[0], sides[1], 1)
    elif sides[2] in CHANNELS:
        shape = (sides[0], sides[1], sides[2])
    else:
        raise UsageError(
            f"{array.path}: an image has the shape {sides}; expected (height, width), with 1 or 3 "
            "channels last. Move the channels by numpy.moveaxis before saving."
        )
    fault = check_size(*shape[:2])
    if fault:
        raise UsageError(f"{array.path}: the images are too large: {fault}.")
    return shape


def _square(array: ArrayFile, numbers: int) -> Shape:
    """Return the shape of the square that a vector is: never both grey and coloured."""
    for channels in CHANNELS:
        side = math.isqrt(numbers // channels)
        if side * side * channels == numbers:
            return side, side, channels
    raise UsageError(
        f"{array.path}: an image is a vector of {numbers} numbers, which is no square of 1 or 3 "
        "channels; give its shape by --shape, such as --shape 24x32x3."
    )
