"""Gaps between splits: of every score and class, how sure, and what is learnt by heart."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest

from core.metrics.significance import CORRECTIONS
from core.scoring import score_runs
from core.scoring.gaps import begin_gaps, class_gaps, figure_gaps, method
from core.scoring.image_filter import ImageFilter
from core.store.connection import Store
from tests.split_scene import add_training, splits_store


@pytest.fixture(scope="module")
def once(tmp_path_factory) -> Store:
    return splits_store(tmp_path_factory.mktemp("splits") / "store.duckdb")


@pytest.fixture
def store(once, tmp_path) -> Store:
    """The same, of the test's own."""
    shutil.copy(once.path, tmp_path / "store.duckdb")
    return Store.at(tmp_path / "store.duckdb")


def trial_of(store: Store, *metrics: str, draws: int = 0, **asked):
    with store.read() as cursor:
        return begin_gaps(cursor, "net test", metrics, **asked).extended(draws)


def test_gaps_of_scores_are_differences_to_the_reference(once):
    metrics = ["miou", "box_ap", "image_label_ece"]
    trial = trial_of(once, *metrics)
    gaps = figure_gaps(trial, metrics).set_index(["metric", "split"])
    at = {each.split: each.scores for each in trial.splits.scores}
    assert gaps.loc[("miou", "train"), "gap"] == at["train"]["miou"] - at["test"]["miou"] > 0
    assert gaps.loc[("box_ap", "val"), "gap"] == at["val"]["box_ap"] - at["test"]["box_ap"]
    assert math.isnan(gaps.loc[("miou", "test"), "gap"])
    assert gaps.loc[("miou", "test"), "images"] == 12
    assert gaps.loc[("miou", "test"), "role"] == "held out"
    # no system here tells of labels
    assert gaps.loc["image_label_ece"]["score"].isna().all()
    assert "image_label_ece" not in trial.studies
    # nothing is drawn yet
    assert gaps[["low", "high", "p"]].isna().all(axis=None)


def test_where_lower_is_better_a_gap_is_what_is_slower_elsewhere(once):
    gaps = figure_gaps(trial_of(once, "seconds_per_image"), ["seconds_per_image"])
    assert gaps["gap"].dropna().tolist() == [0.0, 0.0]


def test_figures_of_a_gap_are_those_of_the_study(once):
    trial = trial_of(once, "miou", "box_ap", draws=200)
    gaps = figure_gaps(trial, ["box_ap"]).set_index("split")
    study, place = trial.studies["box_ap"], trial.places["box_ap"]["train"]
    low, high = study.gap_interval(place)[:, 0]
    assert gaps.loc["train", ["low", "high"]].tolist() == [low, high]
    assert low <= gaps.loc["train", "gap"] <= high
    assert gaps.loc["train", "p"] == study.p(place)[0]
    assert gaps.loc["test", ["low", "high", "p"]].isna().all()
    whole = trial_of(once, "box_ap", draws=200, classes=False)
    assert whole.studies["box_ap"].observed.shape[1] == 1
    assert figure_gaps(whole, ["box_ap"]).equals(figure_gaps(trial, ["box_ap"]))


def test_classes_of_a_gap_are_those_of_the_study_corrected_over_the_split(once):
    trial = trial_of(once, "miou", draws=200)
    study, place = trial.studies["miou"], trial.places["miou"]["val"]
    for correction in CORRECTIONS:
        gaps = class_gaps(trial, "miou", correction)
        own = gaps[gaps["split"] == "val"].set_index("class")
        figures = 1 + own.index.to_numpy()
        assert own["p"].to_numpy() == pytest.approx(study.p(place)[figures], nan_ok=True)
        low, high = study.gap_interval(place)[:, figures]
        assert own["low"].to_numpy() == pytest.approx(low, nan_ok=True)
        assert own["high"].to_numpy() == pytest.approx(high, nan_ok=True)
        adjusted = CORRECTIONS[correction](own["p"].to_numpy())
        assert own["p_adjusted"].to_numpy() == pytest.approx(adjusted, nan_ok=True)


def test_a_measure_is_of_the_run_of_its_own_split(once):
    trial = trial_of(once, "miou")
    with once.read() as cursor:
        for split, place in trial.places["miou"].items():
            (scores,) = score_runs(cursor, [f"net {split}"])
            assert trial.studies["miou"].observed[place, 0] == pytest.approx(scores.scores["miou"])


