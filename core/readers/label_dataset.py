"""Checked files of labels as a data set, decoded when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.readers.label_files import LabelFile
from core.readers.label_values import Meaning
from core.readers.lazy import LazyAnnotations
from core.structures import BACKGROUND_NAME, Annotation, Category, Dataset, Source


def labelled_dataset(
    name: str,
    split: str,
    files: Sequence[LabelFile],
    meaning: Meaning,
    categories: Sequence[Category],
    *,
    images_folder: Path,
    source: Source,
) -> Dataset:
    """Return the data set of files of labels; their images get the ids 1 to n.

    Args:
        name: of the data set in the store.
        split: such as "val".
        files: sound ones, in the order of their images.
        meaning: what their values stand for.
        categories: a class is its index here; a first one called background means nothing.
        images_folder: where the paths of the images start.
        source: what was read.
    """
    by_id = {
        number: replace(file, image=replace(file.image, id=number))
        for number, file in enumerate(files, start=1)
    }
    first = categories[0].name.strip().lower()
    return Dataset(
        name=name,
        split=split,
        categories=tuple(categories),
        images=tuple(file.image for file in by_id.values()),
        annotations=LazyAnnotations(tuple(by_id), partial(_annotation, by_id, meaning)),
        images_folder=images_folder,
        source=source,
        background=0 if first == BACKGROUND_NAME else None,
    )


def _annotation(files: Mapping[int, LabelFile], meaning: Meaning, image_id: int) -> Annotation:
    file = files[image_id]
    return Annotation(file.image, label_map=file.label_map(meaning))
