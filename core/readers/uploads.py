"""Files that a browser sent, laid in a lasting place beside the store.

    uploads/STORE/ID/upload.json    when it was taken, and whether a data set was made of it
    uploads/STORE/ID/files/…        the files, archives unpacked

Archives are from strangers: no entry leads out of the folder, is a link, or unpacks to more than
the limits, whatever its header says.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import IO

from core.errors import UsageError
from core.readers.faults import shown
from core.readers.images import ENDINGS, check_path, header_size

RECORD, FILES = "upload.json", "files"
LIMIT_VARIABLE = "EVALUATION_UPLOAD_MB"
MEGABYTE = 1_000_000
IDENTIFIER = re.compile(r"[0-9a-f]{16}")
COPY_BYTES = 1 << 20
# what is never part of a data set
PASSED_OVER = ("__MACOSX", ".DS_Store", "Thumbs.db")
ABANDONED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    """How much one upload may be.

    Attributes:
        megabytes: of all files together, unpacked; 0 takes none.
        files: number of files.
        megapixels: of all images together, by their headers.
    """

    megabytes: int = 500
    files: int = 20_000
    megapixels: int = 4_000

    def told(self) -> str:
        """Return the limits in words."""
        return (
            f"at most {self.megabytes:,} MB unpacked, {self.files:,} files and "
            f"{self.megapixels:,} megapixels"
        )


def limits() -> Limits:
    """Return the limits, of which `EVALUATION_UPLOAD_MB` may set the megabytes."""
    given = os.environ.get(LIMIT_VARIABLE, "")
    return Limits(megabytes=int(given)) if given.isdecimal() else Limits()


def uploads_folder(store: Path) -> Path:
    """Return the folder of the uploads that belong to a store."""
    return store.parent / "uploads" / store.name


def import_job(store: Path) -> Path:
    """Return the folder of the job by which a page imports into a store."""
    return store.parent / "uploads" / f"{store.name}.job"


def files_of(folder: Path, identifier: str) -> Path | None:
    """Return the folder of an upload's files, or None where there is no such upload."""
    if not IDENTIFIER.fullmatch(identifier):
        return None
    files = folder / identifier / FILES
    return files if files.is_dir() else None


def take(folder: Path, sent: Iterable[tuple[str, IO[bytes]]], most: Limits) -> str:
    """Lay files beside the store, zip archives unpacked, and return the upload's identifier.

    Nothing is left of an upload that is refused. Uploads that nothing was made of go after a day.

    Args:
        folder: of `uploads_folder`.
        sent: name and content of each file.
        most: how much they may be.

    Raises:
        UsageError: they are too much, or an archive is broken or leads elsewhere.
    """
    sweep(folder)
    identifier = secrets.token_hex(8)
    own = folder / identifier
    try:
        (own / FILES).mkdir(parents=True)
        intake = _Intake(own / FILES, most)
        for name, content in sent:
            intake.add(name, content)
        intake.check_images()
        _write(own, kept=False)
    except OSError as error:
        shutil.rmtree(own, ignore_errors=True)
        raise UsageError(f"{folder} cannot be written ({error.strerror}).") from error
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    return identifier


def keep(folder: Path, identifier: str) -> None:
    """Keep an upload for good: a data set is going to be made of it."""
    if files_of(folder, identifier) is not None:
        _write(folder / identifier, kept=True)


def is_kept(folder: Path, identifier: str) -> bool:
    """Return whether an upload stays for good."""
    record = _read(folder / identifier)
    return record is not None and bool(record["kept"])


def discard(folder: Path, identifier: str) -> None:
    """Remove an upload of which nothing was made."""
    if files_of(folder, identifier) is not None and not is_kept(folder, identifier):
        shutil.rmtree(folder / identifier, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove uploads of which nothing was made within a day."""
    for own in folder.glob("*") if folder.is_dir() else ():
        record = _read(own)
        if record is None or record["kept"]:
            continue
        if datetime.now(UTC) - datetime.fromisoformat(str(record["taken"])) > ABANDONED_AFTER:
            shutil.rmtree(own, ignore_errors=True)


def _write(own: Path, *, kept: bool) -> None:
    record = {"taken": datetime.now(UTC).isoformat(), "kept": kept}
    (own / RECORD).write_text(json.dumps(record), encoding="utf-8")


def _read(own: Path) -> dict[str, object] | None:
    try:
        record = json.loads((own / RECORD).read_text(encoding="utf-8"))
        return {"taken": record["taken"], "kept": record["kept"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


class _Intake:
    """The files of one upload on their way to the disk, counted against the limits."""

    def __init__(self, root: Path, most: Limits) -> None:
        self._root = root
        self._most = most
        self._left = most.megabytes * MEGABYTE
        self._files = 0

    def add(self, name: str, content: IO[bytes]) -> None:
        """Write one file, or the files of an archive."""
        if name.lower().endswith(".zip"):
            self._unpack(name, content)
        else:
            self._write(PurePosixPath(name).name, name, content)

    def _unpack(self, name: str, content: IO[bytes]) -> None:
        try:
            with zipfile.ZipFile(content) as archive:
                for entry in _entries(archive, name):
                    with archive.open(entry) as stored:
                        self._write(entry.filename, f"{name}: {entry.filename}", stored)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError) as e:
            raise UsageError(
                f"{name} cannot be unpacked ({e}). Send a zip archive without a password, whole."
            ) from e

    def _write(self, path: str, told: str, content: IO[bytes]) -> None:
        fault = check_path(path)
        if fault:
            raise UsageError(f"{told}: {fault}. Nothing was taken.")
        self._files += 1
        target = self._root / path
        if self._files > self._most.files:
            raise self._too_much(f"more than {self._most.files:,} files")
        if target.exists():
            raise UsageError(f"{told}: there are two files of this name. Nothing was taken.")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise UsageError(f"{told}: a file and a folder have one name.") from error
        with target.open("wb") as file:
            while block := content.read(COPY_BYTES):
                # what is counted is what comes out, not what the archive says of itself
                self._left -= len(block)
                if self._left < 0:
                    raise self._too_much(f"more than {self._most.megabytes:,} MB")
                file.write(block)

    def check_images(self) -> None:
        """Refuse more pixels than may be decoded."""
        left = self._most.megapixels * MEGABYTE
        for path in self._root.rglob("*"):
            if path.suffix.lower() in ENDINGS:
                left -= _pixels(path)
                if left < 0:
                    raise self._too_much(f"more than {self._most.megapixels:,} megapixels")

    def _too_much(self, what: str) -> UsageError:
        return UsageError(
            f"The files are {what}; taken are {self._most.told()}. Nothing was taken. Import large "
            "data sets from a terminal with python -m core import, which has no such limits, or "
            f"let whoever runs the server set {LIMIT_VARIABLE}."
        )


def _pixels(path: Path) -> int:
    """Return the pixels of an image by its header; 0 where the reader will tell what it is."""
    try:
        height, width = header_size(path)
    except UsageError:
        return 0
    return height * width


def _entries(archive: zipfile.ZipFile, name: str) -> Iterator[zipfile.ZipInfo]:
    """Yield the files of an archive.

    Raises:
        UsageError: an entry is a link or a device.
    """
    for entry in archive.infolist():
        if entry.is_dir() or any(part in PASSED_OVER for part in entry.filename.split("/")):
            continue
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise UsageError(
                f"{name}: the entry {shown(entry.filename)} is a link or a device; expected files "
                "alone. Pack the files themselves. Nothing was taken."
            )
        yield entry
