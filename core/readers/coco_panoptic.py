"""COCO panoptic annotations: a JSON of segments, and PNGs that paint them.

A pixel's segment id is R + 256 G + 65536 B; 0 is void (cocodataset.org, format of panoptic
segmentation; `rgb2id` of panopticapi).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.geometry import rle
from core.readers import coco_tables, images
from core.readers.coco_tables import Tables
from core.readers.faults import Fault, settle
from core.readers.json_file import Record, read_file, records
from core.readers.lazy import LazyAnnotations
from core.readers.object_rows import ObjectRow, objects_of, tags_of
from core.readers.sources import folder_source
from core.structures import (
    Annotation,
    Dataset,
    ImageRecord,
    LabelMap,
    Objects,
    label_dtype,
)

FORMAT = "coco-panoptic"
GREATEST_SEGMENT = 256**3 - 1
ADVICE = "Mend the files, or import with --skip-bad to leave out the images that are faulty."
RGB_ADVICE = "segment ids are R + 256 G + 65536 B, so a palette or grey values lose them"

SegmentIds = NDArray[np.uint32]


@dataclass(frozen=True)
class Segment:
    """One segment of an image, as the JSON describes it.

    Attributes:
        record: its place in the file.
        id: what its pixels hold in the PNG.
        category: class index.
        area: square pixels.
        crowd: whether it is a region of many objects.
    """

    record: Record
    id: int
    category: int
    area: float
    crowd: bool


@dataclass(frozen=True, eq=False)
class Painted:
    """One checked image, and how to read its label map again.

    Attributes:
        image: with its tags.
        objects: the segments that are things.
        png: the file of segment ids.
        digest: SHA-256 of that file.
        segment_ids: (S,) ascending; 0, for void, comes first.
        labels: (S,) what the pixels of each segment hold in the label map.
    """

    image: ImageRecord
    objects: Objects
    png: Path
    digest: str
    segment_ids: SegmentIds
    labels: NDArray[Any]


def read_coco_panoptic(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    png_folder: Path | None = None,
    require_images: bool = True,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a COCO panoptic file, and what was left out of it.

    An annotation has the class of each pixel, void where the segment id is 0, and as objects
    the segments whose category is a thing. Each PNG was compared with the JSON, segment by
    segment; label maps are decoded again when they are asked for.

    Args:
        annotations: the JSON file.
        images_folder: where the file names of the images start.
        name: of the data set in the store.
        split: such as "val".
        png_folder: where the PNGs lie; by default beside the JSON, in a folder of its name.
        require_images: whether each photograph must exist, at the size that the JSON gives.
        skip_bad: leave out the images that have faults, and return their faults.

    Raises:
        UsageError: the file is no COCO panoptic file.
        FaultyInputError: it has faults; all of them are listed.
    """
    folder = folder_of_pngs(annotations, png_folder)
    faults: list[Fault] = []
    tables = coco_tables.read_tables(
        annotations, images_folder if require_images else None, faults, panoptic=True
    )
    painted, orphans = _painted_images(tables, folder, faults)
    settled = settle(str(annotations), faults, skip_bad=skip_bad, kept=len(painted), advice=ADVICE)
    digests = {f"{folder.name}/{one.png.name}": one.digest for one in painted.values()}
    source = folder_source(FORMAT, annotations, {annotations.name: tables.sha256, **digests})
    dataset = Dataset(
        name=name,
        split=split,
        categories=tables.categories,
        images=tuple(one.image for one in painted.values()),
        annotations=LazyAnnotations(tuple(painted), partial(_annotation, painted)),
        images_folder=images_folder,
        source=source,
        background=tables.background,
    )
    return dataset, settled + tuple(orphans)


def folder_of_pngs(annotations: Path, given: Path | None) -> Path:
    """Return the folder of the PNGs, by default beside the JSON under its name.

    Raises:
        UsageError: there is no such folder.
    """
    folder = annotations.with_suffix("") if given is None else given
    if not folder.is_dir():
        raise UsageError(
            f"{folder}: there is no such folder of panoptic PNGs. Give it, or put it beside "
            "the JSON under the JSON's name without its ending."
        )
    return folder


def _annotation(painted: Mapping[int, Painted], image_id: int) -> Annotation:
    one = painted[image_id]
    return Annotation(one.image, one.objects, label_map_of(one))


def label_map_of(one: Painted) -> LabelMap:
    """Return the class of each pixel, (H, W), decoded again.

    Raises:
        UsageError: the PNG has changed since it was checked.
    """
    ids, digest = _segment_ids(one.png, one.image)
    if digest != one.digest:
        raise UsageError(f"{one.png}: the file has changed since it was read. Import it again.")
    label_map: LabelMap = np.ascontiguousarray(one.labels[np.searchsorted(one.segment_ids, ids)])
    return label_map


