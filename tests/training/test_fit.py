"""The frame of trainings: the best epoch is kept, stops are gone on from, limits are watched."""

from __future__ import annotations

import hashlib
import json
import signal
from pathlib import Path
from typing import NamedTuple

import pytest

from core.errors import UsageError
from core.store.connection import Store
from core.store.queries.trainings import training_curves, training_draws, trainings
from tests.training import fake, learner
from training import course, systems
from training.__main__ import main
from training.curves import store_curves_beside
from training.history import beside, read_history
from training.settings import settings_from_text


class School(NamedTuple):
    """Where a test trains."""

    store: Path
    out: Path

    def fit(self, *more: object) -> int:
        return main(
            [
                *("fit", "learner", "--dataset", "noise", "--store", str(self.store)),
                *("--epochs", "8", "--out", str(self.out), *map(str, more)),
            ]
        )

    def learnt(self) -> list[list[int]]:
        """Return [epoch, seed, batch] of all epochs that the checkpoint has been through."""
        return json.loads(self.out.read_text())

    def beside(self, name: str) -> dict:
        return json.loads(self.out.with_name(f"w.{name}.json").read_text())

    def epochs(self) -> list[int]:
        return [record["epoch"] for record in self.beside("history")["epochs"]]

    def stored(self) -> dict:
        with Store.at(self.store).read() as cursor:
            (row,) = trainings(cursor).to_dict("records")
            curves = training_curves(cursor, [row["training_id"]])
        return {**row, "curves": curves}

    def draws(self) -> list[tuple]:
        with Store.at(self.store).read() as cursor:
            found = training_draws(cursor, "noise", "train")
            assert training_draws(cursor, "noise", "val").empty
        return list(found[["class", "name", "images", "drawn"]].itertuples(index=False, name=None))


@pytest.fixture
def school(tmp_path, monkeypatch) -> School:
    monkeypatch.setitem(systems.SYSTEMS, "learner", "tests.training.learner:Learner")
    store = tmp_path / "store" / "evaluation.duckdb"
    fake.make_dataset(store, tmp_path / "train", 20, "train")
    fake.make_dataset(store, tmp_path / "val", 4, "val")
    (tmp_path / "out").mkdir()
    return School(store, tmp_path / "out" / "w.bin")


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


def test_going_on_with_another_plan_is_refused(school, capsys):
    school.fit("--minutes", 0)
    assert school.fit("--resume", "--seed", 1, "--set", "batch=3") == 2
    told = capsys.readouterr().err
    assert "batch was 16, is 3 now" in told
    assert "seed was 0, is 1 now" in told


def test_what_is_there_is_not_overwritten(school, capsys):
    assert school.fit() == 0
    before = school.out.read_bytes()
    assert school.fit("--seed", 3) == 2
    assert "is there already" in capsys.readouterr().err
    assert school.out.read_bytes() == before


def test_going_on_with_nothing_is_refused(school, capsys):
    assert school.fit("--resume") == 2
    assert "no training to go on with" in capsys.readouterr().err


def test_memory_that_runs_out_halves_the_batch(school, capsys):
    assert school.fit("--set", "fits=5") == 0
    assert {batch for _, _, batch in school.learnt()} == {4}
    assert "Out of memory: went on with batches of 8" in capsys.readouterr().err
    assert school.beside("card")["notes"][-1].endswith("batches of 4.")


def test_memory_that_runs_out_for_one_image_is_an_error(school, capsys):
    assert school.fit("--set", "fits=0") == 1
    assert "not enough memory to learn from even one image" in capsys.readouterr().err
    assert not school.out.exists()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (type("ResourceExhaustedError", (Exception,), {})("OOM"), True),
        (type("Mine", (type("OutOfMemoryError", (RuntimeError,), {}),), {})("x"), True),
        (RuntimeError("shapes differ"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_out_of_memory_is(error, expected):
    assert course.is_out_of_memory(error) is expected


def test_a_diverged_training_keeps_the_best_before(school, capsys):
    assert school.fit("--set", "diverge_in=4") == 1
    assert "In epoch 4 the value loss is nan" in capsys.readouterr().err
    assert len(school.learnt()) == 2
    assert school.epochs() == [1, 2, 3]
    assert school.stored()["status"] == "stopped"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "lr=1"], "--set lr=1 names no setting; expected NAME=VALUE with one of"),
        (["--set", "batch=x"], "--set batch is 'x'; expected a whole number"),
        (["--set", "keeps=maybe"], "--set keeps is 'maybe'; expected true or false"),
        (["--val-split", "train"], "both 'train'"),
        (["--val-split", "nowhere"], "no split 'nowhere'"),
        (["--epochs", "0"], "--epochs is 0; expected 1 or more"),
        (["--seed", "-1"], "--seed is -1"),
        (["--minutes", "nan"], "--minutes is nan"),
        (["--out", "w.pt"], "--out is w.pt; expected a file whose name ends in .bin"),
    ],
)
def test_wrong_usage_is_told(school, arguments, told, capsys):
    assert school.fit(*arguments) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_a_system_that_cannot_be_trained_is_refused(school, monkeypatch, capsys):
    monkeypatch.setitem(systems.SYSTEMS, "fake", "tests.training.fake:FakeSystem")
    assert main(["fit", "fake", "--dataset", "noise", "--store", str(school.store)]) == 2
    told = capsys.readouterr().err
    assert "invalid choice: 'fake'" in told
    assert "'learner'" in told


def test_help_lists_the_settings_of_every_trainable_system(school, capsys):
    assert main(["fit", "--help"]) == 0
    told = capsys.readouterr().out
    assert "settings of learner:\n  batch=16  images a step\n" in told


def test_the_default_place_is_beside_the_store(school):
    arguments = ["fit", "learner", "--dataset", "noise", "--store", str(school.store)]
    assert main([*arguments, "--epochs", "1"]) == 0
    assert (school.store.parent / "checkpoints" / "learner" / "noise.bin").is_file()


def test_of_a_setting_given_twice_the_last_counts():
    given = settings_from_text(learner.LearnerSettings, ["batch=3", "keeps=no", "batch = 4"], {})
    assert given == learner.LearnerSettings(batch=4, keeps=False)


@pytest.mark.parametrize("name", ["w.weights.h5", "w.keras", "w.safetensors", "w.bin"])
def test_what_stands_beside_weights_has_their_name(name):
    assert beside(Path("a") / name, "card") == Path("a/w.card.json")


def test_signals_are_given_back(school):
    before = signal.getsignal(signal.SIGINT)
    school.fit("--set", "stop_in=1")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_disk_that_refuses_is_told(school, monkeypatch):
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(Exception, match=r"cannot be written.*No space left"):
        course.write_whole(school.out, full)
    assert not school.out.exists()


def test_a_broken_history_is_told(school, capsys):
    school.fit("--minutes", 0)
    school.out.with_name("w.history.json").write_text("{}")
    assert school.fit("--resume") == 2
    assert "is no history of a training" in capsys.readouterr().err
    with pytest.raises(UsageError, match="no training to go on with"):
        course.read_history(school.out.with_name("missing.json"))


def test_images_of_unknown_places_are_nothing_to_learn_from(school, capsys):
    with Store.at(school.store).write() as cursor:
        cursor.execute("UPDATE split SET located = false WHERE split = 'val'")
    assert school.fit() == 2
    assert "noise · val says which class each image shows, but not where" in capsys.readouterr().err
    assert not list(school.out.parent.iterdir())
