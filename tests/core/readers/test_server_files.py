"""A page reads folders of the server only below the one that is allowed."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.readers.server_files import VARIABLE, folder_within


@pytest.fixture
def allowed(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    (folder / "set").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "data2").mkdir()
    (folder / "a.txt").write_text("1")
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "in").symlink_to(folder / "set")
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


def test_folders_inside_are_read(allowed):
    assert folder_within("set", 5) == allowed / "set"
    assert folder_within(str(allowed / "set"), 5) == allowed / "set"
    assert folder_within("in", 5) == allowed / "set"
    assert folder_within(".", 5) == allowed


@pytest.mark.parametrize(
    "given",
    ["..", "../secret", "../data2", "/etc", "/", "out", "a.txt", "none", "set\0", "x" * 999],
)
def test_all_else_is_refused_in_one_voice(allowed, given):
    with pytest.raises(UsageError, match="is no folder in"):
        folder_within(given, 5)


def test_large_folders_belong_to_the_terminal(allowed):
    for name in "abc":
        (allowed / "set" / name).write_text("1")
    assert folder_within("set", 3)
    with pytest.raises(UsageError, match="more than 2 files"):
        folder_within("set", 2)


def test_without_a_name_nothing_is_allowed(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(UsageError, match="reads no folders of its own"):
        folder_within("/", 5)
