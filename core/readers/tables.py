"""Objects of many images, as read from files, as the columns that matching works on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.readers import coco_results, detection_scan, json_file
from core.structures import Dataset, ImageRecord, Objects, ObjectTable


def truth_table(dataset: Dataset) -> ObjectTable:
    """Return the annotated objects of a data set; the key of an image is its id.

    Raises:
        ValueError: an image has no objects, not even none: the data set has label maps only.
    """
    pairs = [(image, dataset.annotations[image.id].objects) for image in dataset.images]
    return _table(pairs, scored=False)


def results_table(path: Path, dataset: Dataset) -> ObjectTable:
    """Return the detections of a COCO result file; the key of an image is its id.

    Raises:
        UsageError: as of `coco_results.read_coco_results`.
    """
    scanned = detection_scan.scan(json_file.read_file(path), dataset)
    if scanned is not None:
        return scanned.table(dataset)
    predictions, _ = coco_results.read_coco_results(path, dataset)
    return _table([(each.image, each.objects) for each in predictions], scored=True)


def _table(pairs: Sequence[tuple[ImageRecord, Objects | None]], *, scored: bool) -> ObjectTable:
    found = [(image, objects) for image, objects in pairs if objects is not None]
    if len(found) < len(pairs):
        raise ValueError(f"{len(pairs) - len(found)} images have no list of objects")
    counts = [len(objects) for _, objects in found]
    masked = all(objects.masks is not None for _, objects in found)
    none = np.zeros(0)
    return ObjectTable(
        images=np.repeat(np.array([image.id for image, _ in found], np.int64), counts),
        indices=np.concatenate([none, *map(np.arange, counts)]).astype(np.int32),
        categories=np.concatenate([none, *(o.categories for _, o in found)]).astype(np.int32),
        boxes=np.concatenate([none.reshape(0, 4), *(o.boxes for _, o in found)]),
        areas=np.concatenate([none, *(o.areas for _, o in found)]),
        crowd=np.concatenate([none, *(o.crowd for _, o in found)]).astype(np.bool_),
        scores=np.concatenate([none, *(o.scores for _, o in found if o.scores is not None)])
        if scored
        else None,
        masks=[mask.counts for _, o in found for mask in o.masks or ()] if masked else None,
        heights=np.repeat(np.array([image.height for image, _ in found], np.int32), counts),
    )
