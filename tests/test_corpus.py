"""Malformed inputs, all given to one process: a paragraph each, status 2, nothing written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pages.ui.paragraphs import retold
from tests.corpus.worker import CASES
from tests.fuzz.rule import check_paragraph

ROOT = Path(__file__).resolve().parents[1]
LONGEST_PARAGRAPH = 1500


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the command line said to each case that the process survived, by its name."""
    folder = tmp_path_factory.mktemp("corpus")
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpus.worker", str(folder)],
        cwd=ROOT,
        env={**os.environ, "EVALUATION_STORE": str(folder / "store" / "evaluation.duckdb")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    last = told[-1]["name"] if told else "the sound data set"
    survived = f"the process ended with {done.returncode} after {last!r}: {done.stderr}"
    return {each["name"]: each for each in told} | {"": survived if done.returncode else ""}


def test_there_are_many_and_no_two_of_one_name():
    assert len(CASES) >= 100


def test_the_interpreter_survives_them_all(answers):
    assert answers[""] == ""


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_in_a_paragraph_and_nothing_is_written(answers, name):
    answer = answers[name]
    told = answer["err"]
    assert (answer["status"], answer["out"]) == (2, ""), told
    assert CASES[name].told in told
    assert "Traceback" not in told
    assert "fault of Overlook" not in told
    assert len(told) < LONGEST_PARAGRAPH
    check_paragraph(told.strip())
    assert not answer["written"]
    assert not answer["bitten"]


# its advice is told on the command line alone
@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("submission")])
def test_pages_tell_it_in_spanish(answers, name):
    lines = [line.strip().removeprefix("- ") for line in answers[name]["err"].splitlines()]
    assert not [line for line in lines if line and retold(line, "es") == line]
