"""Images that show one object each, of a known class and perhaps a known place, as a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.readers.json_file import Box
from core.readers.lazy import LazyAnnotations
from core.readers.object_rows import ObjectRow, objects_of
from core.structures import Annotation, Category, Dataset, ImageRecord, Source


@dataclass(frozen=True)
class LabelledImage:
    """An image with its one object.

    Attributes:
        image: without its pixels.
        category: class index of the object.
        box: x, y, width, height in pixels, or None where only the class is known.
    """

    image: ImageRecord
    category: int
    box: Box | None = None


def labelled_dataset(
    name: str,
    split: str,
    labelled: Sequence[LabelledImage],
    categories: Sequence[Category],
    *,
    images_folder: Path,
    source: Source,
) -> Dataset:
    """Return images of one object each as a data set.

    Args:
        name: of the data set in the store.
        split: such as "val".
        labelled: in ascending order of the images' ids; all with a box, or none.
        categories: a class is its index here.
        images_folder: where the paths of the images start.
        source: what was read.
    """
    by_id = {each.image.id: each for each in labelled}
    return Dataset(
        name=name,
        split=split,
        categories=tuple(categories),
        images=tuple(each.image for each in labelled),
        annotations=LazyAnnotations(tuple(by_id), partial(_annotation, by_id)),
        images_folder=images_folder,
        source=source,
        located=all(each.box is not None for each in labelled),
    )


def _annotation(labelled: Mapping[int, LabelledImage], image_id: int) -> Annotation:
    found = labelled[image_id]
    image = found.image
    # somewhere in the image: a data set that is not located says no more by its boxes
    box = found.box or (0.0, 0.0, float(image.width), float(image.height))
    row = ObjectRow(found.category, box, box[2] * box[3])
    return Annotation(image, objects_of([row], scored=False, masked=False))
