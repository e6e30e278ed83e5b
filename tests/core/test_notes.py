"""Notes: kept once, undone whole, known by the files' ids, safe among several writers."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from core.errors import UsageError
from core.notes import MOST_LETTERS, NOTE, TAG, VIEW, Entry, Notes, Place

ONE, TWO = Place("pets", "val", 1), Place("pets", "val", 2)
BLURRED = Entry(TAG, ONE, "blurred")
HOSTILE = "'); DROP TABLE entry; -- <script>"


@pytest.fixture
def notes(tmp_path) -> Notes:
    return Notes.beside(tmp_path / "results" / "evaluation.duckdb")


def on_pets(notes: Notes, kind: str = TAG) -> list[Entry]:
    return notes.entries(kind, "pets", "val")


def test_reading_makes_no_file(notes):
    assert on_pets(notes) == []
    assert not notes.path.parent.exists()
    notes.add([BLURRED])
    assert notes.path.name == "evaluation.notes.sqlite"


def test_entries_are_kept_as_they_are_written(notes):
    written = [BLURRED, Entry(TAG, TWO, HOSTILE), Entry(NOTE, ONE, "zwei\nZeilen ‮ ☃")]
    notes.add(written)
    assert on_pets(notes) == written[:2]
    assert on_pets(notes, NOTE) == written[2:]
    assert notes.entries(TAG, "pets", "test") == []


def test_a_tag_is_kept_once(notes):
    assert notes.add([BLURRED]) is not None
    assert notes.add([BLURRED]) is None
    assert notes.add([BLURRED, replace(BLURRED, place=TWO)]) is not None
    assert on_pets(notes) == [BLURRED, replace(BLURRED, place=TWO)]


def test_undo_takes_back_one_change_and_no_other(notes):
    notes.add([BLURRED])
    second = notes.add([replace(BLURRED, place=TWO), Entry(TAG, TWO, "night")])
    removal = notes.remove([BLURRED, Entry(TAG, TWO, "night")])
    assert on_pets(notes) == [replace(BLURRED, place=TWO)]
    assert notes.remove([BLURRED]) is None
    notes.undo(removal)
    assert len(on_pets(notes)) == 3
    notes.undo(second)
    assert on_pets(notes) == [BLURRED]


def test_a_view_of_a_name_is_replaced_and_undo_returns_the_old_one(notes):
    old, new = (Entry(VIEW, Place(), "mine", link) for link in ("Masks?image=1", "Masks?image=2"))
    notes.add([old])
    change = notes.add([new])
    assert notes.entries(VIEW) == [new]
    notes.undo(change)
    assert notes.entries(VIEW) == [old]


@pytest.mark.parametrize("text", ["", "  \n", "x" * (MOST_LETTERS[TAG] + 1)])
def test_texts_of_no_use_are_refused_and_nothing_is_kept(notes, text):
    with pytest.raises(UsageError, match="expected 1 to 60"):
        notes.add([BLURRED, Entry(TAG, ONE, text)])
    assert on_pets(notes) == []


def test_a_foreign_file_is_told(notes):
    notes.path.parent.mkdir()
    notes.path.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    with pytest.raises(UsageError, match="cannot be read or written"):
        on_pets(notes)


def test_writers_at_once_lose_nothing(notes):
    def write(writer: int) -> None:
        for index in range(10):
            notes.add([Entry(TAG, ONE, f"{writer} {index}")])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(on_pets(notes)) == 40
