"""The labelled pixels of each class, counted when a split comes in."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.readers.label_png import read_label_png
from core.store.connection import Store
from core.store.queries import explore
from core.store.rows import insert_dataset

NAMES = ["sky", "road", "car", "tree"]


@pytest.fixture
def streets(tmp_path):
    """Two images: sky 3, road 2, void 1; and road 4, car 2. No tree anywhere."""
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    maps = {"a": [[0, 0, 0], [1, 1, 255]], "b": [[1, 1, 2], [1, 1, 2]]}
    for name, rows in maps.items():
        labels = np.array(rows, np.uint8)
        Image.fromarray(labels).save(tmp_path / "labels" / f"{name}.png")
        Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(tmp_path / "images" / f"{name}.png")
    dataset, _ = read_label_png(
        tmp_path / "labels", tmp_path / "images", "streets", "val", class_names=NAMES, void=255
    )
    store = Store.at(tmp_path / "evaluation.duckdb")
    with store.write() as cursor:
        key = insert_dataset(cursor, dataset)
    return store, key


def test_frequency_is_known_before_any_run(streets):
    store, key = streets
    with store.read() as cursor:
        counted = explore.pixel_frequency(cursor, key, "val")
    assert counted.to_numpy().tolist() == [[0, 3, 1], [1, 6, 2], [2, 2, 1]]


def test_pairs_are_counted_on_images_that_hold_both(streets):
    store, key = streets
    with store.read() as cursor:
        pairs = explore.pixel_pairs(cursor, key, "val", [0, 1, 2])
    expected = [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 2], [1, 2, 1], [2, 1, 1], [2, 2, 1]]
    assert pairs.to_numpy().tolist() == expected


def test_examples_hold_most_of_the_class_first(streets):
    store, key = streets
    with store.read() as cursor:
        examples = explore.pixel_examples(cursor, key, "val", 1, 24)
        few = explore.pixel_examples(cursor, key, "val", 1, 1)
    assert examples["pixels"].tolist() == [4, 2]
    assert few["pixels"].tolist() == [4]


def test_another_split_has_none(streets):
    store, key = streets
    with store.read() as cursor:
        assert explore.pixel_frequency(cursor, key, "test").empty
