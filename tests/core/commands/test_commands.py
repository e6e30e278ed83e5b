"""The command line on a small made-up data set: output, exit statuses, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.__main__ import COMMANDS, main

SIZE = 40
CAT, DOG = 1, 2


def box(x: float, y: float, side: float = 10.0) -> dict[str, object]:
    polygon = [x, y, x + side, y, x + side, y + side, x, y + side]
    return {"bbox": [x, y, side, side], "area": side * side, "segmentation": [polygon]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three images: a cat, a cat and a dog, nothing; and two runs of boxes."""
    monkeypatch.setenv("EVALUATION_STORE", str(tmp_path / "store" / "evaluation.duckdb"))
    (tmp_path / "images").mkdir()
    images = [
        {"id": index, "file_name": f"{index}.png", "height": SIZE, "width": SIZE}
        for index in (0, 1, 2)
    ]
    for image in images:
        pixels = np.zeros((SIZE, SIZE, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / str(image["file_name"]))
    annotations = [
        {"id": 0, "image_id": 0, "category_id": CAT, "iscrowd": 0, **box(2, 2)},
        {"id": 1, "image_id": 1, "category_id": CAT, "iscrowd": 0, **box(2, 2)},
        {"id": 2, "image_id": 1, "category_id": DOG, "iscrowd": 0, **box(20, 20)},
    ]
    categories = [{"id": CAT, "name": "cat"}, {"id": DOG, "name": "dog"}]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (tmp_path / "instances.json").write_text(json.dumps(document))
    right = [
        {
            "image_id": a["image_id"],
            "category_id": a["category_id"],
            "bbox": a["bbox"],
            "score": 0.9,
        }
        for a in annotations
    ]
    (tmp_path / "right.json").write_text(json.dumps(right))
    (tmp_path / "cats.json").write_text(json.dumps([r for r in right if r["category_id"] == CAT]))
    return tmp_path


def import_pets(folder: Path, *options: str) -> int:
    return main(
        [
            *("import", "pets", "--format", "coco", "--split", "val", *options),
            *("--annotations", str(folder / "instances.json"), "--images", str(folder / "images")),
        ]
    )


def import_run(folder: Path, name: str) -> int:
    file = str(folder / f"{name}.json")
    form = ["--format", "coco-results"]
    return main(["import-run", name, "--dataset", "pets", "--split", "val", *form, file])


@pytest.fixture
def evaluated(folder: Path) -> Path:
    assert import_pets(folder) == 0
    assert import_run(folder, "right") == 0
    assert import_run(folder, "cats") == 0
    assert main(["evaluate"]) == 0
    return folder


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_has_an_example_that_names_the_command(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"example: python -m core {command}" in capsys.readouterr().out


def test_no_command_lists_all_of_them(capsys):
    assert main([]) == 2
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in COMMANDS)


def test_an_empty_store_says_what_to_do(folder, capsys):
    assert main(["runs"]) == 2
    message = capsys.readouterr().err
    assert "python -m core import" in message
    assert "Traceback" not in message


def test_dry_run_writes_nothing(folder, capsys):
    assert import_pets(folder, "--dry-run") == 0
    assert "3 images, 2 classes, 3 objects" in capsys.readouterr().out
    assert not (folder / "store").exists()


def test_faults_are_all_told_and_nothing_is_written(folder, capsys):
    document = json.loads((folder / "instances.json").read_text())
    document["annotations"][0]["category_id"] = 7
    document["annotations"][2]["bbox"] = [1, 2, 3]
    (folder / "instances.json").write_text(json.dumps(document))
    assert import_pets(folder) == 2
    message = capsys.readouterr().err
    assert "annotations[0]" in message
    assert "annotations[2]" in message
    assert not (folder / "store").exists()


def test_skip_bad_stores_the_sound_part_and_lists_the_rest(folder, capsys):
    document = json.loads((folder / "instances.json").read_text())
    document["annotations"][2]["category_id"] = 7
    (folder / "instances.json").write_text(json.dumps(document))
    assert import_pets(folder, "--skip-bad") == 0
    printed = capsys.readouterr().out
    assert "2 objects" in printed
    assert "left out: annotations[2]" in printed


def test_scores_of_perfect_and_half_blind_runs(evaluated, capsys):
    capsys.readouterr()
    assert main(["scores", "--json"]) == 0
    scores = {entry["run"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert scores["right"]["scores"]["box_ap"] == 1.0
    assert scores["cats"]["scores"]["box_ap"] == 0.5  # cats 1, dogs 0
    by_class = {entry["class"]: entry for entry in scores["cats"]["classes"]}
    assert by_class["cat"]["box_ap"] == 1.0
    assert by_class["dog"]["box_ap"] == 0.0
    assert by_class["dog"]["images"] == 1


def test_scores_of_one_class_and_of_a_tag(evaluated, capsys):
    capsys.readouterr()
    assert main(["scores", "cats", "--class", "cat", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["scores"]["box_ap"] == 1.0
    assert main(["scores", "cats", "--tag", "empty", "--json"]) == 0
    entry = json.loads(capsys.readouterr().out)[0]
    assert (entry["images"], entry["scores"]["box_ap"]) == (1, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["scores", "nobody"], "no run named 'nobody'", id="unknown run"),
        pytest.param(["scores", "--class", "cow"], "no class 'cow'", id="unknown class"),
        pytest.param(["scores", "--tag", "night"], "Tags there", id="unknown tag"),
        pytest.param(["scores", "--split", "test"], "No evaluated run fits", id="empty split"),
        pytest.param(
            ["compare", "right", "cats", "--metric", "miou", "--tag", "empty"],
            "has no miou here",
            id="no such score",
        ),
        pytest.param(["remove"], "either a run", id="remove nothing"),
        pytest.param(["remove", "--dataset", "pets", "--yes"], "still has runs", id="used split"),
        pytest.param(
            ["import-run", "", "--dataset", "pets", "--format", "coco-results", "FILE"],
            "cannot be given to a run",
            id="empty name",
        ),
        pytest.param(
            ["import-run", "x", "--dataset", "pets", "--format", "label-png", "FILE"],
            "is a file; expected a folder",
            id="file for folder",
        ),
        pytest.param(["remove", "nobody", "--yes"], "no run named 'nobody'", id="remove unknown"),
        pytest.param(["evaluate", "right", "--threshold", "7"], "from 0 to 1", id="no score"),
    ],
)
def test_unusable_requests_get_one_paragraph(evaluated, capsys, arguments, said):
    arguments = [str(evaluated / "right.json") if a == "FILE" else a for a in arguments]
    capsys.readouterr()
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.err.count("\n") == 1


def test_compare_counts_b_minus_a_and_can_fail(evaluated, capsys):
    capsys.readouterr()
    compare = ["compare", "right", "cats", "--metric", "box_ap"]
    assert main([*compare, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["difference"] == -0.5
    by_class = {entry["class"]: entry["difference"] for entry in printed["classes"]}
    assert by_class == pytest.approx({"cat": 0.0, "dog": -1.0})
    assert printed["images"] == 3
    assert main([*compare, "--fail-below", "-0.4"]) == 1
    assert main([*compare, "--fail-below", "-0.6"]) == 0
    assert main(["compare", "cats", "right", "--metric", "box_ap", "--fail-below", "0"]) == 0


def test_evaluate_again_changes_no_score(evaluated, capsys):
    capsys.readouterr()
    main(["scores", "--json"])
    before = capsys.readouterr().out
    assert main(["evaluate"]) == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert main(["evaluate", "--again"]) == 0
    capsys.readouterr()
    main(["scores", "--json"])
    assert capsys.readouterr().out == before


def test_remove_needs_somebody_to_ask(evaluated, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert main(["remove", "cats"]) == 2
    assert "--yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert main(["remove", "cats"]) == 0
    assert main(["scores", "cats"]) == 0
    assert main(["remove", "cats", "--yes"]) == 0
    assert main(["scores", "cats"]) == 2
    assert main(["check"]) == 0


def test_a_name_cannot_steer_the_terminal(folder, capsys):
    document = json.loads((folder / "instances.json").read_text())
    document["categories"][0]["name"] = "cat\u001b[2J"
    (folder / "instances.json").write_text(json.dumps(document))
    if import_pets(folder) == 0:
        import_run(folder, "right")
        import_run(folder, "cats")
        main(["evaluate"])
        main(["compare", "right", "cats", "--metric", "box_ap"])
    assert "\u001b" not in capsys.readouterr().out


def test_a_split_can_be_removed_when_its_runs_are_gone(evaluated, capsys):
    for run in ("right", "cats"):
        assert main(["remove", run, "--yes"]) == 0
    assert main(["remove", "--dataset", "pets", "--yes"]) == 0
    assert import_pets(evaluated) == 0
    assert main(["check"]) == 0


def test_compare_takes_a_score_that_both_have(evaluated, capsys):
    capsys.readouterr()
    assert main(["compare", "right", "cats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["metric"] == "box_ap"


def test_every_fault_is_listed_when_asked(folder, capsys):
    document = json.loads((folder / "instances.json").read_text())
    document["annotations"] = [{**a, "category_id": 7} for a in document["annotations"] * 9]
    for index, entry in enumerate(document["annotations"]):
        entry["id"] = index
    (folder / "instances.json").write_text(json.dumps(document))
    assert import_pets(folder) == 2
    few = capsys.readouterr().err
    assert "27 faults found" in few
    assert few.count("annotations[") == 3
    assert "and 24 more of this kind" in few
    assert "--all-faults lists them all" in few
    assert import_pets(folder, "--all-faults") == 2
    assert "annotations[26]" in capsys.readouterr().err


def test_runs_and_datasets_as_json(evaluated, capsys):
    capsys.readouterr()
    assert main(["runs", "--json"]) == 0
    assert {run["run"] for run in json.loads(capsys.readouterr().out)} == {"right", "cats"}
    assert main(["datasets", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["images"] == 3
