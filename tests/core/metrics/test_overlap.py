"""Overlap of boxes and masks, held against pycocotools to the last bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from core.errors import UsageError
from core.metrics import overlap
from tests.core.metrics.coco_tables import real_case, tables
from tests.core.metrics.scenes import SIZE, crowded_scene, drawn, scene


def test_overlap_of_boxes_equals_pycocotools_to_the_last_bit():
    rng = np.random.default_rng(4)
    boxes = rng.uniform(0, 60, (2, 150, 4)) + rng.choice([0, 1e-9, 1e6], (2, 150, 1))
    predictions = [drawn([0, 0, 1, 1], score=0.5)] * 150
    annotations = [drawn([0, 0, 1, 1], area=1, iscrowd=int(i % 5 == 0)) for i in range(150)]
    truth, predicted = tables(*scene(annotations, predictions))
    truth = dataclasses.replace(truth, boxes=boxes[0])
    predicted = dataclasses.replace(predicted, boxes=boxes[1])
    expected = coco_mask.iou(boxes[1], boxes[0], truth.crowd.astype(np.uint8))
    assert_pairs_equal(overlap.overlapping_pairs(truth, predicted, "box"), expected)


@pytest.mark.parametrize("block", [7, 16_384])
def test_overlap_of_masks_equals_pycocotools_to_the_last_bit(monkeypatch, block):
    monkeypatch.setattr(overlap, "BLOCK", block)
    rng = np.random.default_rng(5)
    masks = [noisy_mask(rng) for _ in range(80)]
    annotations = [drawn([0, 0, 1, 1], area=1, iscrowd=int(i % 5 == 0)) for i in range(40)]
    truth, predicted = tables(*scene(annotations, [drawn([0, 0, 1, 1], score=0.5)] * 40), "mask")
    truth = dataclasses.replace(truth, masks=[mask["counts"] for mask in masks[:40]])
    predicted = dataclasses.replace(predicted, masks=[mask["counts"] for mask in masks[40:]])
    expected = coco_mask.iou(masks[40:], masks[:40], truth.crowd.astype(np.uint8))
    assert_pairs_equal(overlap.overlapping_pairs(truth, predicted, "mask"), expected)


def noisy_mask(rng):
    """Return noise, blobs of noise, columns, an empty or a full mask."""
    pixels = np.zeros((SIZE, SIZE), np.uint8, order="F")
    top, left, height, width = rng.integers(0, SIZE, 4)
    density = rng.choice([0, 0.02, 0.5, 0.98, 1])
    pixels[top : top + height, left : left + width] = rng.random((SIZE, SIZE))[
        top : top + height, left : left + width
    ] < density  # fmt: skip
    return coco_mask.encode(pixels)


def assert_pairs_equal(pairs, expected):
    matrix = np.zeros_like(expected)
    matrix[pairs.predictions, pairs.rows] = pairs.overlaps
    assert np.array_equal(matrix, expected)
    assert np.count_nonzero(matrix) > matrix.size / 10


def test_decoded_masks_have_the_areas_and_boxes_of_pycocotools():
    rng = np.random.default_rng(6)
    runs = [[0, 1], [SIZE - 1, 1], [SIZE - 1, 2], [SIZE + 5, SIZE], [SIZE + 5, SIZE - 5], []]
    exact = [{"size": [SIZE, SIZE], "counts": [*few, SIZE**2 - sum(few)]} for few in runs]
    masks = [noisy_mask(rng) for _ in range(80)] + coco_mask.frPyObjects(exact, SIZE, SIZE)
    assert_decoded([mask["counts"] for mask in masks], np.full(len(masks), SIZE, np.int32))


@pytest.mark.shared
def test_decoded_real_masks_have_the_areas_and_boxes_of_pycocotools(shared_data):
    truth, predictions, _ = real_case(shared_data, "yolov8n-seg_int8_segm.json", "mask")
    for table in tables(truth, predictions, "mask"):
        # pycocotools 2.0.11 cannot take a list of more than 255 masks here
        assert_decoded(table.masks[:200], table.heights[:200])


def assert_decoded(masks, heights):
    """Compare areas and boxes with pycocotools."""
    decoded = overlap._decode(masks, heights)
    coco = [
        {"size": [int(height), 10_000], "counts": counts}
        for height, counts in zip(heights, masks, strict=True)
    ]
    assert np.array_equal(decoded.areas, coco_mask.area(coco))
    assert np.array_equal(decoded.boxes, coco_mask.toBbox(coco))


@pytest.mark.parametrize("height", [1, 3, 65_500])
def test_masks_of_any_height_are_measured_to_the_pixel(height):
    rng = np.random.default_rng(height)
    width = 2**29 // height // 2
    rows = [0, height - 1, height, height * (width - 1), *rng.integers(0, height * width - 1, 60)]
    lengths = [1, min(2, height), height, height + 1, *rng.integers(1, 3 * height, 60)]
    exact = [
        {"size": [height, width], "counts": [int(row), int(count), int(rest)]}
        for row in rows
        for count in lengths[:8]
        if (rest := height * width - row - count) >= 0
    ]
    masks = coco_mask.frPyObjects(exact[:200], height, width)
    decoded = overlap._decode([each["counts"] for each in masks], np.full(len(masks), height))
    assert np.array_equal(decoded.areas, coco_mask.area(masks))
    assert np.array_equal(decoded.boxes, coco_mask.toBbox(masks))


def test_empty_runs_widen_no_box_and_an_empty_mask_has_none():
    runs = [
        [5, 0, SIZE, 2, SIZE, 0, SIZE**2 - 2 * SIZE - 7],  # in the columns beside it
        [0, 0, 7, 1, SIZE**2 - 8, 0],
        [SIZE + 2, 0, SIZE**2 - SIZE - 2],
    ]
    masks = coco_mask.frPyObjects(
        [{"size": [SIZE, SIZE], "counts": each} for each in runs], SIZE, SIZE
    )
    decoded = overlap._decode([each["counts"] for each in masks], np.full(3, SIZE, np.int32))
    assert decoded.areas.tolist() == [2, 1, 0]
    assert decoded.boxes.tolist() == [[1, 5, 1, 2], [0, 7, 1, 1], [0, 0, 0, 0]]


def test_runs_of_no_pixels_do_not_end_the_comparison_as_in_pycocotools():
    # pixels 2 and 3 of the first column, an empty run between them; one mask has 6 and 7 as well
    counts = [2, 1, 0, 1, SIZE * SIZE - 4], [2, 1, 0, 1, 2, 2, SIZE * SIZE - 8]
    small, large = (
        coco_mask.frPyObjects({"size": [SIZE, SIZE], "counts": runs}, SIZE, SIZE) for runs in counts
    )
    assert coco_mask.iou([small], [large], [0]).tolist() == [[1.0]]  # it stops at the empty run
    truth, predicted = tables(
        *scene([drawn([0, 2, 1, 6], area=4, iscrowd=0)], [drawn([0, 2, 1, 2], score=0.5)]), "mask"
    )
    truth = dataclasses.replace(truth, masks=[large["counts"]])
    predicted = dataclasses.replace(predicted, masks=[small["counts"]])
    assert overlap.overlapping_pairs(truth, predicted, "mask").overlaps.tolist() == [0.5]


def test_masks_of_images_without_rows_are_refused():
    truth, predicted = tables(*crowded_scene(seed=3), "mask")
    flat = dataclasses.replace(predicted, heights=np.zeros_like(predicted.heights))
    with pytest.raises(ValueError, match="images with 0 rows"):
        overlap.overlapping_pairs(truth, flat, "mask")


def test_masks_asked_for_but_absent_are_a_usage_error():
    truth, predicted = tables(*crowded_scene(seed=3))
    with pytest.raises(UsageError, match="annotations have boxes but no masks"):
        overlap.overlapping_pairs(truth, predicted, "mask")
