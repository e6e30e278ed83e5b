"""Where something was read from, with a fingerprint of its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from core.readers.json_file import read_file
from core.structures import Source


def folder_source(name: str, folder: Path, digests: Mapping[str, str]) -> Source:
    """Return the source of what was read from many files.

    Args:
        name: the format.
        folder: as the user wrote it.
        digests: file name, relative to the folder, to the SHA-256 of the file.
    """
    lines = "".join(f"{file}\0{digest}\n" for file, digest in sorted(digests.items()))
    return Source(name, str(folder), hashlib.sha256(lines.encode("utf-8")).hexdigest())


def file_digests(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the SHA-256 of each file, by the name it has in a folder's source."""
    return {name: hashlib.sha256(read_file(path)).hexdigest() for name, path in files.items()}
