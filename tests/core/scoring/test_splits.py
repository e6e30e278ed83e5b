"""One system on several splits: roles, gaps, and the classes that are learnt by heart."""

from __future__ import annotations

import math
import shutil

import pytest

from core.errors import UsageError
from core.scoring import Choice, score_runs
from core.scoring.splits import CHOSEN, HELD_OUT, LEARNT, class_gaps, figure_gaps, score_splits
from core.store.connection import Store
from tests.split_scene import add_training, splits_store

BOX = 10 * 12  # pixels of a cat; each column it moves costs a tenth


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


def test_gaps_of_scores_are_differences_to_the_reference(once):
    found = scored(once)
    gaps = figure_gaps(found, ["miou", "box_ap", "image_label_ece"]).set_index(["metric", "split"])
    at = {each.split: each.scores for each in found.scores}
    assert gaps.loc[("miou", "train"), "gap"] == at["train"]["miou"] - at["test"]["miou"] > 0
    assert gaps.loc[("box_ap", "val"), "gap"] == at["val"]["box_ap"] - at["test"]["box_ap"]
    assert math.isnan(gaps.loc[("miou", "test"), "gap"])
    assert gaps.loc[("miou", "test"), "images"] == 12
    # no system here tells of labels
    assert gaps.loc["image_label_ece"]["score"].isna().all()


def test_classes_that_are_learnt_by_heart_have_images_enough(once):
    gaps = class_gaps(scored(once), "miou").set_index(["name", "split"])
    # two columns of ten moved: 8 shared of 10 + 10 - 8
    assert gaps.loc[("cat", "test"), "score"] == pytest.approx(8 / 12)
    assert gaps.loc[("cat", "train"), "gap"] == pytest.approx(1 - 8 / 12)
    assert gaps.loc[("cat", "val"), "gap"] == pytest.approx(9 / 11 - 8 / 12)
    flagged = gaps.index[gaps["overfits"]].tolist()
    # dogs lose as much, but are on four images; val was not learnt from
    assert flagged == [("cat", "train")]
    assert gaps.loc[("dog", "train"), "gap"] > 0.1
    assert gaps.loc[("dog", "train"), "images"] == 4


def test_a_system_that_does_better_elsewhere_overfits_nowhere(store):
    add_training(store, "train", "val")
    with store.write() as cursor:
        cursor.execute("UPDATE training SET train_split = 'test' WHERE training_id = 't'")
    gaps = class_gaps(scored(store), "miou")
    # it does better on the images it did not learn from
    assert not gaps["overfits"].any()


def test_a_score_that_no_class_has_gives_no_row(once):
    assert class_gaps(scored(once), "image_label_f1").empty


def test_a_run_that_is_not_there_is_told(once):
    with pytest.raises(UsageError, match="no run named 'none'"):
        scored(once, "none")