def _painted_images(
    tables: Tables, folder: Path, faults: list[Fault]
) -> tuple[dict[int, Painted], list[Fault]]:
    """Return the images without faults by id, and the entries whose image is left out."""
    found: dict[int, Painted] = {}
    orphans: list[Fault] = []
    seen: dict[object, int] = {}
    for record in records(tables.annotations, "annotations", faults):
        before = len(faults)
        image = coco_tables.image_of(record, tables, orphans)
        coco_tables.note_repeat(record, "image_id", seen)
        segments, declared = _segments(record, tables)
        png = png_path(record, folder)
        if image is None or png is None:
            continue
        ids, digest = checked_ids(record, image, png)
        if ids is None:
            continue
        compare(record, ids, segments, declared)
        if len(faults) == before:
            found[image.id] = _painted(image, png, ids, digest, segments, tables)
    faults.extend(
        Fault(f"images (id {image_id})", "there is no entry in annotations for it")
        for image_id in tables.images
        if image_id not in seen
    )
    return {image_id: found[image_id] for image_id in sorted(found)}, orphans


def png_path(record: Record, folder: Path) -> Path | None:
    """Return the PNG of an image's record; None, with the fault noted, if it names none."""
    file_name = record.text("file_name")
    fault = images.check_path(file_name) if file_name is not None else None
    if fault:
        record.fault(fault)
    return None if file_name is None or fault else folder / file_name


def _segments(record: Record, tables: Tables) -> tuple[list[Segment], set[object]]:
    """Return the segments without faults, and the ids of all."""
    segments = []
    ids: dict[object, int] = {}
    for child in record.children("segments_info"):
        segment_id = child.integer("id", low=1, high=GREATEST_SEGMENT)
        coco_tables.note_repeat(child, "id", ids)
        category = coco_tables.class_of(child, tables)
        area = child.number("area")
        crowd = child.integer("iscrowd", high=1) if "iscrowd" in child.fields else 0
        if "bbox" in child.fields:
            child.box("bbox")
        if child.sound and segment_id is not None and category is not None and area is not None:
            segments.append(Segment(child, segment_id, category, area, crowd == 1))
    return segments, set(ids)


def checked_ids(record: Record, image: ImageRecord, png: Path) -> tuple[SegmentIds | None, str]:
    """Return the segment ids of a PNG and its SHA-256; None, with the fault noted, if faulty."""
    try:
        return _segment_ids(png, image)
    except UsageError as error:
        record.fault(str(error))
        return None, ""


def _painted(
    image: ImageRecord,
    png: Path,
    ids: SegmentIds,
    digest: str,
    segments: list[Segment],
    tables: Tables,
) -> Painted:
    rows = [_row(segment, ids) for segment in segments if tables.things[segment.category]]
    tags = tags_of([row.crowd for row in rows], image.tags, empty=not segments)
    by_id = sorted(segments, key=lambda segment: segment.id)
    dtype = label_dtype(len(tables.categories))
    void = np.iinfo(dtype).max
    return Painted(
        image=replace(image, tags=tags),
        objects=objects_of(rows, scored=False, masked=True),
        png=png,
        digest=digest,
        segment_ids=np.array([0, *(segment.id for segment in by_id)], dtype=np.uint32),
        labels=np.array([void, *(segment.category for segment in by_id)]).astype(dtype),
    )


def _segment_ids(png: Path, image: ImageRecord) -> tuple[SegmentIds, str]:
    """Return the segment id of each pixel, (H, W) in column order, and the file's SHA-256."""
    content = read_file(png)
    try:
        rgb = images.read_png(content, ("RGB",), RGB_ADVICE)
    except UsageError as error:
        raise UsageError(f"{png}: {error}") from error
    if rgb.shape[:2] != (image.height, image.width):
        raise UsageError(
            f"{png}: the PNG is {rgb.shape[0]} x {rgb.shape[1]} (height x width), "
            f"expected the image's {image.height} x {image.width}"
        )
    red, green, blue = (np.asfortranarray(rgb[..., k], dtype=np.uint32) for k in range(3))
    return red + 256 * green + 65536 * blue, hashlib.sha256(content).hexdigest()


def compare(
    record: Record, ids: SegmentIds, segments: list[Segment], declared: set[object]
) -> None:
    """Note each difference between the segments of the PNG and those of the JSON."""
    values, counts = np.unique(ids, return_counts=True)
    pixels = dict(zip(values.tolist(), counts.tolist(), strict=True))
    pixels.pop(0, None)
    for segment in segments:
        painted = pixels.pop(segment.id, 0)
        if not painted:
            segment.record.fault("no pixel of the PNG has this segment id")
        elif painted != segment.area:
            segment.record.fault(f"'area' is {segment.area:g}, but the PNG has {painted} pixels")
    for segment_id in sorted(pixels.keys() - declared):
        record.fault(
            f"the PNG has {pixels[segment_id]} pixels of segment {segment_id}, "
            "which is not in segments_info"
        )


def _row(segment: Segment, ids: SegmentIds) -> ObjectRow:
    mask = rle.encode(ids == segment.id)
    box = segment.record.box("bbox") if "bbox" in segment.record.fields else None
    x, y, width, height = box or rle.box(mask)
    whole = (float(x), float(y), float(width), float(height))
    return ObjectRow(segment.category, whole, segment.area, segment.crowd, mask=mask)
