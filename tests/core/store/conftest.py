"""An empty store, and one that holds a data set and a run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from core.store import migrate
from core.store.connection import Store
from core.structures import Dataset, Prediction
from tests.core.store.failure_scene import make_scene
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run


class Stored(NamedTuple):
    """A store, and what was put into it."""

    store: Store
    dataset: Dataset
    dataset_id: int
    run_id: int
    predictions: list[Prediction]


@pytest.fixture
def missing(tmp_path: Path) -> Store:
    """A store that nothing was put into yet."""
    return Store.at(tmp_path / "results" / "evaluation.duckdb")


@pytest.fixture(scope="session")
def empty_once(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store.at(tmp_path_factory.mktemp("empty") / "evaluation.duckdb")
    with store.write():
        pass
    return store


@pytest.fixture
def store(missing: Store, empty_once: Store) -> Store:
    """A store without a row, of the test's own."""
    missing.path.parent.mkdir()
    shutil.copy(empty_once.path, missing.path)
    return missing


@pytest.fixture(scope="session")
def stored_once(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    store = Store.at(tmp_path_factory.mktemp("stored") / "evaluation.duckdb")
    dataset = make_dataset(label_maps=True)
    predictions = make_predictions(dataset, label_maps=True, labels=True)
    dataset_id = put(store, dataset)
    run_id = put_run(store, dataset, predictions, has_label_maps=True, has_labels=True)
    return Stored(store, dataset, dataset_id, run_id, predictions)


@pytest.fixture
def stored(missing: Store, stored_once: Stored) -> Stored:
    """A data set and a run in a store of the test's own."""
    missing.path.parent.mkdir()
    shutil.copy(stored_once.store.path, missing.path)
    return stored_once._replace(store=missing)


@pytest.fixture
def job(stored: Stored) -> Stored:
    """The stored data set with a second run that nothing is known of yet."""
    flags = {"has_label_maps": True, "status": "running"}
    return stored._replace(run_id=put_run(stored.store, stored.dataset, [], "job", **flags))


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two runs on three images, with every kind of error; only to be read."""
    return make_scene(tmp_path_factory.mktemp("scene") / "store.duckdb")


@pytest.fixture
def add_migration(tmp_path, monkeypatch):
    """Return a function that adds one more change to a copy of the migrations folder."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder)
    monkeypatch.setattr(migrate, "FOLDER", folder)

    def add(text: str) -> int:
        number = migrate.newest() + 1
        (folder / f"{number:04d}_made_up.sql").write_text(text, encoding="utf-8")
        return number

    return add
