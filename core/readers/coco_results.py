"""COCO result files: detections with boxes, masks or both, as `COCO.loadRes` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.geometry import rle
from core.readers import detection_scan, json_file, segmentation
from core.readers.faults import Fault, settle, shown
from core.readers.json_file import Record, records
from core.readers.object_rows import ObjectRow, objects_of
from core.structures import Dataset, ImageRecord, Prediction

ADVICE = (
    "Mend the file, or check that it was made for this data set and split; "
    "--skip-bad leaves out what is faulty."
)


@dataclass(frozen=True)
class Kind:
    """What the entries of a file hold, decided by its first entry as in pycocotools.

    Attributes:
        boxed: entries have a box, and the area of an object is that of its box; otherwise box
            and area are those of its mask.
        masked: entries have a mask.
    """

    boxed: bool
    masked: bool


@dataclass(frozen=True)
class Known:
    """Which ids the data set has."""

    images: dict[int, ImageRecord]
    class_of: dict[int, int]


def read_coco_results(
    path: Path, dataset: Dataset, *, skip_bad: bool = False
) -> tuple[tuple[Prediction, ...], tuple[Fault, ...]]:
    """Return one prediction for each image of the data set, and what was left out.

    As `COCO.loadRes` of pycocotools 2.0.11 does, the first entry decides: if its `bbox` is
    there and not empty, each entry has a box and its area is width times height, even if it
    has a mask too; otherwise each has a mask, and area and box are the mask's. Objects stand
    in the order of the file. An image without entries has an empty prediction.

    Args:
        path: the JSON file, a list of {image_id, category_id, score, bbox, segmentation}.
        dataset: what the ids refer to.
        skip_bad: leave out faulty entries, and return their faults.

    Raises:
        UsageError: the file is no list of detections.
        FaultyInputError: it has faults; all of them are listed.
    """
    content = json_file.read_file(path)
    scanned = detection_scan.scan(content, dataset)
    if scanned is not None:
        return scanned.predictions(dataset), ()
    entries = _entries(path, content)
    known = Known(
        {image.id: image for image in dataset.images},
        {category.source_id: index for index, category in enumerate(dataset.categories)},
    )
    kind = _kind(path, entries)
    faults: list[Fault] = []
    rows: dict[int, list[ObjectRow]] = {image.id: [] for image in dataset.images}
    for record in records(entries, "entries", faults):
        image = _image(record, known)
        row = _row(record, kind, known, image)
        if image is not None and row is not None:
            rows[image.id].append(row)
    advice = f"{_advice_on_ids(entries, dataset)}{ADVICE}"
    kept = sum(map(len, rows.values()))
    settled = settle(str(path), faults, skip_bad=skip_bad, kept=kept, advice=advice)
    predictions = tuple(
        Prediction(image, objects=objects_of(rows[image.id], scored=True, masked=kind.masked))
        for image in dataset.images
    )
    return predictions, settled


def _entries(path: Path, content: bytes) -> list[object]:
    document = json_file.parse(content, path).document
    if isinstance(document, list):
        return document
    kind = type(document).__name__
    advice = (
        "This looks like an annotation file: import it as a data set with format coco."
        if isinstance(document, dict) and "images" in document
        else "Write the detections of all images as one list."
    )
    raise UsageError(
        f"{path}: the outermost value is of type {kind}, expected a list of detections "
        f"{{image_id, category_id, score, bbox or segmentation}}. {advice}"
    )


def _kind(path: Path, entries: list[object]) -> Kind:
    first = next((entry for entry in entries if isinstance(entry, dict)), None)
    if first is None:
        return Kind(boxed=True, masked=False)
    masked = segmentation.is_given(first)
    boxed = _has_box(first)
    keypoints = "keypoints" in first and not boxed and not masked
    if "caption" in first or keypoints:
        raise UsageError(
            f"{path}: the first entry is a caption or holds keypoints only: {shown(first)}. Give "
            "a result file of a detection or segmentation task, with boxes or masks."
        )
    if not boxed and not masked:
        raise UsageError(
            f"{path}: the first entry has neither 'bbox' nor 'segmentation': {shown(first)}. "
            "It decides what all entries hold; expected [x, y, width, height] or run lengths."
        )
    return Kind(boxed, masked)


def _has_box(fields: dict[str, object]) -> bool:
    return "bbox" in fields and fields["bbox"] != []


def _image(record: Record, known: Known) -> ImageRecord | None:
    image_id = record.integer("image_id")
    if image_id is None or image_id in known.images:
        return None if image_id is None else known.images[image_id]
    record.fault(f"'image_id' is {image_id}, but no image of the data set has this id")
    return None


def _row(record: Record, kind: Kind, known: Known, image: ImageRecord | None) -> ObjectRow | None:
    """Return the object of an entry; None, with its faults noted, if it has any."""
    category_id, score = record.integer("category_id"), record.number("score", high=1)
    if category_id is not None and category_id not in known.class_of:
        record.fault(f"'category_id' is {category_id}, but no category has this id")
    box = record.box("bbox") if kind.boxed else None
    mask = None
    if kind.masked != segmentation.is_given(record.fields):
        record.fault(_unlike_first("segmentation", first_has_it=kind.masked))
    elif kind.masked and image is not None:
        mask = segmentation.mask_of(record, image.height, image.width)
    if not kind.boxed and _has_box(record.fields):
        record.fault(_unlike_first("bbox", first_has_it=False))
    if not record.sound or category_id is None or score is None:
        return None
    if box is None and mask is not None:
        x, y, width, height = map(float, rle.box(mask))
        box, area = (x, y, width, height), float(rle.area(mask))
    elif box is not None:
        area = box[2] * box[3]
    else:
        return None
    return ObjectRow(known.class_of[category_id], box, area, score=score, mask=mask)


def _unlike_first(key: str, *, first_has_it: bool) -> str:
    if first_has_it:
        return f"'{key}' is missing or empty, but the first entry has one; all must be alike"
    return f"there is a '{key}', but the first entry has none; all must be alike"


def _advice_on_ids(entries: list[object], dataset: Dataset) -> str:
    """Return a sentence if the category ids look like class indices instead, or nothing."""
    used = [entry.get("category_id") for entry in entries if isinstance(entry, dict)]
    used_ids = {found for found in used if type(found) is int}
    known = {category.source_id for category in dataset.categories}
    count = len(known)
    for start in (0, 1):
        if used_ids - known and used_ids <= set(range(start, count + start)):
            return (
                f"The category ids {min(used_ids)}..{max(used_ids)} look like {start}-based "
                f"class indices; this data set's ids are {min(known)}..{max(known)}. Write the "
                "data set's own ids. "
            )
    return ""
