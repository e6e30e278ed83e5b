"""MNIST and its relatives (EMNIST digits, Fashion-MNIST, KMNIST): IDX files, plain or .gz.

The class of each image is known, not where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import UsageError
from core.geometry.rle import check_size
from core.readers.array_files import ArrayFile, digest, open_array
from core.readers.array_images import ArrayPlace
from core.readers.digits import digit_categories
from core.readers.faults import Fault, settle
from core.readers.labelled_images import LabelledImage, labelled_dataset
from core.readers.sources import folder_source
from core.structures import Category, Dataset, ImageRecord

FORMAT = "mnist"
WHITE = 255
ADVICE = (
    "Mend the file, name the classes with --classes, or import with --skip-bad to leave out what "
    "is faulty."
)


def read_mnist(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    class_names: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of two IDX files, and what was left out of it.

    An image's id is its place in the file, from 0.

    Args:
        annotations: the file of labels (magic number 0x00000801).
        images_folder: the file of images (0x00000803).
        name: of the data set in the store.
        split: such as "test".
        class_names: what label 0, 1, … means; by default the ten digits.
        skip_bad: leave out images with labels out of range, and return their faults.

    Raises:
        UsageError: a file is missing, unsound or of another kind, or they do not go together.
        FaultyInputError: labels are out of range; all of them are listed.
    """
    pixels, labels = open_array(images_folder), open_array(annotations)
    _check(pixels, labels)
    categories = (
        digit_categories()
        if class_names is None
        else tuple(Category(word, source_id=index) for index, word in enumerate(class_names))
    )
    given = labels.all().astype(np.int64)
    faults = [
        Fault(
            f"{annotations.name}[{index}]",
            f"the label is {given[index]}; expected 0 to {len(categories) - 1}",
        )
        for index in np.flatnonzero(given >= len(categories)).tolist()
    ]
    sound = np.flatnonzero(given < len(categories)).tolist()
    settled = settle(str(annotations), faults, skip_bad=skip_bad, kept=len(sound), advice=ADVICE)
    labelled = [LabelledImage(_image(pixels, index), int(given[index])) for index in sound]
    digests = {path.name: digest(path) for path in (annotations, images_folder)}
    dataset = labelled_dataset(
        name,
        split,
        labelled,
        categories,
        images_folder=images_folder.parent,
        source=folder_source(FORMAT, annotations, digests),
    )
    return dataset, settled


def _check(pixels: ArrayFile, labels: ArrayFile) -> None:
    """Refuse files that are not images and their labels.

    Raises:
        UsageError: saying what came and what was expected.
    """
    for array, dimensions, what in ((pixels, 3, "images"), (labels, 1, "labels")):
        if array.dtype != np.uint8 or len(array.shape) != dimensions:
            swapped = " Are --annotations and --images exchanged?" if len(array.shape) != 2 else ""
            raise UsageError(
                f"{array.path}: it has {len(array.shape)} dimensions of {array.dtype}; expected "
                f"{dimensions} of unsigned bytes for {what}, as MNIST has them.{swapped}"
            )
    if pixels.shape[0] != labels.shape[0]:
        raise UsageError(
            f"{pixels.path} holds {pixels.shape[0]} images, but {labels.path} holds "
            f"{labels.shape[0]} labels. Give the two files of one split."
        )
    fault = check_size(*pixels.shape[1:])
    if fault:
        raise UsageError(f"{pixels.path}: the images are too large: {fault}.")


def _image(pixels: ArrayFile, index: int) -> ImageRecord:
    count, height, width = pixels.shape
    place = ArrayPlace(pixels.path.name, index, height, width, 1, WHITE)
    name = f"{index:0{len(str(count - 1))}}"
    return ImageRecord(index, name, str(place), height, width)
