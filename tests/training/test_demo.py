"""The embedded demo: what it plans, and one system of it for real."""

from __future__ import annotations

import os
import signal

import pytest

from core.jobs import JobRecord, demo_job, only_one, read_job
from core.scoring import score_runs
from core.store.connection import Store
from core.store.queries import catalogue
from training import demo
from training.__main__ import main
from training.systems import SYSTEMS
from training.weights import SHIPPED

FEW = {"train": 1, "val": 1, "test": 2}


def test_every_system_with_weights_is_in_the_demo():
    assert {plan.system for plan in demo.PLANS} == set(SYSTEMS)


@pytest.mark.parametrize(
    "plan", [plan for plan in demo.PLANS if not plan.fitted], ids=lambda plan: plan.name
)
def test_the_weights_of_a_plan_ship(plan):
    named = [word.split("=")[1] for word in plan.options if word.endswith(".safetensors")]
    shipped = {path.name for path in SHIPPED.rglob("*.safetensors")}
    assert set(named or [f"{plan.system}-demo.safetensors"]) <= shipped


def test_the_ensemble_is_fitted_on_val_after_all_others_and_predicts_then(tmp_path):
    store = Store.at(tmp_path / "evaluation.duckdb")
    *others, ensemble = demo.PLANS
    every = {demo.run_name(plan, split) for plan in demo.PLANS for split in plan.splits}
    names = [plan.name for plan in others]
    fit, predict = demo._commands(store, ensemble, every, names)
    assert fit.after == set(names)
    assert predict.after == {fit.name}
    members = {
        fit.arguments[at + 1] for at, word in enumerate(fit.arguments) if word == "--members"
    }
    assert members == {
        f"{plan.system} val" for plan in others if plan.dataset == demo.SHAPES and not plan.oracle
    }
    recipe = fit.arguments[fit.arguments.index("--out") + 1]
    assert f"ensemble={recipe}" in predict.arguments
    assert demo._commands(store, ensemble, set(), names) == []


def test_runs_that_are_told_the_truth_say_so_in_their_name(tmp_path):
    store = Store.at(tmp_path / "evaluation.duckdb")
    told = [plan for plan in demo.PLANS if plan.oracle]
    assert [plan.name for plan in told] == ["yolov8-sam true boxes", "yolov8-sam true masks"]
    (command,) = demo._commands(store, told[0], {"yolov8-sam true boxes test"}, [])
    words = command.arguments
    assert words[words.index("--oracle") + 1] == "boxes"
    assert words[words.index("--run") + 1] == "yolov8-sam true boxes test"
    assert words.count("--split") == 1
    (honest,) = demo._commands(store, demo.PLANS[0], {"sam-clip val"}, [])
    assert "--oracle" not in honest.arguments


@pytest.mark.torch
def test_demo_is_built_once_and_taken_up_where_it_was(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "IMAGES", FEW)
    monkeypatch.setattr(demo, "PLANS", [p for p in demo.PLANS if p.system == "unet-torch"])
    place = ["--store", str(tmp_path / "evaluation.duckdb")]
    assert main(["demo", *place]) == 0
    with Store.at(tmp_path / "evaluation.duckdb").read() as cursor:
        runs = catalogue.runs(cursor)
        (scores,) = score_runs(cursor, ["unet-torch test"])
    assert set(runs["run"]) == {"unet-torch train", "unet-torch val", "unet-torch test"}
    assert scores.images == FEW["test"]
    assert scores.scores["pixel_accuracy"] > 0.8
    job = read_job(demo_job(tmp_path / "evaluation.duckdb"))
    assert (job.status, job.done, job.total) == ("done", 12, 12)
    told = capsys.readouterr().err
    assert "drawing the data set demo: 4 of 4 images" in told
    assert "3 of 3 runs: unet-torch test, 2 images" in told
    assert "demo: 4 of 4 images" in told
    assert main(["demo", *place]) == 0
    told = capsys.readouterr().err
    assert "runs:" not in told
    assert "drawing" not in told


