"""COCO dictionaries as tables, and what pycocotools says of the same dictionaries."""

from __future__ import annotations

import contextlib
import io
import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.structures import ObjectTable

IOU_TYPES = {"box": "bbox", "mask": "segm"}


def coco_of(truth: dict) -> COCO:
    """Index a COCO dictionary; its annotations are copied, for pycocotools writes into them."""
    coco = COCO()
    coco.dataset = {**truth, "annotations": [{**one} for one in truth["annotations"]]}
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    return coco


def load_predictions(coco: COCO, predictions: list[dict]) -> COCO:
    """Load predictions as pycocotools does, which refuses an empty list."""
    if not predictions:
        return coco_of({**coco.dataset, "annotations": []})
    with contextlib.redirect_stdout(io.StringIO()):
        return coco.loadRes([{**one} for one in predictions])


def official(
    truth: dict,
    predictions: list[dict],
    geometry: str,
    images: list[int] | None = None,
    categories: list[int] | None = None,
) -> COCOeval:
    """Evaluate with pycocotools, on some images or category ids if they are given."""
    coco = coco_of(truth)
    evaluation = COCOeval(coco, load_predictions(coco, predictions), IOU_TYPES[geometry])
    if images is not None:
        evaluation.params.imgIds = images
    if categories is not None:
        evaluation.params.catIds = categories
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def tables(
    truth: dict, predictions: list[dict], geometry: str = "box"
) -> tuple[ObjectTable, ObjectTable]:
    """Return the annotations and predictions of all images as tables."""
    coco = coco_of(truth)
    loaded = load_predictions(coco, predictions)
    return table(coco, geometry, scored=False), table(loaded, geometry, scored=True)


def table(coco: COCO, geometry: str, *, scored: bool) -> ObjectTable:
    """Return all objects of an indexed COCO dictionary as a table."""
    classes = {category: index for index, category in enumerate(sorted(coco.getCatIds()))}
    images = [(image, coco.imgToAnns[image]) for image in sorted(coco.getImgIds())]
    rows = [(image, index, one) for image, ones in images for index, one in enumerate(ones)]
    objects = [one for *_, one in rows]
    masks = [_text(coco.annToRLE(one)) for one in objects] if geometry == "mask" else None
    return ObjectTable(
        images=np.array([image for image, *_ in rows], np.int64),
        indices=np.array([index for _, index, _ in rows], np.int32),
        categories=np.array([classes[one["category_id"]] for one in objects], np.int32),
        boxes=np.array([one["bbox"] for one in objects], np.float64).reshape(-1, 4),
        areas=np.array([one["area"] for one in objects], np.float64),
        crowd=np.array([one.get("iscrowd", 0) for one in objects], np.bool_),
        scores=np.array([one["score"] for one in objects], np.float64) if scored else None,
        masks=masks,
        heights=np.array([coco.imgs[image]["height"] for image, *_ in rows], np.int32),
    )


def _text(mask: dict) -> bytes:
    """Return the compressed string, which JSON files hold as text."""
    counts = mask["counts"]
    return counts.encode() if isinstance(counts, str) else counts


@lru_cache
def real_case(folder: Path, file: str, geometry: str) -> tuple[dict, list[dict], COCOeval]:
    """Return real annotations, one real file of predictions, and pycocotools' evaluation."""
    truth = json.loads((folder / "coco_val2017/instances.json").read_text())
    predictions = json.loads((folder / "coco_val2017/results" / file).read_text())
    return truth, predictions, official(truth, predictions, geometry)


def official_bits(evaluation: COCOeval) -> dict[int, tuple[int, int, int]]:
    """Return hits, ignored and the annotation id matched in bit 0, by id of the prediction."""
    areas = {tuple(area): index for index, area in enumerate(evaluation.params.areaRng)}
    bits: dict[int, tuple[int, int, int]] = {}
    for entry in filter(None, evaluation.evalImgs):
        area = areas[tuple(entry["aRng"])]
        for place, prediction in enumerate(entry["dtIds"]):
            hits, ignored, matched = bits.get(prediction, (0, 0, 0))
            for step in range(10):
                bit = 1 << (10 * area + step)
                if entry["dtIgnore"][step, place]:
                    ignored |= bit
                elif entry["dtMatches"][step, place]:
                    hits |= bit
            if area == 0:
                matched = int(entry["dtMatches"][0, place])
            bits[prediction] = hits, ignored, matched
    return bits


def row_ids(coco: COCO) -> list[int]:
    """Return the ids of all objects in the order of the rows of their table."""
    return [one["id"] for image in sorted(coco.getImgIds()) for one in coco.imgToAnns[image]]
