"""The embedded demo: what it plans, and one system of it for real."""

from __future__ import annotations

import os
import signal

import pytest

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


@pytest.mark.parametrize("plan", demo.PLANS, ids=lambda plan: plan.system)
def test_the_weights_of_a_plan_ship(plan):
    named = [word.split("=")[1] for word in plan.options if word.endswith(".safetensors")]
    shipped = {path.name for path in SHIPPED.rglob("*.safetensors")}
    assert set(named or [f"{plan.system}-demo.safetensors"]) <= shipped


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
    assert not list((tmp_path / "demo").iterdir())


def test_a_system_that_fails_is_named_and_the_others_go_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "IMAGES", FEW)
    broken = demo.Plan("unet-torch", demo.SHAPES, ("--weights", "nowhere.safetensors"))
    monkeypatch.setattr(demo, "PLANS", [broken])
    assert main(["demo", "--store", str(tmp_path / "evaluation.duckdb")]) == 1
    told = capsys.readouterr().err
    assert "unet-torch: failed with status 2" in told
    assert "There is no file of weights nowhere.safetensors" in told
    assert "These systems failed: unet-torch." in told
    assert "Start the command again" in told
