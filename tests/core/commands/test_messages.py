"""What commands say of inputs that are faulty, misplaced or unused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.errors import FaultyInputError, told_faults

WRONG_SET = [f"[{i}]: image_id is {i * 7}, and no image of 'val' has this id" for i in range(2312)]


def test_faults_of_one_kind_are_grouped_and_every_kind_is_told():
    faults = [*WRONG_SET, "[9]: score is 'high', expected a number", "x.png: is not a PNG"]
    told = str(FaultyInputError("r.json", faults, "Mend them."))
    assert "2,314 faults found" in told
    assert told.count("no image of 'val'") == 3
    assert "… and 2,309 more of this kind" in told
    assert "expected a number" in told
    assert "x.png: is not a PNG" in told
    assert "--all-faults lists them all. Mend them." in told


def test_few_faults_are_all_told_and_so_are_all_when_asked():
    assert list(told_faults(WRONG_SET[:20], 20)) == WRONG_SET[:20]
    assert "--all-faults" not in str(FaultyInputError("r.json", WRONG_SET[:20], "Mend them."))
    assert list(told_faults(WRONG_SET, None)) == WRONG_SET


def test_many_kinds_are_cut_short():
    kinds = [f"[{i}]: {chr(97 + i // 26)}{chr(97 + i % 26)} is missing" for i in range(50)]
    told = list(told_faults(kinds, 20))
    assert told[:20] == kinds[:20]
    assert told[20:] == ["… and 30 more kinds of fault"]


@pytest.fixture
def streets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two photographs with their label PNGs, stored as the data set "streets"."""
    monkeypatch.setenv("EVALUATION_STORE", str(tmp_path / "s.duckdb"))
    for folder in ("images", "labels", "found"):
        (tmp_path / folder).mkdir()
        for name in ("a", "b"):
            Image.fromarray(np.zeros((4, 6), np.uint8)).save(tmp_path / folder / f"{name}.png")
    (tmp_path / "classes.txt").write_text("road\ncar\n")
    assert main(imports(tmp_path, "label-png", "--classes", str(tmp_path / "classes.txt"))) == 0
    return tmp_path


def imports(folder: Path, form: str, *options: str) -> list[str]:
    places = ["--annotations", str(folder / "labels"), "--images", str(folder / "images")]
    return ["import", "streets", "--format", form, *places, *options]


@pytest.mark.parametrize(
    ("form", "options", "owner"),
    [
        ("coco", ["--void", "0"], "--void belongs to --format label-png"),
        ("coco", ["--classes", "c.txt"], "--classes belongs to --format csv or label-png"),
        ("label-png", ["--no-images"], "--no-images belongs to --format coco or coco-panoptic,"),
        ("label-png", ["--png", "labels"], "--png belongs to --format coco-panoptic"),
    ],
)
def test_an_option_of_another_format_is_refused(streets, capsys, form, options, owner):
    capsys.readouterr()
    assert main(imports(streets, form, *options)) == 2
    printed = capsys.readouterr().err
    assert owner in printed
    assert f"the format is {form}" in printed


def test_label_pngs_that_fit_no_image_are_named(streets, capsys):
    command = ["import-run", "r", "--dataset", "streets", "--format", "label-png"]
    for name in ("c", "d"):
        Image.fromarray(np.zeros((4, 6), np.uint8)).save(streets / "found" / f"{name}.png")
    capsys.readouterr()
    assert main([*command, "--dry-run", str(streets / "found")]) == 0
    assert "2 PNGs fit no image of streets · val" in capsys.readouterr().out
    (streets / "found" / "c.png").unlink()
    (streets / "found" / "d.png").unlink()
    assert main([*command, str(streets / "found")]) == 0
    assert "fit no image" not in capsys.readouterr().out
