"""Scores that others told: kept beside the notes, found by run, undone; and their submissions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.__main__ import main
from core.errors import UsageError
from core.external_scores import (
    ExternalScore,
    add_external,
    external_scores,
    of_submission,
    remove_external,
    submission_name,
)
from core.notes import TAG, Entry, Notes, Place
from tests.pages.made_up import full_store

SCORE = ExternalScore("net test", "test", "mIoU", 0.712, "the challenge", "2026-11-20")
OTHER = replace(SCORE, run="other", told_by="a <b>friend</b>")


@pytest.fixture
def notes(tmp_path) -> Notes:
    return Notes.beside(tmp_path / "evaluation.duckdb")


def test_scores_are_kept_by_run_and_the_latest_of_a_source_counts(notes):
    assert external_scores(notes, ["net test"]) == []
    assert not notes.path.exists()
    add_external(notes, [SCORE])
    add_external(notes, [OTHER])
    assert external_scores(notes, ["net test"]) == [SCORE]
    assert external_scores(notes, ["net test", "other"]) == [SCORE, OTHER]
    later = replace(SCORE, value=0.8, told_on="2026-11-21")
    number = add_external(notes, [later])
    assert external_scores(notes, ["net test"]) == [later]
    notes.undo(number)
    assert external_scores(notes, ["net test"]) == [SCORE]


@pytest.mark.parametrize("change", [{"told_by": "b"}, {"metric": "Dice"}, {"split": "val"}])
def test_scores_of_another_source_metric_or_split_stay(notes, change):
    other = replace(SCORE, **change)
    add_external(notes, [SCORE, other])
    assert external_scores(notes, ["net test"]) == [SCORE, other]
    assert remove_external(notes, [SCORE]) is not None
    assert external_scores(notes, ["net test"]) == [other]


def test_what_is_removed_returns_and_notes_stay_as_they_are(notes):
    tag = Entry(TAG, Place("pets", "val", 3), "odd")
    notes.add([tag])
    add_external(notes, [SCORE])
    add_external(notes, [OTHER])
    number = remove_external(notes, [replace(SCORE, value=0.0, told_on="2026-11-21")])
    assert remove_external(notes, [SCORE]) is None
    assert external_scores(notes, ["net test", "other"]) == [OTHER]
    assert notes.entries(TAG, "pets", "val") == [tag]
    notes.undo(number)
    assert external_scores(notes, ["net test", "other"]) == [SCORE, OTHER]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"value": 71.2}, "a fraction from 0 to 1"),
        ({"value": -0.1}, "a fraction from 0 to 1"),
        ({"value": float("nan")}, "a fraction from 0 to 1"),
        ({"metric": " "}, "The metric has"),
        ({"told_by": "x" * 201}, "The source has 201"),
        ({"told_on": "20.11.2026"}, "expected YYYY-MM-DD"),
        ({"told_on": "20261120"}, "expected YYYY-MM-DD"),
        ({"told_on": "2026-02-30"}, "a day there is"),
    ],
)
def test_what_cannot_be_a_score_is_refused(change, told):
    with pytest.raises(UsageError, match=told):
        replace(SCORE, **change)


@pytest.mark.parametrize(
    "run", ["net test", "../a/b", "ä--on--b", "50%2F", "x.zip", "a-", "-", "---", "--on--"]
)
@pytest.mark.parametrize("split", ["test 2", "b--on--c", "-dev", "--", "--on--"])
def test_a_submission_tells_its_run_and_split(run, split):
    name = submission_name(run, split)
    assert "/" not in name
    assert of_submission(Path("some/where") / name) == (run, split)


def test_other_names_are_refused():
    with pytest.raises(UsageError, match="does not name its run"):
        of_submission(Path("net.zip"))


@pytest.fixture
def call(full, capsys):
    def called(*arguments: object) -> tuple[int, str]:
        status = main(["external", *map(str, arguments), "--store", str(full)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return called


@pytest.fixture
def full(tmp_path):
    return full_store(tmp_path / "store.duckdb").path


def test_the_command_keeps_lists_and_removes(call, full):
    told = ("--metric", "mIoU", "--from", "the challenge")
    status, printed = call("sharp", *told, "--value", "0.5", "--date", "2026-11-20", "--json")
    assert status == 0
    expected = ExternalScore("sharp", "val", "mIoU", 0.5, "the challenge", "2026-11-20")
    assert [ExternalScore(**each) for each in json.loads(printed)] == [expected]
    assert external_scores(Notes.beside(full), ["sharp"]) == [expected]
    status, printed = call(submission_name("sharp", "val"), *told, "--value", "0.25")
    assert (status, "25.00" in printed, "Told, not measured here" in printed) == (0, True, True)
    assert "25.00" in call()[1]
    assert "No external score" in call("shifted")[1]
    assert "No external score" in call("sharp", *told, "--remove")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "no run named 'nobody'"),
        (["sharp", "--metric", "mIoU"], "--from and --value must be given too"),
        (["sharp", "--date", "2026-11-20"], "--metric and --from and --value must be given"),
        (["sharp", "--metric", "m", "--from", "f", "--remove"], "told no 'm' of run 'sharp'"),
        (["net.zip"], "does not name its run"),
        ([submission_name("nobody", "val")], "no run named 'nobody'"),
        (["--metric", "mIoU"], "Name the run"),
        ([submission_name("sharp", "test")], "says split test"),
        (["sharp", "--metric", "m", "--from", "f", "--value", "50"], "a fraction from 0 to 1"),
    ],
)
def test_the_command_refuses_in_a_paragraph(call, arguments, message):
    status, printed = call(*arguments)
    assert (status, message in printed) == (2, True)
