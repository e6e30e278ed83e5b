"""COCO's files: results as `COCO.loadRes` reads them, and instances as of a data set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from core.geometry import rle
from core.structures import Category, ImageRecord, Objects, Prediction
from core.writers.contents import RunContents, TruthContents, category_ids, told_of

Entry = dict[str, object]


def write_results(contents: RunContents, target: Path) -> str:
    """Write the detections as a COCO results file, see `write_detections`.

    Args:
        contents: of a run that predicts objects.
        target: the file to write.
    """
    with target.open("w", encoding="utf-8") as file:
        count = write_detections(contents, file)
    return told_of(count, contents)


def write_detections(contents: RunContents, file: TextIO) -> int:
    """Write the detections, image by image, each image's in the order they were given.

    What was read from such a file comes out again: scores and boxes to the last bit, run lengths
    byte for byte. Where boxes and areas are those of the masks, as of a file without boxes, none
    are written: with a box a reader takes the box's area.

    Args:
        contents: of a run that predicts objects.
        file: to write to.

    Returns:
        The number of objects.
    """
    boxed = not (contents.has_masks and _boxes_are_of_masks(contents))
    ids = category_ids(contents.dataset, contents.categories)
    file.write("[")
    count = _write_entries(file, _detections(contents, ids, boxed=boxed))
    file.write("]\n")
    return count


def write_annotations(contents: TruthContents, file: TextIO) -> int:
    """Write the annotated objects of some images as a COCO instances file.

    Boxes and areas come out to the last bit, run lengths byte for byte, the objects of an image
    in their order; the first id is 1, because pycocotools never matches an annotation of id 0.

    Args:
        contents: of a data set that has objects.
        file: to write to.

    Returns:
        The number of objects.
    """
    ids = category_ids(contents.dataset, contents.categories)
    about = f"{contents.dataset} {contents.split}"
    file.write(_head(about, contents.images, contents.categories, tagged=True))
    count = _write_entries(file, _numbered(_truths(contents, ids)))
    file.write("]}\n")
    return count


def write_images(contents: TruthContents, file: TextIO) -> None:
    """Write images and classes as a COCO instances file without annotations."""
    about = f"{contents.dataset} {contents.split}"
    file.write(f"{_head(about, contents.images, contents.categories, tagged=True)}]}}\n")


def write_instances(contents: RunContents, target: Path) -> str:
    """Write the predictions as annotations of a data set, each with its score.

    Args:
        contents: of a run that predicts objects.
        target: the file to write.
    """
    ids = category_ids(contents.dataset, contents.categories)
    about = f"{contents.run} on {contents.dataset} {contents.split}"
    with target.open("w", encoding="utf-8") as file:
        file.write(_head(about, contents.images, contents.categories))
        count = _write_entries(file, _numbered(_instances(contents, ids)))
        file.write("]}\n")
    return told_of(count, contents)


def _head(
    about: str,
    images: Sequence[ImageRecord],
    categories: Sequence[Category],
    *,
    tagged: bool = False,
) -> str:
    """Return an instances file up to its first annotation."""
    document = {
        "info": {"description": about},
        "images": [
            {
                "id": i.id,
                "file_name": i.path,
                "width": i.width,
                "height": i.height,
                **({"tags": list(i.tags)} if tagged and i.tags else {}),
            }
            for i in images
        ],
        "categories": [
            {"id": each.source_id, "name": each.name, "supercategory": each.supercategory}
            for each in categories
        ],
        "annotations": [],
    }
    return json.dumps(document)[: -len("]}")]


def _write_entries(file: TextIO, entries: Iterable[Entry]) -> int:
    """Write the entries of a list, a line each, and return their number."""
    count = 0
    for entry in entries:
        file.write(f"{',' if count else ''}\n{json.dumps(entry)}")
        count += 1
    file.write("\n")
    return count


def _numbered(entries: Iterable[Entry]) -> Iterator[Entry]:
    for number, entry in enumerate(entries, start=1):
        yield {"id": number, **entry}


def _detections(contents: RunContents, ids: Sequence[int], *, boxed: bool) -> Iterator[Entry]:
    for prediction, objects in _answers(contents):
        for index in range(len(objects)):
            yield {
                "image_id": prediction.image.id,
                "category_id": ids[objects.categories[index]],
                **({"bbox": objects.boxes[index].tolist()} if boxed else {}),
                **_segmentation(objects, index),
                "score": _score(objects, index),
            }


def _instances(contents: RunContents, ids: Sequence[int]) -> Iterator[Entry]:
    for prediction, objects in _answers(contents):
        for index in range(len(objects)):
            yield {
                **_instance(prediction.image.id, objects, index, ids),
                "score": _score(objects, index),
            }


def _truths(contents: TruthContents, ids: Sequence[int]) -> Iterator[Entry]:
    for annotation in contents.annotations():
        objects = annotation.objects
        for index in range(0 if objects is None else len(objects)):
            if objects is not None:
                yield _instance(annotation.image.id, objects, index, ids)


def _instance(image: int, objects: Objects, index: int, ids: Sequence[int]) -> Entry:
    return {
        "image_id": image,
        "category_id": ids[objects.categories[index]],
        "bbox": objects.boxes[index].tolist(),
        "area": float(objects.areas[index]),
        "iscrowd": int(objects.crowd[index]),
        **_segmentation(objects, index),
    }


def _answers(contents: RunContents) -> Iterator[tuple[Prediction, Objects]]:
    for prediction in contents.predictions():
        if prediction.objects is not None:
            yield prediction, prediction.objects


def _boxes_are_of_masks(contents: RunContents) -> bool:
    """Return whether box and area of every object are those of its mask."""
    for _, objects in _answers(contents):
        masks = objects.masks or ()
        boxes = np.array([rle.box(mask) for mask in masks], np.float64).reshape(-1, 4)
        areas = np.array([rle.area(mask) for mask in masks], np.float64)
        if not (np.array_equal(boxes, objects.boxes) and np.array_equal(areas, objects.areas)):
            return False
    return True


def _segmentation(objects: Objects, index: int) -> dict[str, object]:
    if objects.masks is None:
        return {}
    mask = objects.masks[index]
    return {"segmentation": {"size": [mask.height, mask.width], "counts": mask.counts.decode()}}


def _score(objects: Objects, index: int) -> float:
    return 0.0 if objects.scores is None else float(objects.scores[index])
