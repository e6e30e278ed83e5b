"""The viewer over a real image of COCO with its annotation and two detectors."""

import json
import os
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
from pycocotools import mask as coco_mask
from scene import DEMO

from core.structures import Objects, Rle
from pages.ui import thumbnails
from pages.ui.layers import Layer
from pages.ui.palette import ANNOTATION_COLOUR, class_colours, run_colours
from pages.ui.payload import pack_view
from pages.ui.shell import shell
from pages.ui.viewer import viewer

shell(DEMO)


FOLDER = Path(os.environ["SHARED_DATA"]) / "coco_val2017"
RUNS = ("yolov8n-seg", "yolox_nano")


@cache
def annotations() -> dict:
    return json.loads((FOLDER / "instances.json").read_text())


def objects(records: list[dict], image: dict, index: dict[int, int]) -> Objects:
    def rle(record: dict) -> Rle:
        shape = record["segmentation"]
        if isinstance(shape, list):
            shape = coco_mask.merge(coco_mask.frPyObjects(shape, image["height"], image["width"]))
        elif isinstance(shape["counts"], list):
            shape = coco_mask.frPyObjects(shape, image["height"], image["width"])
        counts = shape["counts"]
        return Rle(
            image["height"],
            image["width"],
            counts if isinstance(counts, bytes) else counts.encode(),
        )

    masked = all("segmentation" in record for record in records)
    scored = all("score" in record for record in records)
    boxes = np.array([record["bbox"] for record in records], float).reshape(-1, 4)
    return Objects(
        boxes=boxes,
        categories=np.array([index[record["category_id"]] for record in records], np.int32),
        areas=boxes[:, 2] * boxes[:, 3],
        crowd=np.array([record.get("iscrowd", 0) for record in records], bool),
        scores=np.array([record["score"] for record in records]) if scored and records else None,
        masks=tuple(rle(record) for record in records) if masked else None,
    )


def painted(objects: Objects, background: int) -> np.ndarray:
    labels = np.full((image["height"], image["width"]), background, np.uint8)
    for mask, category in zip(objects.masks, objects.categories, strict=True):
        labels[coco_mask.decode({"size": labels.shape, "counts": mask.counts}) == 1] = category
    return labels


truth = annotations()
image = next(
    each for each in truth["images"] if str(each["id"]) == st.query_params.get("image", "139")
)
index = {category["id"]: i for i, category in enumerate(truth["categories"])}
of_image = [each for each in truth["annotations"] if each["image_id"] == image["id"]]
annotated = objects(of_image, image, index)
layers = [Layer("annotation", ANNOTATION_COLOUR, painted(annotated, 80), annotated)]
for run, file in zip(RUNS, ("yolov8n-seg_int8_segm", "yolox_nano_bbox"), strict=True):
    records = json.loads((FOLDER / "results" / f"{file}.json").read_text())
    own = objects(
        [e for e in records if e["image_id"] == image["id"] and e["score"] > 0.25], image, index
    )
    outcomes = ["right" if score > 0.5 else "false positive" for score in own.scores]
    labels = painted(own, 80) if own.masks else None
    layers.append(Layer(run, run_colours(RUNS)[run], labels, own, outcomes=outcomes, missed=[0, 1]))
names = [category["name"] for category in truth["categories"]] + ["background"]
classes = list(zip(range(81), names, class_colours(81, 80), strict=True))
photograph = thumbnails.photograph(str(FOLDER / "images" / image["file_name"]))
st.title(f"Image {image['id']}")
viewer(
    pack_view(photograph, image["width"], image["height"], classes, layers),
    key="viewer",
    height=760,
)
