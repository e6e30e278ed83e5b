"""IoU of single images, against sets of pixels."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.scoring.images import image_ious
from core.store import rows
from core.store.connection import Store
from core.structures import Prediction, void_of
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

CLASSES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """Six images with void pixels and rare classes; the run leaves some pixels unanswered."""
    dataset = make_dataset(
        "maps", objects=False, label_maps=True, classes=CLASSES, image_ids=range(3, 9)
    )
    predictions = []
    for number, each in enumerate(make_predictions(dataset, objects=False, label_maps=True)):
        predicted = each.label_map % (number + 1)
        predicted[0, :4] = void_of(predicted)
        predictions.append(Prediction(each.image, None, label_map=predicted))
    store = Store.at(tmp_path_factory.mktemp("maps") / "store.duckdb")
    put(store, dataset)
    put_run(
        *(store, dataset, predictions, "net"), has_boxes=False, has_masks=False, has_label_maps=True
    )
    evaluate_run(store, "net")
    with store.read() as cursor:
        keys = rows.image_ids(cursor, "maps", "val")
    truths = [dataset.annotations[image.id].label_map for image in dataset.images]
    return store, [keys[image.id] for image in dataset.images], truths, predictions


def by_sets(truth: np.ndarray, predicted: np.ndarray, index: int) -> float | None:
    """Shared pixels by pixels of either, among those that are labelled."""
    places = np.argwhere(truth != void_of(truth)).tolist()
    true = {(y, x) for y, x in places if truth[y, x] == index}
    found = {(y, x) for y, x in places if predicted[y, x] == index}
    return len(true & found) / len(true | found) if true | found else None


@pytest.mark.parametrize("index", range(len(CLASSES)))
def test_iou_of_a_class_on_each_image(labelled, index):
    store, keys, truths, predictions = labelled
    with store.read() as cursor:
        found = image_ious(cursor, [1], len(CLASSES), index)
    expected = {
        key: by_sets(truth, each.label_map, index)
        for key, truth, each in zip(keys, truths, predictions, strict=True)
    }
    expected = {key: iou for key, iou in expected.items() if iou is not None}
    assert dict(zip(found["image_id"], found["iou"], strict=True)) == pytest.approx(expected)


def test_mean_is_over_the_classes_of_the_image(labelled):
    store, keys, truths, predictions = labelled
    with store.read() as cursor:
        found = image_ious(cursor, [1], len(CLASSES) + 1)  # the last class never occurs
    for key, truth, each in zip(keys, truths, predictions, strict=True):
        ious = [by_sets(truth, each.label_map, index) for index in range(len(CLASSES))]
        mean = np.mean([iou for iou in ious if iou is not None])
        assert found.set_index("image_id").loc[key, "iou"] == pytest.approx(mean, abs=1e-15)


def test_class_that_no_image_holds_has_no_rows(labelled):
    with labelled[0].read() as cursor:
        assert image_ious(cursor, [1], len(CLASSES) + 1, len(CLASSES)).empty


def test_no_runs_have_no_rows(labelled):
    with labelled[0].read() as cursor:
        assert image_ious(cursor, [], len(CLASSES)).columns.tolist() == [
            "run_id",
            "image_id",
            "iou",
        ]
