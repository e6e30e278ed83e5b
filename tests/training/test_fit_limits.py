"""Trainings that cannot go on: refused, told, or ended with what was best."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from core.errors import UsageError
from core.store.connection import Store
from tests.training import learner
from training import course, systems
from training.__main__ import main
from training.history import beside
from training.settings import settings_from_text


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
