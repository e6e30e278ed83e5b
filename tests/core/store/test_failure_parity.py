"""Errors above a score are those that pycocotools finds when it never sees the others."""

from __future__ import annotations

import contextlib
import io
import json

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.evaluate import evaluate_run
from core.store.connection import Store
from core.store.queries.failures import FailureFilter, failure_objects
from core.structures import Dataset, Objects, Prediction
from tests.drive import COCO_RUNS
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

IOU_TYPES = {"box": "bbox", "mask": "segm"}


def reference(annotations: dict, detections: list[dict], iou_type: str) -> tuple[set, set]:
    """Wrong and missed at IoU .5 by pycocotools: (image id, detection id), (image id, truth id)."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = annotations
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(detections), iou_type)
        evaluation.params.iouThrs = np.array([0.5])
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.evaluate()
    wrong, missed = set(), set()
    for each in filter(None, evaluation.evalImgs):
        unmatched = (each["dtMatches"][0] == 0) & ~each["dtIgnore"][0].astype(bool)
        unfound = (each["gtMatches"][0] == 0) & ~each["gtIgnore"].astype(bool)
        detected, annotated = np.array(each["dtIds"]), np.array(each["gtIds"])
        wrong |= {(each["image_id"], int(key)) for key in detected[unmatched]}
        missed |= {(each["image_id"], int(key)) for key in annotated[unfound]}
    return wrong, missed


def places(entries: list[dict]) -> list[int]:
    """The position of each entry among those of its image."""
    seen: dict[int, int] = {}
    found = []
    for each in entries:
        found.append(seen.get(each["image_id"], 0))
        seen[each["image_id"]] = found[-1] + 1
    return found


def assert_errors_are_cocos(
    store: Store, chosen: FailureFilter, annotations: dict, detections: list[dict]
) -> None:
    sure = [i for i, each in enumerate(detections) if each["score"] >= chosen.least]
    place_of = places(detections)
    shown = [dict(detections[i]) for i in sure]  # loadRes gives them the ids 1, 2, …
    wrong, missed = reference(annotations, shown, IOU_TYPES[chosen.geometry])
    ids = [each["id"] for each in annotations["annotations"]]
    truth_place = dict(zip(ids, places(annotations["annotations"]), strict=True))
    expected = {(image, False, place_of[sure[key - 1]]) for image, key in wrong}
    expected |= {(image, True, truth_place[key]) for image, key in missed}
    with store.read() as cursor:
        found = failure_objects(cursor, chosen)
    is_missed = found["kind"] == "missed"
    ours = set(zip(found["source_id"], is_missed, found["object_index"], strict=True))
    assert len(ours) == len(found)
    assert ours == expected


def coco_annotations(dataset: Dataset) -> dict:
    entries = []
    for image in dataset.images:
        truth = dataset.annotations[image.id].objects
        for i in range(len(truth)):
            entry = {"id": len(entries) + 1, "image_id": image.id, "iscrowd": int(truth.crowd[i])}
            entry |= {"category_id": int(truth.categories[i]), "bbox": truth.boxes[i].tolist()}
            entries.append({**entry, "area": float(truth.areas[i])})
    return {
        "images": [{"id": i.id, "height": i.height, "width": i.width} for i in dataset.images],
        "categories": [{"id": i, "name": c.name} for i, c in enumerate(dataset.categories)],
        "annotations": entries,
    }


def near(truth: Objects, found: Objects, rng: np.random.Generator) -> Objects:
    """Random predictions and, twice, each annotation a little moved; scores often tie."""
    twice = [*range(len(truth)), *range(len(truth))]
    moved = truth.boxes[twice] + rng.normal(0, 1, (len(twice), 4)) * [1, 1, 0, 0]
    count = len(found) + len(twice)
    return Objects(
        boxes=np.vstack([found.boxes, moved]),
        categories=np.hstack([found.categories, truth.categories[twice]]).astype(np.int32),
        areas=np.hstack([found.areas, truth.areas[twice]]),
        crowd=np.zeros(count, bool),
        scores=rng.choice([0.2, 0.4, 0.5, 0.7], count),
    )


@pytest.fixture(scope="module")
def crowded(tmp_path_factory) -> tuple[Store, dict, list[dict]]:
    """Many small images with overlapping objects, crowd regions, and ties of scores."""
    dataset = make_dataset("crowded", image_ids=range(1, 61), classes=("a", "b"), seed=5)
    store, rng = (
        Store.at(tmp_path_factory.mktemp("crowded") / "store.duckdb"),
        np.random.default_rng(6),
    )
    predictions = [
        Prediction(
            each.image, None, near(dataset.annotations[each.image.id].objects, each.objects, rng)
        )
        for each in make_predictions(dataset, seed=7)
    ]
    put(store, dataset)
    put_run(store, dataset, predictions, "crowded", has_masks=False)
    evaluate_run(store, "crowded")
    detections = [
        {
            "image_id": each.image.id,
            "category_id": int(each.objects.categories[i]),
            "bbox": each.objects.boxes[i].tolist(),
            "score": float(each.objects.scores[i]),
        }
        for each in predictions
        for i in range(len(each.objects))
    ]
    return store, coco_annotations(dataset), detections


@pytest.mark.parametrize("least", [0.0, 0.2, 0.4, 0.45, 0.5, 0.7])
def test_errors_of_crowded_scenes(crowded, least):
    store, annotations, detections = crowded
    assert_errors_are_cocos(
        store, FailureFilter(runs=(1,), geometry="box", least=least), annotations, detections
    )


@pytest.mark.shared
@pytest.mark.parametrize("least", [0.0, 0.25, 0.8])
@pytest.mark.parametrize(
    ("name", "geometry"), [("yolov8n", "box"), ("yolov8n-seg", "mask"), ("yolox-nano", "box")]
)
def test_errors_of_detectors_on_coco(coco_store, shared_data, name, geometry, least):
    folder = shared_data / "coco_val2017"
    annotations = json.loads((folder / "instances.json").read_text())
    detections = json.loads((folder / "results" / COCO_RUNS[name]).read_text())
    run = list(COCO_RUNS).index(name) + 1
    chosen = FailureFilter(runs=(run,), geometry=geometry, least=least)
    assert_errors_are_cocos(Store.at(coco_store), chosen, annotations, detections)
