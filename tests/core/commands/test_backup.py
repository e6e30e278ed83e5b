"""backup and restore, as typed: what they print, and what they refuse."""

from __future__ import annotations

import re

import pytest

from core.__main__ import main
from core.store.connection import Store
from core.store.files import backups


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store without a row, which commands find by themselves."""
    path = tmp_path / "evaluation.duckdb"
    monkeypatch.setenv("EVALUATION_STORE", str(path))
    with Store.at(path).write():
        pass
    return Store.at(path)


def test_a_copy_is_made_told_and_put_back(store, capsys):
    assert main(["backup"]) == 0
    printed = capsys.readouterr().out
    (path,) = backups(store.path)
    said = rf"Copied {store.path} to {path}: [\d,]+ rows, [\d.]+ MB, in [\d.]+ s; every table"
    assert re.search(said, printed)
    assert f"python -m core restore {path}" in printed
    assert main(["restore", str(path)]) == 0
    printed = capsys.readouterr().out
    assert f"Put {path} back as {store.path}" in printed
    (replaced,) = store.path.parent.glob("evaluation.replaced.*.duckdb")
    assert f"What was there is now {replaced}" in printed


def test_keep_deletes_the_oldest_of_the_copies_it_named(store, tmp_path, capsys):
    oldest = tmp_path / "backups" / "evaluation.20200101-000000.duckdb"
    oldest.parent.mkdir()
    for path in (oldest, oldest.with_name("evaluation.20210101-000000.duckdb")):
        path.touch()
    assert main(["backup", "--keep", "2"]) == 0
    assert f"Deleted {oldest}." in capsys.readouterr().out
    older, made = backups(store.path)
    assert older.name == "evaluation.20210101-000000.duckdb"
    assert made.stat().st_size > 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--keep", "0"], "--keep is 0; expected"),
        (["--keep", "2", "--out", "x.duckdb"], "leave out --out"),
        (["--out", __file__], "exists already, and a backup replaces nothing"),
    ],
)
def test_refused(store, capsys, options, told):
    assert main(["backup", *options]) == 2
    assert told in capsys.readouterr().err
    assert backups(store.path) == []
