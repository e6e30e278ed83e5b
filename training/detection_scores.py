"""COCO's average precision of objects in memory, by which a training chooses its best epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.metrics import detection, matching
from core.metrics.overlap import Geometry
from core.store.columns import table_of
from core.store.rejected import Rejected
from core.structures import Dataset, ImageRecord, Objects, ObjectTable
from training.images import read_ahead

AHEAD = 8


def score(dataset: Dataset, predicted: Sequence[Objects], geometry: Geometry) -> dict[str, float]:
    """Return COCO's AP and AP at IoU .5 as "ap" and "ap50"; 0 where no object counts.

    Args:
        dataset: with the annotated objects.
        predicted: what was found in each of its images, with scores.
        geometry: compare boxes or masks.
    """
    annotated = truth_table(dataset)
    found, class_count = table_of(dataset.images, predicted), len(dataset.categories)
    return score_tables(annotated, found, class_count, geometry)


def score_tables(
    annotated: ObjectTable, found: ObjectTable, class_count: int, geometry: Geometry
) -> dict[str, float]:
    """Return what `score` does, of objects of the same images as tables."""
    matches = matching.match_classes(annotated, found, geometry)
    accumulated = detection.accumulate(
        detection.match_rows(found, matches), detection.positives(annotated, class_count)
    )
    figures = detection.summarize(accumulated)
    return {name: float(np.nan_to_num(figures[name])) for name in ("ap", "ap50")}


def truth_table(dataset: Dataset) -> ObjectTable:
    """Return the annotated objects of a split as a table."""
    return table_of(dataset.images, [truth_of(dataset, image) for image in dataset.images])


def truth_of(dataset: Dataset, image: ImageRecord) -> Objects:
    """Return the annotated objects of an image, also where there are none."""
    objects = dataset.annotations[image.id].objects
    if objects is not None:
        return objects
    none = np.zeros(0)
    return Objects(np.zeros((0, 4)), none.astype(np.int32), none, none.astype(bool), masks=())


def pixels_of(dataset: Dataset, batch: int) -> Iterator[list[NDArray[np.uint8]]]:
    """Yield the images of a split, (H, W, 3) each, `batch` at a time.

    Raises:
        UsageError: one cannot be read.
    """
    waiting: list[NDArray[np.uint8]] = []
    for found in read_ahead(dataset.images_folder, dataset.images, AHEAD):
        if isinstance(found, Rejected):
            raise UsageError(
                f"Image {found.image_id} of {dataset.name} · {dataset.split} cannot be used: "
                f"{found.message}. Put the file right, or import the split without it."
            )
        waiting.append(found.pixels)
        if len(waiting) == batch:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