def test_a_stop_is_passed_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "IMAGES", FEW)
    monkeypatch.setattr(demo, "PLANS", [p for p in demo.PLANS if p.system == "unet-torch"])
    look, looks = demo.Watch.look, []

    def stopped(watch, progress):
        looks.append(watch)
        if len(looks) == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        look(watch, progress)

    monkeypatch.setattr(demo.Watch, "look", stopped)
    place = ["--store", str(tmp_path / "evaluation.duckdb")]
    assert main(["demo", *place]) == 1
    told = capsys.readouterr()
    assert "Stopped by SIGTERM." in told.out
    assert "failed" not in told.err
    assert not looks[0].answered


def test_a_stop_while_the_data_are_drawn_leaves_none(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "IMAGES", FEW)
    count = demo.Progress.update

    def stopped(progress, images):
        os.kill(os.getpid(), signal.SIGINT)
        count(progress, images)

    monkeypatch.setattr(demo.Progress, "update", stopped)
    assert main(["demo", "--store", str(tmp_path / "evaluation.duckdb")]) == 130
    assert "Stopped by Ctrl-C." in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["evaluation.duckdb.job"]
    job = read_job(demo_job(tmp_path / "evaluation.duckdb"))
    assert (job.status, job.done, job.note) == ("stopped", 1, "It was stopped.")


def test_a_system_that_fails_is_named_and_the_others_go_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "IMAGES", FEW)
    broken = demo.Plan("unet-torch", demo.SHAPES, ("--weights", "nowhere.safetensors"))
    monkeypatch.setattr(demo, "PLANS", [broken])
    assert main(["demo", "--store", str(tmp_path / "evaluation.duckdb")]) == 1
    told = capsys.readouterr().err
    assert "unet-torch: failed with status 2" in told
    assert "There is no file of weights nowhere.safetensors" in told
    assert "These systems failed: unet-torch." in told
    job = read_job(demo_job(tmp_path / "evaluation.duckdb"))
    assert (job.status, job.done, job.total) == ("failed", 8, 12)
    assert job.note == "These systems failed: unet-torch. Start the command again."


@pytest.fixture
def built(monkeypatch):
    """Stands in for all the work of the command; what it was asked to build."""
    asked = []
    monkeypatch.setattr(demo, "_build", lambda store, folder: asked.append(store.path) or 0)
    return asked


def if_empty(store) -> int:
    return main(["demo", "--if-empty", "--store", str(store)])


def test_an_empty_store_is_filled_and_another_is_left_alone(built, bench, tmp_path, capsys):
    empty = tmp_path / "empty.duckdb"
    assert if_empty(empty) == 0
    assert built == [empty]
    assert "DEMO=no make run" in capsys.readouterr().out
    assert if_empty(bench.store) == 0
    assert built == [empty]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("status", "goes_on"),
    [("stopped", True), ("running", True), ("failed", False), ("done", False)],
)
def test_only_a_demo_that_was_stopped_goes_on_by_itself(built, bench, status, goes_on):
    folder = demo_job(bench.store)
    folder.mkdir(parents=True)
    record = JobRecord(folder, {"a": 1})
    if status != "running":  # as a killed one leaves it
        record.end(status)
    assert if_empty(bench.store) == 0
    assert bool(built) == goes_on


def test_two_builders_of_one_store_are_refused(built, tmp_path, capsys):
    store = tmp_path / "evaluation.duckdb"
    with only_one(demo_job(store)):
        assert main(["demo", "--store", str(store)]) == 2
        assert f"Process {os.getpid()} is building the demo already." in capsys.readouterr().err
        # nothing to wait for: the dashboard shows it
        assert if_empty(store) == 0
        assert "DEMO=no" not in capsys.readouterr().out
    assert not built
