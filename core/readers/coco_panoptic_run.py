"""COCO panoptic results: what `panopticapi` scores, a JSON of segments and PNGs that paint them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.errors import UsageError
from core.geometry import rle
from core.readers import coco_panoptic, coco_tables, json_file
from core.readers.coco_panoptic import GREATEST_SEGMENT, Painted, Segment, SegmentIds
from core.readers.faults import Fault, settle
from core.readers.json_file import Record, records
from core.readers.label_png import is_painted
from core.readers.lazy import LazyPredictions
from core.readers.object_rows import ObjectRow, objects_of
from core.structures import Dataset, ImageRecord, Prediction, label_dtype

ADVICE = (
    "Mend the files, or check that they were made for this data set and split; --skip-bad leaves "
    "out the images that are faulty."
)


@dataclass(frozen=True)
class Known:
    """What the data set says of ids.

    Attributes:
        images: id to image.
        class_of: category id to class index.
        things: class indices of which objects are annotated.
        class_count: C.
        unpainted: what a pixel without a segment holds in the label map.
    """

    images: dict[int, ImageRecord]
    class_of: dict[int, int]
    things: frozenset[int]
    class_count: int
    unpainted: int


def read_coco_panoptic_predictions(
    path: Path, dataset: Dataset, *, skip_bad: bool = False
) -> tuple[LazyPredictions, tuple[Fault, ...]]:
    """Return the predictions of a panoptic result, and what was left out of them.

    Segments of classes of which the data set has annotated objects become objects with score 1;
    all become the label map, void where no segment is. The PNGs lie beside the JSON, in a folder
    of its name. Each is checked here, and decoded again when its prediction is asked for.

    Args:
        path: the JSON file, whose list `annotations` has {image_id, file_name, segments_info} of
            each image of the data set; of a segment {id, category_id} counts.
        dataset: what the ids refer to.
        skip_bad: leave out images that have faults, and return their faults.

    Raises:
        UsageError: the file is no panoptic result, or there is no folder of PNGs.
        FaultyInputError: it has faults; all of them are listed.
    """
    document = json_file.load(path).document
    entries = document.get("annotations") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise UsageError(
            f"{path}: there is no list 'annotations' in it, expected the JSON of a panoptic result "
            "{annotations: [{image_id, file_name, segments_info}]}. Detections in one list are "
            "coco-results."
        )
    folder = coco_panoptic.folder_of_pngs(path, None)
    faults: list[Fault] = []
    known = _known(dataset)
    found: dict[int, Painted] = {}
    seen: dict[object, int] = {}
    for record in records(entries, "annotations", faults):
        coco_tables.note_repeat(record, "image_id", seen)
        one = _painted(record, folder, known, faults)
        if one is not None:
            found[one.image.id] = one
    faults.extend(
        Fault(f"image {image.name} (id {image.id})", "there is no entry in annotations for it")
        for image in dataset.images
        if image.id not in seen
    )
    settled = settle(str(path), faults, skip_bad=skip_bad, kept=len(found), advice=ADVICE)
    there = (found[image.id] for image in dataset.images if image.id in found)
    return LazyPredictions([partial(_prediction, one) for one in there]), settled


def _known(dataset: Dataset) -> Known:
    count = len(dataset.categories)
    annotated = (annotation.objects for annotation in dataset.annotations.values())
    things = {each for objects in annotated if objects for each in objects.categories.tolist()}
    painted = is_painted(dataset)
    return Known(
        images={image.id: image for image in dataset.images},
        class_of={each.source_id: index for index, each in enumerate(dataset.categories)},
        things=frozenset(things),
        class_count=count,
        unpainted=count if painted else int(np.iinfo(label_dtype(count)).max),
    )


def _prediction(one: Painted) -> Prediction:
    return Prediction(one.image, objects=one.objects, label_map=coco_panoptic.label_map_of(one))


def _painted(record: Record, folder: Path, known: Known, faults: list[Fault]) -> Painted | None:
    """Return one checked image; None, with its faults noted, if it has any."""
    before = len(faults)
    image_id = record.integer("image_id")
    if image_id is not None and image_id not in known.images:
        record.fault(f"'image_id' is {image_id}, but no image of the data set has this id")
    classes, declared = _classes(record, known)
    png = coco_panoptic.png_path(record, folder)
    if image_id not in known.images or image_id is None or png is None:
        return None
    image = known.images[image_id]
    ids, digest = coco_panoptic.checked_ids(record, image, png)
    if ids is None:
        return None
    segments = _segments(classes, ids)
    coco_panoptic.compare(record, ids, segments, declared)
    if len(faults) != before:
        return None
    segments.sort(key=lambda segment: segment.id)
    rows = [_row(segment, ids) for segment in segments if segment.category in known.things]
    labels = [known.unpainted, *(segment.category for segment in segments)]
    return Painted(
        image=image,
        objects=objects_of(rows, scored=True, masked=True),
        png=png,
        digest=digest,
        segment_ids=np.array([0, *(segment.id for segment in segments)], dtype=np.uint32),
        labels=np.array(labels).astype(label_dtype(known.class_count)),
    )


def _classes(record: Record, known: Known) -> tuple[list[tuple[Record, int, int]], set[object]]:
    """Return record, id and class index of the segments without faults, and the ids of all."""
    found = []
    ids: dict[object, int] = {}
    for child in record.children("segments_info"):
        segment_id = child.integer("id", low=1, high=GREATEST_SEGMENT)
        coco_tables.note_repeat(child, "id", ids)
        category_id = child.integer("category_id")
        if category_id is not None and category_id not in known.class_of:
            child.fault(f"'category_id' is {category_id}, but no category has this id")
        if child.sound and segment_id is not None and category_id is not None:
            found.append((child, segment_id, known.class_of[category_id]))
    return found, set(ids)


def _segments(classes: list[tuple[Record, int, int]], ids: SegmentIds) -> list[Segment]:
    """Return the segments, with the area that they have in the PNG: results need not tell it."""
    values, counts = np.unique(ids, return_counts=True)
    areas = dict(zip(values.tolist(), counts.tolist(), strict=True))
    return [
        Segment(child, segment_id, category, areas.get(segment_id, 0), crowd=False)
        for child, segment_id, category in classes
    ]


def _row(segment: Segment, ids: SegmentIds) -> ObjectRow:
    mask = rle.encode(ids == segment.id)
    x, y, width, height = map(float, rle.box(mask))
    return ObjectRow(segment.category, (x, y, width, height), segment.area, score=1.0, mask=mask)
