"""python -m core import-history: checked, stored beside its run, shown, and gone with it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.__main__ import main
from core.commands.import_history import best_epoch
from core.readers.histories import ReadHistory
from core.store.connection import Store
from core.store.queries.trainings import training_curves, trainings
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

CSV = "epoch,loss,val_loss,acc\n0,2.0,3.0,0.25\n1,1.0,1.5,0.5\n2,0.5,2.5,0.75\n"


@pytest.fixture
def store(tmp_path, monkeypatch):
    path = tmp_path / "store.duckdb"
    monkeypatch.setenv("EVALUATION_STORE", str(path))
    made = Store.at(path)
    dataset = make_dataset()
    put(made, dataset)
    put_run(made, dataset, make_predictions(dataset), "net")
    put_run(made, dataset, make_predictions(dataset), "other")
    (tmp_path / "h.csv").write_text(CSV)
    return made


def run_keys(store):
    with store.read() as cursor:
        return dict(cursor.execute("SELECT name, run_id FROM run").fetchall())


def stored(store, run):
    with store.read() as cursor:
        found = trainings(cursor, "", run_keys(store)[run])
        return found, training_curves(cursor, list(found["training_id"]))


def call(tmp_path, *more, file="h.csv"):
    return main(["import-history", str(tmp_path / file), "--run", "net", *more])


def test_a_history_stands_beside_its_run_alone(store, tmp_path, capsys):
    assert call(tmp_path) == 0
    said = capsys.readouterr().out
    assert "csv, epochs 1 to 3, which the file counts from 0" in said
    assert "Best val_loss: epoch 2." in said
    found, points = stored(store, "net")
    assert found["goal"].tolist() == ["val_loss"]
    assert found["best_epoch"].tolist() == [2]
    assert points.set_index(["name", "epoch"])["value"].to_dict() == {
        ("acc", 1): 0.25, ("acc", 2): 0.5, ("acc", 3): 0.75,
        ("loss", 1): 2.0, ("loss", 2): 1.0, ("loss", 3): 0.5,
        ("val_loss", 1): 3.0, ("val_loss", 2): 1.5, ("val_loss", 3): 2.5}  # fmt: skip
    assert stored(store, "other")[0].empty


@pytest.mark.parametrize(
    ("names", "goal"),
    [
        ("train/box_loss,val/box_loss,acc", "val/box_loss"),
        ("acc,loss", "loss"),
        ("loss,val_x_loss,val_loss", "val_loss"),
        ("acc,miou", "acc"),
    ],
)
def test_a_loss_of_validation_is_the_goal_unless_one_is_named(store, tmp_path, names, goal):
    (tmp_path / "h.csv").write_text(f"{names}\n" + ",".join("1" * len(names.split(","))) + "\n")
    assert call(tmp_path) == 0
    assert stored(store, "net")[0]["goal"].tolist() == [goal]


def test_a_dry_run_writes_nothing(store, tmp_path, capsys):
    before = store.version()
    assert call(tmp_path, "--dry-run") == 0
    assert "nothing was written" in capsys.readouterr().out
    assert store.version() == before


def test_importing_again_replaces_and_removing_the_run_removes(store, tmp_path):
    assert call(tmp_path) == 0
    (tmp_path / "h.json").write_text(json.dumps({"miou": [0.5, 0.25]}))
    assert call(tmp_path, "--goal", "miou", file="h.json") == 0
    found, points = stored(store, "net")
    assert found["best_epoch"].tolist() == [1]
    assert points["name"].unique().tolist() == ["miou"]
    assert main(["remove", "net", "--yes"]) == 0
    with store.read() as cursor:
        for table in ("training", "training_epoch"):
            assert cursor.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--goal", "x"], "No value is called 'x'. The history has: loss, val_loss, acc."),
        (["--run", "nobody"], "no run named"),
    ],
)
def test_wrong_usage_is_told_and_nothing_is_stored(store, tmp_path, capsys, more, said):
    assert call(tmp_path, *more) == 2
    assert said in capsys.readouterr().err
    assert stored(store, "net")[0].empty


def test_faults_store_nothing_unless_they_are_left_out(store, tmp_path, capsys):
    (tmp_path / "h.csv").write_text(CSV + "3,nan,1,1\n")
    assert call(tmp_path) == 2
    assert "line 5: loss is nan; expected a finite number" in capsys.readouterr().err
    assert stored(store, "net")[0].empty
    assert call(tmp_path, "--skip-bad") == 0
    assert "left out: line 5" in capsys.readouterr().out


def test_names_of_an_array_come_from_the_command(store, tmp_path):
    np.save(tmp_path / "h.npy", np.array([[1.0, 2.0], [0.5, 1.0]]))
    assert call(tmp_path, "--names", "loss, miou", file="h.npy") == 0
    assert stored(store, "net")[1]["name"].unique().tolist() == ["loss", "miou"]


def test_the_best_epoch_is_the_first_of_equals():
    points = ((1, {"a": 1.0, "loss": 2.0}), (3, {"a": 2.0}), (5, {"a": 2.0, "loss": 2.0}))
    history = ReadHistory("csv", points, 0)
    assert best_epoch(history, "a") == 3
    assert best_epoch(history, "loss") == 1
