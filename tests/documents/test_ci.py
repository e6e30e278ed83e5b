"""docs/ci.md: the gate's commands, the keys of --json and the examples in Python."""

from __future__ import annotations

import json
import re
import shlex

import pytest
import yaml

from core.__main__ import build_parser, main
from tests.documents.reading import blocks, text_of
from tests.pages.made_up import full_store
from training.__main__ import main as training_main

TEXT = text_of("docs/ci.md")
EXAMPLES = [body for body in blocks(TEXT, "python") if ">>>" not in body]
# what the examples call main and candidate is called sharp and shifted in the made-up store
NAMES = {'"main"': '"sharp"', '"candidate"': '"shifted"'}
FILES = {
    "instances.json": {
        "images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 9}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 4, 4], "area": 16}
        ],
        "categories": [{"id": 1, "name": "cat"}],
    },
    "results.json": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 4, 4], "score": 0.5}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a store of two runs where the examples look for it, and COCO files."""
    place = tmp_path_factory.mktemp("ci")
    (place / "results").mkdir()
    full_store(place / "results" / "evaluation.duckdb")
    for name, content in FILES.items():
        (place / name).write_text(json.dumps(content))
    return place


def documented(heading: str) -> list[set[str]]:
    """The keys of the tables under a heading, table by table."""
    (section,) = re.findall(rf"^### {heading}\n(.*?)(?=^##)", TEXT, re.MULTILINE | re.DOTALL)
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [
        {key for row in table.splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])}
        for table in tables
    ]


def printed(folder, capsys, *arguments):
    store = str(folder / "results" / "evaluation.duckdb")
    assert main([*arguments, "--json", "--resamples", "50", "--store", store]) == 0
    return json.loads(capsys.readouterr().out)


def test_scores_have_the_keys_that_are_promised(folder, capsys):
    of_runs, of_classes = documented("scores --json")
    for entry in printed(folder, capsys, "scores", "--ci"):
        assert set(entry) == of_runs
        assert all(of_classes - {"miou"} <= set(row) for row in entry["classes"])
    (plain, *_) = printed(folder, capsys, "scores")
    assert set(plain) == of_runs - {"ci95"}


def test_what_members_add_has_the_keys_that_are_promised(folder, capsys):
    of_all, of_members = documented("leave-one-out --json")
    store = str(folder / "results" / "evaluation.duckdb")
    assert main(["leave-one-out", "sharp", "shifted", "--json", "--store", store]) == 0
    entry = json.loads(capsys.readouterr().out)
    assert set(entry) == of_all
    assert [set(row) for row in entry["members"]] == [of_members, of_members]


def test_external_scores_have_the_keys_that_are_promised(folder, capsys):
    (keys,) = documented("external --json")
    store = str(folder / "results" / "evaluation.duckdb")
    told = ["--metric", "mIoU", "--value", "0.5", "--from", "the challenge"]
    assert main(["external", "sharp", *told, "--json", "--store", store]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert set(entry) == keys


def test_comparisons_have_the_keys_that_are_promised(folder, capsys):
    of_all, of_classes = documented("compare --json")
    entry = printed(folder, capsys, "compare", "sharp", "shifted")
    assert set(entry) == of_all
    assert entry["classes"]
    assert all(set(row) == of_classes for row in entry["classes"])


def test_systems_have_the_keys_that_are_promised(capsys):
    (keys,) = documented("training list --json")
    assert training_main(["list", "--json"]) == 0
    for entry in json.loads(capsys.readouterr().out):
        of_presets = {key for preset in entry["presets"] for key in preset}
        assert set(entry) == keys
        assert of_presets <= {"name", "weights", "settings"}


@pytest.mark.parametrize("body", EXAMPLES)
def test_an_example_runs(body, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    for name, stored in NAMES.items():
        body = body.replace(name, stored)
    exec(compile(body, "docs/ci.md", "exec"), {})
    assert capsys.readouterr().out


def steps():
    (workflow,) = blocks(TEXT, "yaml")
    given = yaml.safe_load(workflow)["jobs"]["gate"]["steps"]
    return [shlex.split(step["run"]) for step in given if "run" in step]


@pytest.mark.parametrize("words", [words for words in steps() if words[2] == "core"])
def test_a_step_of_the_workflow_can_be_given(words):
    ours = words[3 : words.index(">")] if ">" in words else words[3:]
    build_parser().parse_args(ours)


def test_the_part_of_the_requirements_that_is_left_out_has_its_name():
    assert "\n# The systems\n" in text_of("requirements.txt")


@pytest.mark.parametrize(
    ("b", "limit", "status"), [("shifted", "-0.005", 1), ("shifted", "-0.99", 0), ("sharp", "0", 0)]
)
def test_the_gate_fails_below_its_limit(folder, b, limit, status):
    a = "shifted" if b == "sharp" else "sharp"
    store = str(folder / "results" / "evaluation.duckdb")
    options = ["--metric", "miou", "--resamples", "0", "--fail-below", limit, "--store", store]
    assert main(["compare", a, b, *options]) == status
