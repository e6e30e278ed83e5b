"""One system on several splits: which runs, and the role of each."""

from __future__ import annotations

import shutil

import pytest

from core.errors import UsageError
from core.scoring import Choice, score_runs
from core.scoring.splits import CHOSEN, HELD_OUT, LEARNT, score_splits
from core.scoring.transfer import runs_elsewhere, same_system
from core.store.connection import Store
from core.store.queries import catalogue
from tests.split_scene import add_training, splits_store


@pytest.fixture(scope="module")
def once(tmp_path_factory) -> Store:
    return splits_store(tmp_path_factory.mktemp("splits") / "store.duckdb")


@pytest.fixture
def store(once, tmp_path) -> Store:
    """The same, of the test's own."""
    shutil.copy(once.path, tmp_path / "store.duckdb")
    return Store.at(tmp_path / "store.duckdb")


def scored(store: Store, run: str = "net test", choice: Choice = Choice()):  # noqa: B008
    with store.read() as cursor:
        return score_splits(cursor, run, choice=choice)


@pytest.mark.parametrize("run", ["net train", "net val", "net test"])
def test_any_of_the_runs_brings_all_of_them_in_order(once, run):
    found = scored(once, run)
    assert [each.run for each in found.scores] == ["net train", "net val", "net test"]
    assert found.roles == {"train": LEARNT, "val": CHOSEN, "test": HELD_OUT}
    assert found.reference == "test"
    assert not found.trained_here


def test_scores_are_those_of_each_run_by_itself(once):
    choice = Choice(protocol="per-image", classes=(0,))
    found = scored(once, choice=choice)
    with once.read() as cursor:
        alone = score_runs(cursor, [each.run for each in found.scores], choice=choice)
    assert [each.scores for each in found.scores] == [each.scores for each in alone]


def test_a_training_in_the_store_says_what_a_split_was_for(store):
    add_training(store, "test", "train")
    found = scored(store)
    assert found.roles == {"test": LEARNT, "train": CHOSEN, "val": HELD_OUT}
    assert found.reference == "val"
    assert found.trained_here
    add_training(store, "test", "train", dataset="others")
    assert scored(store).roles["train"] == LEARNT


def test_without_a_held_out_split_the_last_one_is_the_reference(tmp_path):
    store = splits_store(tmp_path / "store.duckdb", {"train": 0, "val": 1})
    assert scored(store, "net train").reference == "val"


def test_a_run_that_is_not_there_is_told(once):
    with pytest.raises(UsageError, match="no run named 'none'"):
        scored(once, "none")


def test_runs_elsewhere_are_those_of_the_same_system(once):
    with once.read() as cursor:
        known = catalogue.runs(cursor)
        found = runs_elsewhere(cursor, known["dataset"].iloc[0], list(known["run"]))
        with_boxes = runs_elsewhere(cursor, known["dataset"].iloc[0], ["net val"], "has_boxes")
        without = runs_elsewhere(cursor, known["dataset"].iloc[0], ["net val"], "has_labels")
    assert list(found) == list(known["run"])
    for _, run in known.iterrows():
        others = same_system(known, run)
        assert found[run["run"]] == dict(zip(others["split"], others["run"], strict=True))
    assert found["net val"] == {"test": "net test", "train": "net train"}
    assert with_boxes["net val"] == found["net val"]
    assert without == {"net val": {}}
