"""Training again as before: whose settings, epochs and seed count."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.training import fake
from training import precedent, systems
from training.__main__ import main


@pytest.fixture
def fit(tmp_path, monkeypatch):
    """Return a function that trains the learner to a file of a name, and returns its history."""
    monkeypatch.setitem(systems.SYSTEMS, "learner", "tests.training.learner:Learner")
    store = tmp_path / "store" / "evaluation.duckdb"
    fake.make_dataset(store, tmp_path / "train", 20, "train")
    fake.make_dataset(store, tmp_path / "val", 4, "val")

    def train(name: str, *more: object, status: int = 0) -> dict:
        out = tmp_path / name / "w.bin"
        command = ["fit", "learner", "--dataset", "noise", "--store", store, "--out", out, *more]
        assert main(list(map(str, command))) == status
        return json.loads(out.with_name("w.history.json").read_text())["plan"] if not status else {}

    return train


FIRST = ("--epochs", 3, "--seed", 5, "--set", "batch=7")


def what(plan: dict) -> tuple:
    return plan["epochs"], plan["seed"], plan["settings"]["batch"]


def test_like_a_checkpoint_means_its_settings_epochs_and_seed(fit, tmp_path, capsys):
    assert what(fit("first", *FIRST)) == (3, 5, 7)
    like = ("--like", tmp_path / "first" / "w.bin")
    assert what(fit("second", *like)) == (3, 5, 7)
    assert "3 epochs and seed 5 as" in capsys.readouterr().out
    assert what(fit("third", *like, "--seed", 0, "--set", "batch=2")) == (3, 0, 2)


def test_the_weights_that_ship_are_followed_on_their_own_images_only(
    fit, tmp_path, monkeypatch, capsys
):
    fit("first", *FIRST)
    shipped = tmp_path / "shipped"
    monkeypatch.setattr(precedent, "SHIPPED", shipped)
    (shipped / "learner").mkdir(parents=True)
    history = shutil.copy(tmp_path / "first" / "w.history.json", shipped / "learner")
    assert what(fit("second")) == (3, 5, 7)
    assert "as the weights that ship learnt with" in capsys.readouterr().out
    assert what(fit("third", "--like", "none", "--epochs", 2)) == (2, 0, 16)
    plan = json.loads(Path(history).read_text())
    plan["plan"]["train_sha256"] = "of other images"
    Path(history).write_text(json.dumps(plan))
    assert what(fit("fourth", "--epochs", 2)) == (2, 0, 16)


def test_a_setting_that_is_no_more_is_passed_over(fit, tmp_path):
    fit("first", *FIRST)
    path = tmp_path / "first" / "w.history.json"
    history = json.loads(path.read_text())
    history["plan"]["settings"]["forgotten"] = 3
    path.write_text(json.dumps(history))
    assert what(fit("second", "--like", tmp_path / "first" / "w.bin")) == (3, 5, 7)


def test_a_checkpoint_without_its_history_is_refused(fit, tmp_path, capsys):
    (tmp_path / "alone.bin").write_text("[]")
    fit("second", "--like", tmp_path / "alone.bin", status=2)
    assert "alone.history.json is not there" in capsys.readouterr().err


def test_a_checkpoint_of_another_system_is_refused(fit, tmp_path, capsys):
    fit("first", *FIRST)
    path = tmp_path / "first" / "w.history.json"
    path.write_text(path.read_text().replace('"learner"', '"unet-torch"'))
    fit("second", "--like", tmp_path / "first" / "w.bin", status=2)
    assert "a checkpoint of unet-torch; expected one of learner" in capsys.readouterr().err
