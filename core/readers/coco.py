"""COCO instance annotations: objects with boxes, and masks where the file has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.geometry import rle
from core.readers import annotation_scan, coco_tables, segmentation
from core.readers.coco_tables import Tables
from core.readers.faults import Fault, settle
from core.readers.json_file import Box, Record, records
from core.readers.object_rows import ObjectRow, objects_of, tags_of
from core.structures import Annotation, Dataset, Objects, Rle, Source

FORMAT = "coco"
ADVICE = (
    "Mend the file, or import with --skip-bad to leave out what is faulty. Images are looked "
    "for in the images folder, by their file_name."
)


def read_coco(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    require_images: bool = True,
    skip_bad: bool = False,
    paint: bool = True,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a COCO instances file, and what was left out of it.

    A class is the position of its category among all, sorted by id. A missing `iscrowd` is 0,
    a missing `bbox` the tight box of the mask, a missing `area` that of the mask, or else of
    the box. Masks are painted by pycocotools' rule. Either all objects have one or none.

    Args:
        annotations: the JSON file.
        images_folder: where the file names of the images start.
        name: of the data set in the store.
        split: such as "val".
        require_images: whether each image file must exist, at the size that the JSON gives.
        skip_bad: leave out faulty images and annotations, and return their faults.
        paint: whether the objects get the masks that the file has; they are checked anyway.

    Raises:
        UsageError: the file is no COCO instances file.
        FaultyInputError: it has faults; all of them are listed.
    """
    faults: list[Fault] = []
    file, scanned = annotation_scan.load(annotations)
    folder = images_folder if require_images else None
    tables = coco_tables.read_tables(annotations, folder, faults, panoptic=False, file=file)
    objects = None if scanned is None else scanned.objects(tables, paint=paint)
    orphans: list[Fault] = []
    if objects is None:
        entries = tables.annotations if scanned is None else scanned.entries()
        objects, orphans = _objects(replace(tables, annotations=entries), faults, paint=paint)
    kept = sum(map(len, objects.values())) if scanned or tables.annotations else len(tables.images)
    settled = settle(str(annotations), faults, skip_bad=skip_bad, kept=kept, advice=ADVICE)
    found = _annotations(tables, objects)
    dataset = Dataset(
        name=name,
        split=split,
        categories=tables.categories,
        images=tuple(annotation.image for annotation in found.values()),
        annotations=found,
        images_folder=images_folder,
        source=Source(FORMAT, str(annotations), tables.sha256),
        background=tables.background,
    )
    return dataset, settled + tuple(orphans)


def _annotations(tables: Tables, objects: dict[int, Objects]) -> dict[int, Annotation]:
    found = {}
    for image in tables.images.values():
        own = objects[image.id]
        tags = tags_of(own.crowd.tolist(), image.tags, empty=not len(own))
        found[image.id] = Annotation(replace(image, tags=tags), own)
    return found


def _objects(
    tables: Tables, faults: list[Fault], *, paint: bool
) -> tuple[dict[int, Objects], list[Fault]]:
    """Return the objects of each image in the order of the file, and those without one."""
    masked = any(
        isinstance(fields, dict) and segmentation.is_given(fields) for fields in tables.annotations
    )
    rows, orphans = _rows(tables, faults, masked=masked, paint=paint)
    painted = masked and paint
    found = {key: objects_of(own, scored=False, masked=painted) for key, own in rows.items()}
    return found, orphans


def _rows(
    tables: Tables, faults: list[Fault], *, masked: bool, paint: bool
) -> tuple[dict[int, list[ObjectRow]], list[Fault]]:
    """Return the rows of each image in the order of the file, and those without one."""
    rows: dict[int, list[ObjectRow]] = {image_id: [] for image_id in tables.images}
    orphans: list[Fault] = []
    ids: dict[object, int] = {}
    for record in records(tables.annotations, "annotations", faults):
        image = coco_tables.image_of(record, tables, orphans)
        category = coco_tables.class_of(record, tables)
        record.integer("id")
        coco_tables.note_repeat(record, "id", ids)
        crowd = record.integer("iscrowd", high=1) if "iscrowd" in record.fields else 0
        mask = None
        if masked and not segmentation.is_given(record.fields):
            record.fault("'segmentation' is missing or empty, but other annotations have one")
        elif masked and image is not None:
            if paint or not _is_described(record):
                mask = segmentation.mask_of(record, image.height, image.width)
            else:
                segmentation.check_polygons(record, image.height, image.width)
        area = _area(record, mask)
        box = _box(record, mask, masked=masked)
        if not record.sound or image is None or category is None or box is None:
            continue
        if area is None:
            area = box[2] * box[3]
        rows[image.id].append(ObjectRow(category, box, area, crowd == 1, mask=mask))
    return rows, orphans


def _is_described(record: Record) -> bool:
    """Tell whether nothing has to be measured on the mask of a record, which is of polygons."""
    fields = record.fields
    return "bbox" in fields and "area" in fields and isinstance(fields["segmentation"], list)


def _box(record: Record, mask: Rle | None, *, masked: bool) -> Box | None:
    """Return the box of an annotation, or that of its mask if the file gives none."""
    if "bbox" in record.fields or not masked:
        return record.box("bbox")
    if mask is None:
        return None  # the fault of the mask is noted
    x, y, width, height = rle.box(mask)
    return float(x), float(y), float(width), float(height)


def _area(record: Record, mask: Rle | None) -> float | None:
    """Return the area of an annotation, or that of its mask; None if there is neither."""
    if "area" in record.fields:
        return record.number("area")
    return None if mask is None else float(rle.area(mask))
