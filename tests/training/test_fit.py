"""The frame of trainings: the best epoch is kept, stops are gone on from, limits are kept."""

from __future__ import annotations

import hashlib
import json

import pytest

from core.store.connection import Store
from tests.training import fake, learner
from training.curves import store_curves_beside
from training.history import beside, read_history


def test_the_first_of_the_best_epochs_is_kept(school):
    assert school.fit() == 0
    assert [epoch for epoch, _, _ in school.learnt()] == [1, 2, 3, 4, 5, 6]
    assert school.epochs() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_card_says_what_was_trained(school):
    assert school.fit("--seed", 7, "--set", "batch=5") == 0
    card = school.beside("card")
    assert card["sha256"] == hashlib.sha256(school.out.read_bytes()).hexdigest()
    assert card["scores"] == {"loss": 1 / 6, "val_score": 0.5}
    assert (card["best_epoch"], card["epochs"], card["planned_epochs"]) == (6, 8, 8)
    assert (card["seed"], card["settings"]["batch"]) == (7, 5)
    assert card["train"] == {
        "dataset": "noise",
        "split": "train",
        "images": 20,
        "sha256": "0" * 64,
    }
    assert card["val"]["images"] == 4
    assert school.learnt()[0] == [1, 7, 5]


def test_the_store_learns_the_curves(school):
    assert school.fit() == 0
    stored = school.stored()
    assert stored["weights_sha256"] == school.beside("card")["sha256"]
    assert (stored["status"], stored["best_epoch"], stored["goal"]) == ("done", 6, "val_score")
    scores = stored["curves"][stored["curves"]["name"] == "val_score"]
    assert tuple(scores["value"]) == learner.COURSE
    assert set(stored["curves"]["name"]) == {"loss", "val_score", "seconds"}


def test_the_store_learns_how_often_each_class_is_drawn(school, tmp_path):
    assert school.fit("--set", "balance=0.5") == 0
    # all images show the first class alone
    assert school.draws() == [
        (0, "red", 20, pytest.approx(20.0)),
        (1, "green", 0, 0.0),
        (2, "blue", 0, 0.0),
    ]
    assert read_history(beside(school.out, "history")).draws[0].images == 20
    other = tmp_path / "other" / "evaluation.duckdb"
    fake.make_dataset(other, tmp_path / "images", 2)
    assert store_curves_beside(Store.at(other), school.out) is True
    assert school._replace(store=other).draws() == school.draws()


def test_a_training_that_draws_all_images_alike_says_nothing_of_it(school):
    assert school.fit() == 0
    assert school.draws() == []
    history = school.beside("history")
    del history["draws"]  # as it was written before
    school.out.with_name("w.history.json").write_text(json.dumps(history))
    assert read_history(beside(school.out, "history")).draws == []


def test_predicting_with_weights_brings_their_curves_into_another_store(school, tmp_path):
    assert school.fit() == 0
    other = tmp_path / "other" / "evaluation.duckdb"
    fake.make_dataset(other, tmp_path / "images", 2)
    store = Store.at(other)
    card = school.beside("card")
    for wrong in ({**card, "sha256": "1" * 64}, {}, None):
        school.out.with_name("w.card.json").write_text(json.dumps(wrong))
        assert store_curves_beside(store, school.out) is False
    school.out.with_name("w.card.json").write_text(json.dumps(card))
    for _ in range(2):
        assert store_curves_beside(store, school.out) is True
    assert school._replace(store=other).stored()["curves"].equals(school.stored()["curves"])


def test_a_loss_is_best_where_it_is_lowest(school, monkeypatch):
    monkeypatch.setattr(learner.Learner, "fit_goal", "loss")
    assert school.fit() == 0
    assert len(school.learnt()) == 8


def test_patience_ends_a_training_that_gets_no_better(school):
    # the best so far is epoch 2, which epoch 4 only equals
    assert school.fit("--patience", 3) == 0
    assert school.epochs() == [1, 2, 3, 4, 5]
    assert school.stored()["status"] == "stopped_early"
    assert len(school.learnt()) == 2


def test_no_patience_means_no_limit(school):
    assert school.fit("--patience", 0) == 0
    assert len(school.epochs()) == 8


def test_time_ends_a_training_after_an_epoch(school):
    assert school.fit("--minutes", 0) == 0
    assert school.epochs() == [1]
    assert school.stored()["status"] == "stopped_early"


@pytest.mark.parametrize("stop_in", [1, 2, 4, 8])
def test_a_stopped_training_goes_on_as_if_it_had_not_been(school, stop_in, capsys):
    assert school.fit("--set", f"stop_in={stop_in}") == 130
    assert "--resume goes on" in capsys.readouterr().out
    assert school.epochs() == list(range(1, stop_in))
    history = school.beside("history")
    history["plan"]["settings"]["stop_in"] = 0  # the signal comes from outside in earnest
    school.out.with_name("w.history.json").write_text(json.dumps(history))
    assert school.fit("--resume") == 0
    assert school.learnt() == [[epoch, 0, 16] for epoch in range(1, 7)]
    assert school.epochs() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert school.stored()["status"] == "done"


def test_a_training_without_states_starts_anew(school):
    school.fit("--set", "keeps=false", "--minutes", 0)
    assert school.fit("--set", "keeps=false", "--resume") == 0
    assert school.epochs() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len(school.learnt()) == 6


def test_a_training_killed_between_state_and_history_goes_on(school):
    school.fit("--minutes", 0)
    state = school.out.with_name("w.work") / "state-00002"
    state.write_text("of an epoch that no history knows")
    assert school.fit("--resume") == 0
    assert len(school.learnt()) == 6
