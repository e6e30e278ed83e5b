"""Targets appear whole or not at all."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.targets import new_file, new_folder


def test_a_file_appears_when_all_is_written(tmp_path):
    with new_file(tmp_path / "a.txt") as unfinished:
        unfinished.write_text("all")
        assert not (tmp_path / "a.txt").exists()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["all"]


def test_a_failure_leaves_what_was_there(tmp_path):
    (tmp_path / "a.txt").write_text("before")

    def fail() -> None:
        with new_file(tmp_path / "a.txt", force=True) as unfinished:
            unfinished.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_a_folder_is_replaced_only_if_exports_wrote_it(tmp_path):
    folder = tmp_path / "maps"
    for text in ("one", "two"):
        with new_folder(folder, ".png", force=True) as unfinished:
            (unfinished / f"{text}.png").write_text(text)
    assert [path.name for path in folder.iterdir()] == ["two.png"]
    (folder / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match=r"thesis\.tex"), new_folder(folder, ".png", force=True):
        pass
    assert (folder / "thesis.tex").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["maps"]


@pytest.mark.parametrize("opened", [new_file, lambda path: new_folder(path, ".png")])
def test_what_is_there_is_not_touched_without_force(tmp_path, opened):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.png").write_text("mine")
    for name in ("file", "folder"):
        with pytest.raises(UsageError), opened(tmp_path / name):
            pass


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"), new_file(tmp_path / "file" / "a"):
        pass