def test_images_wanted_alone_are_drawn(once):
    wanted = ImageFilter((("object_count", 2.0, 2.0),), own_tags=(("val", "x", 1),))
    trial = trial_of(once, "box_ap", "miou", draws=50, wanted=wanted)
    gaps = figure_gaps(trial, ["box_ap", "miou"]).set_index(["metric", "split"])
    keys = [1, 3, 6, 9, 12]  # images with two objects
    with once.read() as cursor:
        alone = {
            split: score_runs(cursor, [f"net {split}"], images=images_with(cursor, split, keys))[0]
            for split in ("train", "val", "test")
        }
    for metric in ("box_ap", "miou"):
        for split, scores in alone.items():
            assert gaps.loc[(metric, split), "images"] == 5
            assert gaps.loc[(metric, split), "score"] == scores.scores[metric]
        observed = trial.studies[metric].gap(0)[0]
        assert observed == pytest.approx(
            alone["train"].scores[metric] - alone["test"].scores[metric], abs=1e-12
        )


def test_a_split_without_such_images_is_left_out(once):
    wanted = ImageFilter(tags=("x",), own_tags=(("train", "x", 3), ("test", "x", 4)))
    trial = trial_of(once, "miou", wanted=wanted)
    assert [(each.split, each.images) for each in trial.splits.scores] == [
        ("train", 1),
        ("test", 1),
    ]


def images_with(cursor, split: str, keys: list[int]) -> list[int]:
    found = cursor.execute(
        "SELECT image_id FROM image WHERE split = ? AND source_id IN (SELECT unnest(?))",
        [split, keys],
    ).fetchall()
    return [key for (key,) in found]


def test_classes_that_are_learnt_by_heart_are_sure_and_have_images_enough(once):
    gaps = class_gaps(trial_of(once, "miou", draws=500), "miou").set_index(["name", "split"])
    # two columns of ten moved: 8 shared of 10 + 10 - 8
    assert gaps.loc[("cat", "test"), "score"] == pytest.approx(8 / 12)
    assert gaps.loc[("cat", "train"), "gap"] == pytest.approx(1 - 8 / 12)
    assert gaps.loc[("cat", "val"), "gap"] == pytest.approx(9 / 11 - 8 / 12)
    flagged = gaps.index[gaps["overfits"]].tolist()
    # dogs lose as much, but are on four images; val was not learnt from
    assert flagged == [("cat", "train")]
    assert gaps.loc[("cat", "train"), "p_adjusted"] < 0.05
    assert gaps.loc[("dog", "train"), "gap"] > 0.1
    assert gaps.loc[("dog", "train"), "images"] == 4
    # as wide, and not known yet
    undrawn = class_gaps(trial_of(once, "miou"), "miou")
    assert not undrawn["overfits"].any()


def test_a_system_that_does_better_elsewhere_overfits_nowhere(store):
    add_training(store, "train", "val")
    with store.write() as cursor:
        cursor.execute("UPDATE training SET train_split = 'test' WHERE training_id = 't'")
    gaps = class_gaps(trial_of(store, "miou", draws=200), "miou")
    # it does better on the images it did not learn from
    assert not gaps["overfits"].any()
    assert gaps.loc[gaps["split"] == "test", "gap"].max() <= 0


def test_a_score_that_no_class_has_gives_no_row(once):
    assert class_gaps(trial_of(once, "image_label_f1"), "image_label_f1").empty


def test_a_trial_is_complete_with_draws_enough_for_its_classes(once):
    trial = trial_of(once, "miou", draws=50)
    assert (trial.done, trial.enough, trial.complete) == (50, 2000, False)
    assert "50 resamples" in method(trial)
    assert trial.extended(2000).complete
    nothing = trial_of(once, "image_label_f1")
    assert nothing.complete


def test_steps_make_no_difference(once):
    steps = trial_of(once, "box_ap", draws=50).extended(100).studies["box_ap"].resampled
    whole = trial_of(once, "box_ap", draws=100).studies["box_ap"].resampled
    assert np.array_equal(steps, whole, equal_nan=True)


def test_what_was_told_is_told_again_until_more_is_drawn(once):
    trial = trial_of(once, "miou", draws=50)
    told = class_gaps(trial, "miou"), figure_gaps(trial, ["miou"])
    told[0]["low"] = 7.0  # what a page does to its table is its own affair
    again = class_gaps(trial, "miou"), figure_gaps(trial, ["miou"])
    fresh = trial_of(once, "miou", draws=50)
    assert again[0].equals(class_gaps(fresh, "miou"))
    assert again[1].equals(figure_gaps(fresh, ["miou"]))
    longer = trial.extended(200)
    assert class_gaps(longer, "miou").equals(class_gaps(trial_of(once, "miou", draws=200), "miou"))
    assert not class_gaps(longer, "miou")["low"].equals(again[0]["low"])
