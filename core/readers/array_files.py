"""Arrays in files from strangers: .npy and IDX, looked at before anything is believed.

Nothing is unpickled, nothing is mapped into memory (a mapped file that shrinks kills the
program), and no more is read than the header claims and the file holds.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import threading
import warnings
import zlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from core.errors import UsageError

NPY_START, GZIP_START, IDX_START = b"\x93NUMPY", b"\x1f\x8b", b"\x00\x00"
# Booleans, signed and unsigned whole numbers, floating point: kinds whose bytes are only numbers
NUMBERS = "biuf"
IDX_BYTES = 0x08
MOST_DIMENSIONS = 4
MOST_UNPACKED = 2**30
PIECE = 2**20
# What numpy raises for headers that are no dictionary of plain values.
BAD_HEADER = (ValueError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError)
_unpacking = threading.Lock()


@dataclass(frozen=True)
class ArrayFile:
    """An array whose file holds exactly what its header claims.

    Attributes:
        path: of the file.
        dtype: of its numbers, with their byte order.
        shape: its dimensions, each 1 or more.
        start: of the numbers in the file, bytes; of the unpacked file if it is packed.
        packed: the file is compressed by gzip.
    """

    path: Path
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    packed: bool

    @property
    def size(self) -> int:
        """Return the number of numbers."""
        return math.prod(self.shape)

    def numbers(self, first: int, count: int) -> NDArray[Any]:
        """Return some of the numbers in their order (the last dimension fastest), shape (count,).

        Raises:
            UsageError: the array has no such numbers, or the file has become shorter.
        """
        if not 0 <= first <= first + count <= self.size:
            raise UsageError(
                f"{self.path}: it holds {self.size} numbers; asked for {count} from {first}."
            )
        place = self.start + first * self.dtype.itemsize
        with _opened(self.path, packed=self.packed) as file:
            file.seek(place)
            content = file.read(count * self.dtype.itemsize)
        if len(content) != count * self.dtype.itemsize:
            raise UsageError(f"{self.path}: the file has become shorter. Import it again.")
        return np.frombuffer(content, self.dtype)

    def all(self) -> NDArray[Any]:
        """Return the whole array."""
        return self.numbers(0, self.size).reshape(self.shape)


def open_array(path: Path) -> ArrayFile:
    """Return the array of a .npy or IDX file, which may be compressed by gzip.

    Raises:
        UsageError: it is neither, holds no plain numbers, or not as many as it claims.
    """
    try:
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file. Check the path.")
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_START
        with _opened(path, packed=packed) as file:
            found = _headed(path, file, packed=packed)
            held = file.seek(0, os.SEEK_END) - found.start
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(
            f"{path}: the file cannot be read: {error}. Check that it is complete."
        ) from error
    claimed = found.size * found.dtype.itemsize
    if held != claimed:
        raise UsageError(
            f"{path}: its header claims {_shown(found.shape)} numbers of {found.dtype.itemsize} "
            f"bytes, {claimed} bytes together, but {held} follow. Check that the file is complete."
        )
    return found


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _headed(path: Path, file: BinaryIO, *, packed: bool) -> ArrayFile:
    start = file.read(len(NPY_START))
    if start == NPY_START:
        dtype, shape = _npy_header(path, file)
    elif start[:2] == IDX_START:
        dtype, shape = _idx_header(path, file)
    else:
        raise UsageError(
            f"{path}: it begins with {start!r}; expected a .npy file (b'\\x93NUMPY') or an IDX "
            "file (two zero bytes), plain or packed by gzip."
        )
    if not 1 <= len(shape) <= MOST_DIMENSIONS or min(shape) < 1:
        raise UsageError(
            f"{path}: its array has the shape {shape}; expected 1 to {MOST_DIMENSIONS} dimensions "
            "of 1 or more."
        )
    return ArrayFile(path, dtype, shape, file.tell(), packed)


def _npy_header(path: Path, file: BinaryIO) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Read the header of a .npy file (NEP 1, versions 1.0 and 2.0)."""
    file.seek(0)
    readers = {
        (1, 0): npy_format.read_array_header_1_0,
        (2, 0): npy_format.read_array_header_2_0,
    }
    try:
        version = npy_format.read_magic(file)
        if version not in readers:
            raise ValueError(f"its version is {version}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            shape, by_columns, dtype = readers[version](file)
    except BAD_HEADER as error:
        raise UsageError(
            f"{path}: its .npy header cannot be read: {_line(error)}. Save it again by numpy.save."
        ) from error
    if dtype.kind not in NUMBERS or dtype.hasobject or dtype.itemsize > 8:
        raise UsageError(
            f"{path}: it holds {_line(dtype)}; expected plain numbers. Objects are never unpickled "
            "here, since that could run code: save numbers, by array.astype('float32')."
        )
    if by_columns and len(shape) > 1:
        raise UsageError(
            f"{path}: it is in Fortran order. Save numpy.ascontiguousarray(array) instead."
        )
    return dtype, tuple(int(side) for side in shape)


def _idx_header(path: Path, file: BinaryIO) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Read the header of an IDX file: 0, 0, type, number of dimensions, each as 4 bytes (>u4)."""
    file.seek(2)
    kind, dimensions = (*file.read(2), -1, -1)[:2]
    sides = file.read(4 * max(dimensions, 0))
    if dimensions < 0 or len(sides) < 4 * dimensions:
        raise UsageError(f"{path}: the file ends inside its header. Check that it is complete.")
    if kind != IDX_BYTES or not 1 <= dimensions <= MOST_DIMENSIONS:
        raise UsageError(
            f"{path}: its magic number says type 0x{kind:02x} and {dimensions} dimensions; "
            f"expected unsigned bytes (0x08) in 1 to {MOST_DIMENSIONS}, as MNIST has them."
        )
    return np.dtype(np.uint8), tuple(int(side) for side in np.frombuffer(sides, ">u4"))


def _opened(path: Path, *, packed: bool) -> BinaryIO:
    if not packed:
        return path.open("rb")
    state = path.stat()
    with _unpacking:  # several threads decode images; one unpacks, the others wait for it
        return BytesIO(_unpacked(path, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=2)
def _unpacked(path: Path, changed: int, size: int) -> bytes:  # noqa: ARG001 - parts of the key
    content = BytesIO()
    with gzip.open(path) as file:
        while piece := file.read(PIECE):
            content.write(piece)
            if content.tell() > MOST_UNPACKED:
                raise UsageError(
                    f"{path}: unpacked it has more than {MOST_UNPACKED} bytes. Unpack it (gunzip) "
                    "and give the plain file, which is read piece by piece."
                )
    return content.getvalue()


def _shown(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _line(what: object) -> str:
    """Return what a library said, short and on one line."""
    return " ".join(str(what).split())[:200]
