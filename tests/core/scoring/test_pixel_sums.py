"""Sums of pixel counts from memory are those of the store."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from core.scoring import pixel_sums
from core.scoring.pixel_sums import pixel_class_images, pixel_totals
from core.store.connection import Store
from core.store.memory import remembering
from core.store.queries import counts
from core.store.queries.ask import together
from tests.benchmarks.store_rows import made_up_counts, store_counts
from tests.noting import NotingCursor

IMAGES = 40
SUBSETS = {
    "none": (),
    "one": (7,),
    "unordered": (31, 2, 16),
    "twice": (5, 5, 6),
    "unknown": (3, 99, -1),
    "half": tuple(range(1, IMAGES + 1, 2)),
    "each": tuple(range(1, IMAGES + 1)),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Four runs: two of all images, one with pixels that it gave no class, one of two images."""
    store = Store.at(tmp_path_factory.mktemp("sums") / "store.duckdb")
    whole = [made_up_counts(run, IMAGES) for run in range(3)]
    answer = whole[2]["predicted"].to_numpy().copy()
    answer[::5] = -1
    silent = whole[2].set_column(2, "predicted", pa.array(answer))
    silent = silent.group_by(["image_id", "truth", "predicted"]).aggregate([("pixels", "sum")])
    silent = silent.rename_columns(["image_id", "truth", "predicted", "pixels"])
    assert store_counts(store, [*whole[:2], silent, made_up_counts(3, 2)], IMAGES) == [1, 2, 3, 4]
    return store


@pytest.fixture
def cursor(store, nothing_known):
    with store.read() as opened, remembering("now"):
        yield NotingCursor(opened)


def from_store(cursor, run, images):
    totals = counts.pixel_totals(cursor, [run], images)[["truth", "predicted", "pixels"]]
    return totals, counts.pixel_class_images(cursor, [run], images)[["class", "images"]]


def same(cursor, run, images) -> None:
    totals, holding = from_store(cursor, run, images)
    assert_frame_equal(pixel_totals(cursor, run, images), totals, check_dtype=False)
    assert_frame_equal(pixel_class_images(cursor, run, images), holding, check_dtype=False)


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize("run", [1, 2, 3, 4, 99])
def test_sums_are_those_of_the_store(cursor, run, images):
    same(cursor, run, images)


def test_all_images_too(cursor):
    same(cursor, 3, None)


def test_runs_are_held_at_once_and_asked_of_no_more(cursor):
    with together([1, 2, 3, 4], IMAGES):
        for run in (1, 2, 3, 4):
            pixel_totals(cursor, run, (1, 2, 3))
    assert len(cursor.texts) == 2  # how many rows there are, and the rows
    for run in (1, 2, 3, 4):
        # the last run has counts of the first two images alone
        assert (pixel_totals(cursor, run, (4,))["pixels"].sum() > 0) == (run < 4)
        pixel_class_images(cursor, run, (9,))
    assert len(cursor.texts) == 2


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_CLASSES"])
def test_what_is_too_large_is_left_to_the_store(cursor, monkeypatch, limit):
    monkeypatch.setattr(pixel_sums, limit, 20)
    same(cursor, 1, (1, 2, 3))
    asked = len(cursor.texts)
    pixel_totals(cursor, 1, (4, 5))
    assert len(cursor.texts) == asked + 1


def test_nothing_is_held_where_nothing_is_remembered(store):
    with store.read() as opened:
        cursor = NotingCursor(opened)
        pixel_totals(cursor, 1, (1, 2))
        pixel_totals(cursor, 1, (1, 2))
    assert all("GROUP BY run_id, truth, predicted" in text for text in cursor.texts)


def test_another_moment_is_another_answer(store, tmp_path, nothing_known):
    own = Store.at(tmp_path / "own.duckdb")
    store_counts(own, [made_up_counts(5, IMAGES)], IMAGES)
    found = []
    for moment, asked in (("now", store), ("then", own)):
        with asked.read() as cursor, remembering(moment):
            found.append(pixel_totals(cursor, 1, (1, 2, 3)))
            same(cursor, 1, (1, 2, 3))
    assert not np.array_equal(found[0]["pixels"], found[1]["pixels"])
