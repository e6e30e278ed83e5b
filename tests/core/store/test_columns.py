"""Rows go into the store as columns: a statement a table, however many rows there are."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from core.store import rows
from core.store.rejected import Rejected
from tests.factories import make_dataset, make_image, make_label_map, make_predictions
from tests.filling import put, put_run
from tests.noting import NotingCursor


def by_table(cursor: NotingCursor) -> Counter[str]:
    """Return how many statements were run, by the table they name."""
    return Counter(" ".join(text.split()[:3]) for text in cursor.texts)


def dataset_statements(store, name: str, count: int) -> Counter[str]:
    dataset = make_dataset(name, image_ids=range(count), label_maps=True)
    left_out = [Rejected(image.path, "faulty", image_id=image.id) for image in dataset.images]
    with store.write() as cursor:
        noting = NotingCursor(cursor)
        rows.insert_dataset(noting, dataset, left_out)
    return by_table(noting)


def prediction_statements(store, name: str, count: int) -> Counter[str]:
    dataset = make_dataset(name, image_ids=range(count))
    put(store, dataset)
    run_id = put_run(store, dataset, [], name, has_label_maps=True)
    with store.write() as cursor:
        noting = NotingCursor(cursor)
        keys = rows.image_ids(noting, name, "val")
        predictions = make_predictions(dataset, label_maps=True)
        rows.insert_predictions(noting, run_id, keys, predictions)
    return by_table(noting)


@pytest.mark.parametrize(
    ("count_statements", "table"),
    [(dataset_statements, "annotation_object"), (prediction_statements, "prediction_object")],
)
def test_many_images_take_as_many_statements_as_few(store, count_statements, table):
    few, many = count_statements(store, "few", 5), count_statements(store, "many", 200)
    assert few[f"INSERT INTO {table}"] == 1
    assert many == few


def test_label_maps_are_of_the_dtype_that_classes_need():
    image = make_image(1)
    rng = np.random.default_rng(0)
    assert make_label_map(image, 254, rng).dtype == np.uint8
    assert make_label_map(image, 255, rng).dtype == np.uint16
