"""A run that changes while it is evaluated: nothing is stored that does not speak of all of it."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.evaluate import evaluate_run, run
from core.evaluate.run import match_table
from core.store import rows
from core.store.check import check
from core.store.connection import Store
from core.structures import Dataset
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run


class Meanwhile:
    """Stands for a progress bar: something happens while the images are being evaluated."""

    total: float | None = None

    def __init__(self, act) -> None:
        self._act = act

    def update(self, n: float) -> None:
        self._act()


@pytest.fixture
def dataset() -> Dataset:
    return make_dataset()


@pytest.fixture
def store(tmp_path, dataset) -> Store:
    store = Store.at(tmp_path / "evaluation.duckdb")
    put(store, dataset)
    put_run(store, dataset, make_predictions(dataset)[:3], "net", status="stopped")
    return store


def remove(store: Store, dataset: Dataset) -> None:
    with store.write() as cursor:
        rows.remove_run(cursor, 1)


def answer_the_rest(store: Store, dataset: Dataset) -> None:
    with store.write() as cursor:
        keys = rows.image_ids(cursor, dataset.name, dataset.split)
        rows.insert_predictions(cursor, 1, keys, make_predictions(dataset)[3:])


def go_on(store: Store, dataset: Dataset) -> None:
    with store.write() as cursor:
        rows.set_run_status(cursor, 1, "running")


@pytest.mark.parametrize("change", [remove, answer_the_rest, go_on])
def test_a_run_that_changed_meanwhile_is_refused(store, dataset, change):
    with pytest.raises(UsageError, match=r"'net' was removed or went on while it was evaluated"):
        evaluate_run(store, "net", progress=Meanwhile(lambda: change(store, dataset)))
    with store.read() as cursor:
        for table in ("evaluation", "match", "pixel_count"):
            assert cursor.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]
    assert check(store) == []


def test_a_run_that_stays_as_it_was_is_evaluated(store, dataset):
    evaluate_run(store, "net", progress=Meanwhile(lambda: put(store, make_dataset("other"))))
    with store.read() as cursor:
        assert cursor.execute("SELECT run_id FROM evaluation").fetchall() == [(1,)]


def test_jobs_can_write_while_the_images_of_a_run_are_counted(store, dataset, monkeypatch):
    written: list[str] = []

    def match_slowly(*tables):
        # inside a read this would be refused: it waits for the turn of the read around it
        with store.write() as cursor:
            cursor.execute("SELECT 1")
        written.append("done")
        return match_table(*tables)

    monkeypatch.setattr(run, "match_table", match_slowly)
    evaluate_run(store, "net")
    assert written
