"""Folders of the server that a page may read: only below the one that its owner names."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import UsageError

VARIABLE = "EVALUATION_IMPORT_FOLDER"


def allowed_folder() -> Path | None:
    """Return the folder below which a page may read, or None where none is named."""
    given = os.environ.get(VARIABLE)
    return Path(given).expanduser().resolve() if given else None


def folder_within(given: str, most_files: int) -> Path:
    """Return a folder that may be read.

    Args:
        given: absolute, or relative to the allowed folder; links are followed before it is judged.
        most_files: how many files it may hold.

    Raises:
        UsageError: no folder is allowed, or this is none below it, or it holds too much.
    """
    allowed = allowed_folder()
    if allowed is None:
        raise UsageError(
            "This server reads no folders of its own for visitors. Whoever runs it can allow one "
            f"by starting it with {VARIABLE}=/a/folder."
        )
    try:
        folder = (allowed / given).resolve()
        inside = folder.is_relative_to(allowed) and folder.is_dir()
    except (OSError, ValueError, RuntimeError):  # a NUL, a name too long, links in a circle
        inside = False
    if not inside:
        # what lies elsewhere is not told, not even whether it is there
        raise UsageError(f"{given!r} is no folder in {allowed}. Name one in there.")
    files = 0
    for _, _, names in os.walk(folder):
        files += len(names)
        if files > most_files:
            raise UsageError(
                f"{given!r} holds more than {most_files:,} files. Import large data sets from a "
                "terminal, with python -m core import."
            )
    return folder
