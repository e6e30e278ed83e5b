"""Uploads: laid beside the store, counted by what comes out, nothing left of what is refused."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError
from core.readers import uploads
from core.readers.uploads import Limits

MB = 1_000_000


def archive(entries, **options):
    """A zip of (name or ZipInfo, bytes)."""
    sent = io.BytesIO()
    with zipfile.ZipFile(sent, "w", **options) as made:
        for name, content in entries:
            made.writestr(name, content)
    sent.seek(0)
    return sent


def take(tmp_path, *sent, most=None):
    return uploads.take(tmp_path / "up", sent, most or Limits())


def left(tmp_path):
    return [path for path in (tmp_path / "up").rglob("*") if path.is_file()]


def test_files_lie_as_they_were_sent_and_archives_unpacked(tmp_path):
    packed = archive([("a/b.txt", b"1"), ("__MACOSX/a/b.txt", b"no"), ("a/.DS_Store", b"no")])
    own = take(tmp_path, ("set.ZIP", packed), ("x.json", io.BytesIO(b"{}")))
    files = uploads.files_of(tmp_path / "up", own)
    there = {
        p.relative_to(files).as_posix(): p.read_bytes() for p in files.rglob("*") if p.is_file()
    }
    assert there == {"a/b.txt": b"1", "x.json": b"{}"}


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


BAD = {
    "up": ([("../out.txt", b"1")], "leads out of the folder"),
    "deep": ([("a/../../out.txt", b"1")], "leads out of the folder"),
    "absolute": ([("/out.txt", b"1")], "is absolute"),
    "drive": ([("C:/out.txt", b"1")], "is absolute"),
    "backslash": ([("a\\b.txt", b"1")], "backslashes"),
    "link": ([(link("a"), b"/etc/passwd")], "is a link"),
    "file below a file": ([("a", b"1"), ("a/b", b"2")], "a file and a folder have one name"),
    "files": ([(f"{i}.txt", b"") for i in range(6)], "more than 5 files"),
    "bytes": ([("a.txt", b"1" * (MB + 1))], "more than 1 MB"),
    "bytes of many": ([(f"{i}.txt", b"1" * 300_000) for i in range(4)], "more than 1 MB"),
}


@pytest.mark.parametrize("name", BAD, ids=BAD)
def test_what_is_too_much_or_leads_elsewhere_leaves_nothing(tmp_path, name):
    entries, said = BAD[name]
    packed = archive([("good.txt", b"1"), *entries], compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(UsageError, match=said):
        take(tmp_path, ("set.zip", packed), most=Limits(megabytes=1, files=5))
    assert left(tmp_path) == []
    assert not (tmp_path / "out.txt").exists()


def test_a_size_that_the_header_hides_counts_all_the_same(tmp_path):
    """The directory says ten bytes; three megabytes come out."""
    packed = bytearray(archive([("a.txt", b"1" * 3 * MB)], compression=zipfile.ZIP_DEFLATED).read())
    for magic, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = packed.rindex(magic)
        packed[start + at : start + at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(UsageError):
        take(tmp_path, ("set.zip", io.BytesIO(packed)), most=Limits(megabytes=1))
    assert left(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"no zip"])
def test_a_broken_archive_is_told(tmp_path, content):
    with pytest.raises(UsageError, match=r"set\.zip cannot be unpacked"):
        take(tmp_path, ("set.zip", io.BytesIO(content)))
    assert left(tmp_path) == []


def test_pixels_count_by_their_headers(tmp_path):
    sent = io.BytesIO()
    Image.fromarray(np.zeros((1100, 1000), np.uint8)).save(sent, "PNG")
    for most, taken in ((Limits(megapixels=1), False), (Limits(megapixels=2), True)):
        sent.seek(0)
        if taken:
            assert take(tmp_path, ("a.png", sent), most=most)
        else:
            with pytest.raises(UsageError, match="more than 1 megapixels"):
                take(tmp_path, ("a.png", sent), most=most)


def test_two_files_of_one_name_are_refused(tmp_path):
    with pytest.raises(UsageError, match="two files of this name"):
        take(tmp_path, ("a.txt", io.BytesIO(b"1")), ("d/a.txt", io.BytesIO(b"2")))


@pytest.mark.parametrize("identifier", ["", "..", "../up", "0" * 15, "g" * 16, "0" * 16])
def test_only_uploads_have_files(tmp_path, identifier):
    take(tmp_path, ("a.txt", io.BytesIO(b"1")))
    assert uploads.files_of(tmp_path / "up", identifier) is None


def test_uploads_of_which_nothing_was_made_go_after_a_day(tmp_path):
    folder = tmp_path / "up"
    old, kept, new = (take(tmp_path, ("a.txt", io.BytesIO(b"1"))) for _ in range(3))
    uploads.keep(folder, kept)
    for each in (old, kept):
        record = folder / each / "upload.json"
        fields = json.loads(record.read_text())
        record.write_text(
            json.dumps({**fields, "taken": (datetime.now(UTC) - timedelta(days=2)).isoformat()})
        )
    uploads.sweep(folder)
    assert [uploads.files_of(folder, each) is not None for each in (old, kept, new)] == [
        *(False, True, True)
    ]
    uploads.discard(folder, kept)
    uploads.discard(folder, new)
    assert uploads.files_of(folder, kept) is not None
    assert uploads.files_of(folder, new) is None


@pytest.mark.parametrize(("given", "megabytes"), [("", 500), ("7", 7), ("0", 0), ("-1", 500)])
def test_the_owner_of_the_server_sets_the_megabytes(monkeypatch, given, megabytes):
    monkeypatch.setenv(uploads.LIMIT_VARIABLE, given)
    assert uploads.limits().megabytes == megabytes
