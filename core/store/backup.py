"""Copies of the store: made while jobs write and pages read, and put back."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError, WorkFailedError
from core.jobs import AtWorkError, only_one
from core.store.attachment import Attachment
from core.store.connection import Store
from core.store.files import STAMP, backup_folder, backups, log_of
from core.store.migrate import version

WAIT = 120.0


@dataclass(frozen=True)
class Copied:
    """A copy that is whole and on the disk.

    Attributes:
        path: where it is.
        rows: of all tables, each table counted again in the copy.
        size: bytes.
        seconds: from the first question to the last byte on the disk.
    """

    path: Path
    rows: int
    size: int
    seconds: float


def back_up(store: Store, path: Path) -> Copied:
    """Copy a store as it is at one moment; pages go on reading, jobs wait with their commits.

    Args:
        store: of this schema or an older one.
        path: of the copy; nothing may be there.

    Raises:
        UsageError: there is something at the path, the folder cannot be made, or another backup
            of the store is being made.
        StoreMissingError: nothing was stored yet.
        StoreBusyError: the store was in use for too long.
        FaultyStoreError: the file is damaged, no store, or of a newer schema.
        WorkFailedError: the disk does not take the copy; nothing of it is left.
    """
    started = time.monotonic()
    store.require_existing()
    _refuse_existing(path)
    with _only_backup(store), _aside(path) as aside:
        rows = store.copy_to(aside)
        _to_disk(aside)
        _refuse_existing(path)
        aside.replace(path)
    _to_disk(path.parent)
    return Copied(path, rows, path.stat().st_size, time.monotonic() - started)


def restore(store: Store, copy: Path) -> tuple[Copied, Path | None]:
    """Put a copy in the place of a store, and keep what was there beside it.

    Every block of the copy is read, and so checked, before the store is touched. An older schema
    is brought up to date by the next write.

    Args:
        store: need not exist, and may be damaged.
        copy: the file that `back_up` made; it is left as it is.

    Returns:
        What was put in place, and where the store that was there is now, if there was one.

    Raises:
        UsageError: the copy is not there, is the store itself, or is no sound store.
        StoreBusyError: the store was in use for too long.
        WorkFailedError: the disk does not take the copy; the store is as it was.
    """
    started = time.monotonic()
    if not copy.is_file():
        raise UsageError(f"{copy} is not a file; expected a copy that `core backup` made.")
    if store.exists() and copy.samefile(store.path):
        raise UsageError(f"{copy} is the store itself; expected a copy of it.")
    with _only_backup(store), _aside(store.path) as aside:
        source = Attachment(copy)
        with source.cursor(read_only=True, deadline=started + WAIT) as cursor:
            version(cursor, copy)
            rows = source.copy_to(aside)
        _to_disk(aside)
        replaced = _put_in_place(store, aside)
    _to_disk(store.path.parent)
    seconds = time.monotonic() - started
    return Copied(store.path, rows, store.path.stat().st_size, seconds), replaced


def forget_older(store: Path, keep: int, made: Path) -> list[Path]:
    """Delete all but the newest copies of a store, and return what was deleted.

    Args:
        store: its file.
        keep: how many to keep, at least 1.
        made: the copy that was just made, which stays whatever the clock said.
    """
    others = [path for path in backups(store) if path != made]
    surplus = others[: max(0, len(others) - (keep - 1))]
    for path in surplus:
        path.unlink()
    return surplus


@contextmanager
def _only_backup(store: Store) -> Iterator[None]:
    try:
        with only_one(backup_folder(store.path)):
            yield
    except AtWorkError as error:
        raise UsageError(
            f"Process {error.pid or 'of unknown number'} is making or restoring a copy of "
            f"{store.path} already. Wait for it and try again."
        ) from error


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """Give a name beside a path for what is not whole yet, and leave nothing there."""
    aside = path.with_name(path.name + ".copy")
    leftovers = (aside, log_of(aside))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for each in leftovers:  # of a process that was killed; and the folder can be written
            each.touch()
            each.unlink()
        yield aside
    except OSError as error:
        raise WorkFailedError(
            f"{path} cannot be written ({error.strerror}). Make room or name another folder, and "
            "try again: nothing was changed."
        ) from error
    finally:
        for each in leftovers:
            with suppress(OSError):
                each.unlink(missing_ok=True)


def _put_in_place(store: Store, whole: Path) -> Path | None:
    """Let a file take the place of the store; return where the one that was there is now."""
    path, replaced = store.path, None
    with store.alone():
        if store.exists():
            stamp = time.strftime(STAMP)
            replaced = path.with_name(f"{path.stem}.replaced.{stamp}{path.suffix}")
            _refuse_existing(replaced)
            path.rename(replaced)
        # a log that stayed would be applied to the copy
        if log_of(path).exists():
            log_of(path).rename(log_of(replaced or path.with_name(f"{path.name}.replaced")))
        whole.replace(path)
    return replaced


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} exists already, and a backup replaces nothing. Name another.")


def _to_disk(path: Path) -> None:
    """Bring a file's bytes, or a folder's names, to the disk: the power may fail."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
