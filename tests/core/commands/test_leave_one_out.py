"""python -m core leave-one-out: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json

import pytest

from core.__main__ import main
from core.fusion.recipe import read_recipe
from core.scoring.members import additions, begin_members, together
from core.store.connection import Store
from tests.pages.made_up import full_store


@pytest.fixture(scope="module")
def pets(tmp_path_factory):
    return full_store(tmp_path_factory.mktemp("members") / "store.duckdb")


@pytest.fixture
def call(pets, capsys):
    def called(*arguments: object) -> tuple[int, str]:
        status = main(["leave-one-out", *map(str, arguments), "--store", str(pets.path)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return called


def expected_of(store: Store, metric: str):
    with store.read() as cursor:
        trial = begin_members(cursor, ["sharp", "shifted"], metric, store.path)
    return trial.extended(trial.enough)


def test_it_prints_and_writes_what_each_run_adds(call, pets, tmp_path):
    recipe = tmp_path / "recipe.json"
    status, printed = call("sharp", "shifted", "--json", "--recipe", recipe)
    assert status == 0
    entry = json.loads(printed)
    trial = expected_of(pets, "miou")
    assert entry["metric"] == "miou"
    assert entry["together"] == together(trial)[0]
    assert entry["ci95"] == list(together(trial)[1:])
    added = additions(trial)
    for column in ("run", "alone", "without", "adds", "p", "p_adjusted"):
        assert [row[column] for row in entry["members"]] == added[column].tolist()
    assert entry["members"][0]["ci95"] == added.loc[0, ["low", "high"]].tolist()
    assert [member.run for member in read_recipe(recipe).members] == trial.ballot.runs[
        "run"
    ].tolist()
    status, text = call("sharp", "shifted", "--metric", "box_ap")
    assert status == 0
    assert "Box AP of 2 runs fused" in text
    assert f"{100 * additions(expected_of(pets, 'box_ap')).loc[0, 'adds']:+.2f}" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sharp"], "an ensemble needs 2 to 64"),
        (["sharp", "shifted", "--seed", "-1"], "--seed is -1"),
        (["sharp", "shifted", "--recipe", "recipe.txt"], "ends in .json"),
        (["sharp", "nobody"], "no run named 'nobody'"),
    ],
)
def test_what_it_refuses_is_told_in_a_paragraph(call, arguments, told):
    status, printed = call(*arguments)
    assert status == 2
    assert told in printed
    assert "Traceback" not in printed
