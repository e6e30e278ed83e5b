"""Real data sets and real detections through the store."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from core.geometry import label_runs
from core.store import rows
from core.store.check import check
from core.structures import (
    Annotation,
    Category,
    Dataset,
    ImageRecord,
    Objects,
    Prediction,
    Rle,
    Source,
)
from tests.core.store.same import assert_same_dataset
from tests.filling import put, put_run

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def coco(shared_data: Path) -> COCO:
    (annotations,) = (shared_data / "coco_val2017").rglob("instances*.json")
    return COCO(annotations)


def objects_of(coco: COCO, image: dict, classes: dict[int, int]) -> Objects:
    found = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
    encoded = [coco.annToRLE(each) for each in found]
    return Objects(
        boxes=np.array([each["bbox"] for each in found], float).reshape(-1, 4),
        categories=np.array([classes[each["category_id"]] for each in found], np.int32),
        areas=np.array([each["area"] for each in found], float),
        crowd=np.array([each["iscrowd"] for each in found], bool),
        masks=tuple(Rle(*each["size"], bytes(each["counts"])) for each in encoded),
    )


def as_dataset(coco: COCO) -> Dataset:
    categories = coco.loadCats(coco.getCatIds())
    classes = {each["id"]: index for index, each in enumerate(categories)}
    images, annotations = [], {}
    for image in sorted(coco.dataset["images"], key=lambda image: image["id"]):
        name = image["file_name"]
        record = ImageRecord(image["id"], name[:-4], name, image["height"], image["width"])
        images.append(record)
        annotations[record.id] = Annotation(record, objects_of(coco, image, classes))
    return Dataset(
        name="coco",
        split="val",
        categories=tuple(
            Category(each["name"], each["supercategory"], each["id"]) for each in categories
        ),
        images=tuple(images),
        annotations=annotations,
        images_folder=Path("/pictures"),
        source=Source("coco", "instances.json", ""),
    )


def test_coco_and_its_detections_come_back_to_the_last_bit(store, coco, shared_data):
    dataset = as_dataset(coco)
    path = shared_data / "coco_val2017" / "results" / "yolov8n-seg_int8_segm.json"
    detections: dict[int, list[dict]] = {image.id: [] for image in dataset.images}
    for each in json.loads(path.read_text()):
        detections[each["image_id"]].append(each)
    classes = {each.source_id: index for index, each in enumerate(dataset.categories)}
    put(store, dataset)
    predictions = (predicted(image, detections[image.id], classes) for image in dataset.images)
    run_id = put_run(store, dataset, predictions)
    assert_same_dataset(rows.load_dataset(store, "coco", "val"), dataset)
    assert check(store) == []

    with store.read() as cursor:
        truth = rows.truth_table(cursor, "coco", "val")
        table = rows.prediction_table(cursor, run_id)
    in_order = [each for image in dataset.images for each in detections[image.id]]
    assert len(table) == len(in_order) > 1000
    assert table.boxes.tolist() == [each["bbox"] for each in in_order]
    assert table.scores.tolist() == [each["score"] for each in in_order]
    assert table.masks == [each["segmentation"]["counts"].encode() for each in in_order]
    assert (len(truth), int(truth.crowd.sum())) == (1692, 20)


def predicted(image: ImageRecord, found: list[dict], classes: dict[int, int]) -> Prediction:
    boxes = np.array([each["bbox"] for each in found], float).reshape(-1, 4)
    segments = [each["segmentation"] for each in found]
    objects = Objects(
        boxes=boxes,
        categories=np.array([classes[each["category_id"]] for each in found], np.int32),
        areas=boxes[:, 2] * boxes[:, 3],
        crowd=np.zeros(len(found), bool),
        scores=np.array([each["score"] for each in found], float),
        masks=tuple(Rle(*each["size"], each["counts"].encode()) for each in segments),
    )
    return Prediction(image, objects=objects)


def test_label_maps_of_camvid_come_back_pixel_for_pixel(store, shared_data):
    paths = sorted((shared_data / "camvid").rglob("valannot/*.png"))
    assert len(paths) == 17
    images, annotations = [], {}
    for number, path in enumerate(paths):
        labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        labels[labels == 11] = 255
        image = ImageRecord(number, path.stem, path.name, *labels.shape)
        images.append(image)
        annotations[number] = Annotation(image, label_map=labels)
    dataset = Dataset(
        name="camvid",
        split="val",
        categories=tuple(Category(f"class {index}", "", index) for index in range(11)),
        images=tuple(images),
        annotations=annotations,
        images_folder=Path("/pictures"),
        source=Source("label-png", "valannot", ""),
    )
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset)
    assert_same_dataset(rows.load_dataset(store, "camvid", "val"), dataset)
    with store.read() as cursor:
        blobs = dict(rows.annotation_map_blobs(cursor, "camvid", "val"))
    wanted = [label_runs.encode(annotations[image.id].label_map) for image in images]
    assert list(blobs.values()) == wanted
    assert check(store) == []
