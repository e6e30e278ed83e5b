"""python -m core demo-data."""

import json

import pytest

from core.__main__ import main
from core.commands.demo_data import read_counts
from core.errors import UsageError


def test_it_makes_the_splits_and_says_how_to_read_them(tmp_path, capsys):
    out = tmp_path / "demo"
    assert main(["demo-data", str(out), "--images", "train=2,test=1"]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "test",
        "test.json",
        "train",
        "train.json",
    ]
    assert f"--annotations {out / 'test.json'} --images {out / 'test'}" in capsys.readouterr().out


def test_its_advice_works(tmp_path, capsys):
    out = tmp_path / "demo"
    assert main(["demo-data", str(out), "--images", "val=2"]) == 0
    advice = capsys.readouterr().out.partition("python -m core ")[2].split()
    assert main([*advice, "--store", str(tmp_path / "store.duckdb")]) == 0
    assert "demo · val: 2 images, 12 classes" in capsys.readouterr().out


def test_single_makes_digits(tmp_path):
    out = tmp_path / "single"
    assert main(["demo-data", str(out), "--single", "--images", "val=3", "--seed", "4"]) == 0
    document = json.loads((out / "val.json").read_text())
    assert len(document["annotations"]) == len(document["images"]) == 3
    assert len(document["categories"]) == 10


def test_a_folder_in_use_is_exit_status_2(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["demo-data", str(tmp_path), "--images", "val=1"]) == 2
    assert "is no empty folder" in capsys.readouterr().err


def test_counts_are_read_in_the_order_given():
    assert list(read_counts("test=3, train=12").items()) == [("test", 3), ("train", 12)]


@pytest.mark.parametrize(
    "text", ["", "train", "train=", "train=x", "train=-1", "dev=3", "val=1,val=2"]
)
def test_counts_written_otherwise_are_refused(text):
    with pytest.raises(UsageError, match="expected one of train, val, test"):
        read_counts(text)
