"""Rows go into the store as columns: a statement a table, however many rows there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest

from core.store import rows
from core.store.rejected import Rejected
from tests.factories import make_dataset, make_image, make_label_map, make_predictions
from tests.filling import put, put_run


class CountingCursor:
    """A cursor of DuckDB that counts the statements it is told to run, by the table they name."""

    def __init__(self, cursor) -> None:
        self._cursor = cursor
        self.statements: Counter[str] = Counter()

    def execute(self, statement: str, *given):
        self.statements[" ".join(statement.split()[:3])] += 1
        return self._cursor.execute(statement, *given)

    def executemany(self, statement: str, many: Iterable):
        for each in many:  # as DuckDB does: it runs the statement once for each
            self.execute(statement, each)

    def __getattr__(self, name: str):
        return getattr(self._cursor, name)


def dataset_statements(store, name: str, count: int) -> Counter[str]:
    dataset = make_dataset(name, image_ids=range(count), label_maps=True)
    left_out = [Rejected(image.path, "faulty", image_id=image.id) for image in dataset.images]
    with store.write() as cursor:
        counting = CountingCursor(cursor)
        rows.insert_dataset(counting, dataset, left_out)
    return counting.statements


def prediction_statements(store, name: str, count: int) -> Counter[str]:
    dataset = make_dataset(name, image_ids=range(count))
    put(store, dataset)
    run_id = put_run(store, dataset, [], name, has_label_maps=True)
    with store.write() as cursor:
        counting = CountingCursor(cursor)
        keys = rows.image_ids(counting, name, "val")
        predictions = make_predictions(dataset, label_maps=True)
        rows.insert_predictions(counting, run_id, keys, predictions)
    return counting.statements


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
