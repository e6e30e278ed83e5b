"""compare and scores --ci: what they print of certainty, and when they fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.commands import compare
from tests.pages.made_up import full_store

QUICK = ("--resamples", "100")


@pytest.fixture(scope="module")
def pets(tmp_path_factory) -> Path:
    """Runs sharp and shifted of 12 images, half of 5 of them."""
    return full_store(tmp_path_factory.mktemp("compare") / "store.duckdb").path


@pytest.fixture
def call(pets, monkeypatch, capsys):
    """Return a function that runs a command and returns its exit status and what it printed."""
    monkeypatch.setenv("EVALUATION_STORE", str(pets))

    def called(*arguments: str) -> tuple[int, str]:
        status = main([*arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return called


def compared(call, *options: str) -> dict:
    status, printed = call("compare", "sharp", "shifted", "--json", *QUICK, *options)
    assert status == 0
    return json.loads(printed)


def test_json_has_interval_and_p_of_all_and_of_each_class(call):
    printed = compared(call, "--metric", "miou", "--seed", "7")
    assert printed["answered"] == {"sharp": 12, "shifted": 12}
    assert (printed["resamples"], printed["seed"], printed["exact"]) == (100, 7, True)
    assert printed["correction"] == "holm"
    assert printed["difference"] < 0
    for entry in (printed, *printed["classes"]):
        if entry["ci95"] is not None:
            low, high = entry["ci95"]
            assert low <= entry["difference"] <= high
        assert 0 <= entry["p"] <= 1
    # 12 images that all lose by the same shift: nothing but no swap and all swaps is as large
    assert printed["p"] == 2 / 2**12
    by_class = {entry["class"]: entry for entry in printed["classes"]}
    assert [by_class[name]["reliable"] for name in ("cat", "dog")] == [True, False]
    assert all(entry["p_adjusted"] >= entry["p"] for entry in printed["classes"])
    assert by_class["dog"]["p_adjusted"] > by_class["dog"]["p"]


def test_the_correction_can_be_chosen(call):
    holm, bh = (
        [entry["p_adjusted"] for entry in compared(call, "--correction", name)["classes"]]
        for name in ("holm", "bh")
    )
    assert sum(bh) < sum(holm)


def test_without_resamples_there_is_no_interval(call):
    printed = compared(call, "--resamples", "0")
    assert printed["ci95"] is None
    assert printed["difference"] != 0


def test_text_says_by_which_rules_and_where_images_are_few(call):
    status, printed = call("compare", "sharp", "shifted", "--metric", "miou", *QUICK)
    assert status == 0
    assert "p 0.0005 on 12 images" in printed
    assert "100 resamples of the 12 images; p: all 4,096 swaps" in printed
    (dog,) = (line for line in printed.splitlines() if line.startswith("dog"))
    assert dog.endswith("under 10 images")


def test_runs_are_compared_on_the_images_both_answered_and_it_is_said(call):
    status, printed = call("compare", "sharp", "half", "--metric", "miou", *QUICK)
    assert status == 0
    assert "Compared on the 5 images" in printed
    assert "answered: sharp 12, half 5" in printed
    refused, told = call("compare", "sharp", "half", "--metric", "miou", "--same-images")
    assert refused == 2
    assert "sharp 12 and half 5" in told


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param(("sharp", "shifted"), 1, id="worse"),
        pytest.param(("shifted", "sharp"), 0, id="better"),
        pytest.param(("sharp", "sharp"), 0, id="the same"),
    ],
)
def test_a_gate_may_ask_for_significance(call, runs, expected):
    options = ("--metric", "miou", "--fail-if-significant", *QUICK)
    assert call("compare", *runs, *options)[0] == expected


@pytest.mark.parametrize(
    ("metric", "difference", "p", "expected"),
    [
        ("miou", -0.1, 0.01, True),
        ("miou", 0.1, 0.01, False),
        ("miou", -0.1, 0.06, False),
        ("seconds_per_image", 0.1, 0.01, True),
        ("seconds_per_image", -0.1, 0.01, False),
    ],
)
def test_worse_is_by_the_direction_of_the_score(metric, difference, p, expected):
    assert compare.worse(metric, {"difference": difference, "p": p}) == expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--resamples", "-1"), "--resamples is -1; expected a number from 0"),
        (("--resamples", "9999999"), "to 100,000"),
        (("--seed", "-3"), "--seed is -3"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(call, options, said):
    for command in (("compare", "sharp", "shifted"), ("scores", "sharp", "--ci")):
        status, printed = call(*command, *options)
        assert status == 2
        assert said in printed
        assert printed.count("\n") == 1


def test_scores_have_intervals_when_asked(call):
    _, plain = call("scores", "shifted", "--json")
    assert "ci95" not in json.loads(plain)[0]
    _, printed = call("scores", "shifted", "--json", "--ci", *QUICK)
    entry = json.loads(printed)[0]
    assert set(entry["ci95"]) >= {"miou", "box_ap", "mask_ap"}
    for metric, (low, high) in entry["ci95"].items():
        assert low <= high
        assert 0 <= low <= entry["scores"][metric] + 0.05
    assert "[" in call("scores", "shifted", "--ci", *QUICK)[1]
