"""What SAM's encoder says of an image, kept so that it is computed once for all prompts.

The encoder is nearly all of SAM's work, and it does not depend on the prompts. The last images are
kept in memory; with a folder named in the environment all are kept on disk as well, for other
systems with the same weights and for jobs that go on.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import WorkFailedError

ENVIRONMENT_VARIABLE = "OVERLOOK_EMBEDDINGS"
KEPT_IN_MEMORY = 8

Embedding = NDArray[np.float32]


class Embeddings:
    """The embeddings of one set of weights on one kind of device."""

    def __init__(self, owner: str, folder: Path | None = None) -> None:
        """Keep nothing yet.

        Args:
            owner: what the embeddings depend on besides the image, as a file name.
            folder: where they are kept on disk, or None.
        """
        self._recent: OrderedDict[str, Embedding] = OrderedDict()
        self._folder = None if folder is None else folder / owner

    def of(self, pixels: NDArray[np.uint8], compute: Callable[[], Embedding]) -> Embedding:
        """Return the embedding of an image, computed if it is not kept.

        Raises:
            WorkFailedError: the folder cannot be written to.
        """
        key = _key(pixels)
        embedding = self._recent.pop(key, None)
        if embedding is None:
            embedding = self._read(key)
        if embedding is None:
            embedding = compute()
            self._write(key, embedding)
        self._recent[key] = embedding
        if len(self._recent) > KEPT_IN_MEMORY:
            self._recent.popitem(last=False)
        return embedding

    def _read(self, key: str) -> Embedding | None:
        if self._folder is None:
            return None
        try:
            found: Embedding = np.load(self._folder / f"{key}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):  # absent, or cut off by a full disk
            return None
        return found

    def _write(self, key: str, embedding: Embedding) -> None:
        if self._folder is None:
            return
        unfinished = self._folder / f"{key}.{os.getpid()}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                np.save(file, embedding, allow_pickle=False)
            unfinished.replace(self._folder / f"{key}.npy")
        except OSError as error:
            raise WorkFailedError(
                f"SAM's embeddings cannot be kept in {self._folder} ({error.strerror}). Make room "
                f"there, or unset {ENVIRONMENT_VARIABLE} to keep none."
            ) from error


def folder_of_environment() -> Path | None:
    """Return the folder for embeddings that the environment names, or None."""
    given = os.environ.get(ENVIRONMENT_VARIABLE)
    return Path(given).expanduser() if given else None


def _key(pixels: NDArray[np.uint8]) -> str:
    digest = hashlib.sha256(f"{pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
