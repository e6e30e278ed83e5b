"""COCO's files: results as `COCO.loadRes` reads them, and instances as of a data set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.geometry import rle
from core.structures import Objects, Prediction
from core.writers.contents import RunContents, category_ids


def write_results(contents: RunContents, target: Path) -> str:
    """Write the detections, image by image, each image's in the order they were given.

    What was read from such a file comes out again: scores and boxes to the last bit, run lengths
    byte for byte. Where boxes and areas are those of the masks, as of a file without boxes, none
    are written: with a box a reader takes the box's area.

    Args:
        contents: of a run that predicts objects.
        target: the file to write.
    """
    boxed = not (contents.has_masks and _boxes_are_of_masks(contents))
    ids = category_ids(contents)
    count = 0
    with target.open("w", encoding="utf-8") as file:
        file.write("[")
        for prediction, objects in _answers(contents):
            for index in range(len(objects)):
                entry = {
                    "image_id": prediction.image.id,
                    "category_id": ids[objects.categories[index]],
                    **({"bbox": objects.boxes[index].tolist()} if boxed else {}),
                    **_segmentation(objects, index),
                    "score": _score(objects, index),
                }
                file.write(f"{',' if count else ''}\n{json.dumps(entry)}")
                count += 1
        file.write("\n]\n")
    return f"{count:,} objects on {len(contents.images):,} images"


def write_instances(contents: RunContents, target: Path) -> str:
    """Write the predictions as annotations of a data set, each with its score.

    Args:
        contents: of a run that predicts objects.
        target: the file to write.
    """
    ids = category_ids(contents)
    document = {
        "info": {"description": f"{contents.run} on {contents.dataset} {contents.split}"},
        "images": [
            {"id": i.id, "file_name": i.path, "width": i.width, "height": i.height}
            for i in contents.images
        ],
        "categories": [
            {"id": each.source_id, "name": each.name, "supercategory": each.supercategory}
            for each in contents.categories
        ],
        "annotations": [],
    }
    head = json.dumps(document)[: -len("]}")]
    count = 0
    with target.open("w", encoding="utf-8") as file:
        file.write(head)
        for prediction, objects in _answers(contents):
            for index in range(len(objects)):
                entry = {
                    "id": count + 1,
                    "image_id": prediction.image.id,
                    "category_id": ids[objects.categories[index]],
                    "bbox": objects.boxes[index].tolist(),
                    "area": float(objects.areas[index]),
                    "iscrowd": 0,
                    **_segmentation(objects, index),
                    "score": _score(objects, index),
                }
                file.write(f"{',' if count else ''}\n{json.dumps(entry)}")
                count += 1
        file.write("\n]}\n")
    return f"{count:,} objects on {len(contents.images):,} images"


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
