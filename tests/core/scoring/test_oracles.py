"""What each stage costs: pairs of runs with and without the truth."""

import json

import pandas as pd
import pytest

from core.scoring.oracles import stage_gains
from core.scoring.runs import RunScores


def run(name, oracle=None, **changes):
    settings = {"conf": 0.1, **({"oracle": oracle} if oracle else {})}
    settings |= changes.pop("settings", {})
    row = {"run": name, "system": "a-b", "weights_sha256": "f", "dataset": "d", "split": "val"}
    return {**row, "settings": json.dumps(settings), **changes}


def gains(rows, figures):
    scores = [
        RunScores(name, 0, "", "", "", 1, "", {"mask_ap": figure}, pd.DataFrame(), {})
        for name, figure in figures.items()
    ]
    return stage_gains(pd.DataFrame(rows), scores, "mask_ap")


def test_each_run_that_saw_the_truth_is_set_beside_the_one_that_did_not():
    rows = [run("true masks", "masks"), run("true boxes", "boxes"), run("plain")]
    table = gains(rows, {"plain": 0.5, "true boxes": 0.8, "true masks": 0.45})
    assert table["run"].tolist() == ["plain", "plain"]
    assert table["oracle"].tolist() == ["boxes", "masks"]
    assert table["oracle_run"].tolist() == ["true boxes", "true masks"]
    assert table["gain"].tolist() == pytest.approx([0.3, -0.05])
    assert table["rest"].tolist() == pytest.approx([0.2, 0.55])
    assert (table["score"] + table["gain"] + table["rest"]).tolist() == pytest.approx([1, 1])


def test_the_newest_twin_counts():
    rows = [run("new"), run("old"), run("true", "boxes")]
    table = gains(rows, {"new": 0.6, "old": 0.5, "true": 0.8})
    assert table["run"].tolist() == ["new"]


@pytest.mark.parametrize(
    "change",
    [
        {"system": "c"},
        {"weights_sha256": "0"},
        {"split": "test"},
        {"dataset": "e"},
        {"settings": {"conf": 0.2}},
    ],
)
def test_what_differs_in_more_than_the_truth_is_no_twin(change):
    rows = [run("plain"), run("true", "boxes", **change)]
    assert gains(rows, {"plain": 0.5, "true": 0.8}).empty


def test_runs_without_the_score_and_without_a_twin_are_left_out():
    rows = [run("plain"), run("true", "boxes")]
    assert gains(rows, {"plain": None, "true": 0.8}).empty
    assert gains(rows, {"plain": 0.5, "true": None}).empty
    assert gains(rows[1:], {"true": 0.8}).empty
    assert gains(rows[:1], {"plain": 0.8}).empty
