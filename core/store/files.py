"""Files beside a store: its log, its copies, and which of them is the newest."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

STAMP = "%Y%m%d-%H%M%S"
STAMPED = r"\d{8}-\d{6}"


def log_of(path: Path) -> Path:
    """Return where DuckDB writes what is not yet in the file itself."""
    return path.with_name(path.name + ".wal")


def backup_folder(store: Path) -> Path:
    """Return the folder beside a store that keeps its copies."""
    return store.parent / "backups"


def backup_path(store: Path, moment: datetime) -> Path:
    """Return the name of a copy that is made at a moment; names ascend with time."""
    return backup_folder(store) / f"{store.stem}.{moment:{STAMP}}{store.suffix}"


def backups(store: Path) -> list[Path]:
    """Return the copies of a store that bear such a name, oldest first."""
    name = re.compile(re.escape(store.stem) + rf"\.{STAMPED}" + re.escape(store.suffix))
    folder = backup_folder(store)
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in there if name.fullmatch(path.name))
