"""Where numba keeps compiled code when it cannot keep it where it would.

It keeps it beside the sources, or else in the user's own cache folder; where it may write into
neither, as in a read-only container without a home, it refuses to compile at all.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

CACHE_DIR = "NUMBA_CACHE_DIR"


def keep_compiled_code() -> None:
    """Have numba compile for this process and its children alone where nothing can be kept.

    Must come before numba is imported, which reads the variable once. The folder is nobody else's:
    what numba finds in a cache it runs.
    """
    if any(_writable(folder) for folder in _folders()):
        return
    folder = tempfile.mkdtemp(prefix="overlook-")
    os.environ[CACHE_DIR] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _folders() -> Iterator[Path]:
    """Yield the folders that numba would take, in its order."""
    given = os.environ.get(CACHE_DIR)
    if given:
        yield Path(given)
    yield Path(__file__).parent
    with suppress(RuntimeError):  # nobody knows where this account is at home
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())


def _writable(folder: Path) -> bool:
    """Whether a folder, or the nearest one above it that is there, can be written into."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), None)
    return there is not None and there.is_dir() and os.access(there, os.W_OK | os.X_OK)
