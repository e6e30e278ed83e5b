"""How certain a system is of each pixel, as bytes: small, and close enough to look at.

The probability of the predicted class is averaged over cells of 4 x 4 pixels (fewer at the right
and lower edge), rounded to the nearest of 256 steps from 0 to 1, and compressed:

    magic "OVLC" | version, 1 byte | rows of cells, 4 bytes | columns of cells, 4 bytes |
    CRC-32 of all other bytes, 4 bytes | zstd frame of one byte a cell, row by row

Numbers are little-endian. What is read back differs from a cell's mean by 1/510 at most. It is for
pictures and for picking out doubtful regions; no score is computed from it.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import zstandard
from numpy.typing import NDArray

CELL = 4  # pixels a side
MAX_CELLS = 2**25

_MAGIC = b"OVLC"
_VERSION = 1
_FIELDS = struct.Struct("<4sBII")
_CHECKSUM = struct.Struct("<I")
_FRAME_START = _FIELDS.size + _CHECKSUM.size


def quantise(probabilities: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return the mean probability of each cell in 255ths, (ceil(H / 4), ceil(W / 4)).

    Args:
        probabilities: (H, W) in [0, 1].

    Raises:
        ValueError: not (H, W), without pixels, or outside [0, 1].

    Example:
        >>> quantise(np.array([[1.0, 1.0, 1.0, 1.0, 0.5]])).tolist()
        [[255, 128]]
    """
    if probabilities.ndim != 2 or not probabilities.size:
        raise ValueError(f"probabilities have shape {probabilities.shape}, expected (H, W)")
    if not (probabilities.min() >= 0 and probabilities.max() <= 1):
        raise ValueError(
            f"probabilities run from {probabilities.min()} to {probabilities.max()}, "
            "expected 0 to 1"
        )
    height, width = probabilities.shape
    rows, columns = np.arange(0, height, CELL), np.arange(0, width, CELL)
    sums = np.add.reduceat(probabilities.astype(np.float64), rows, axis=0)
    sums = np.add.reduceat(sums, columns, axis=1)
    pixels = np.outer(np.minimum(CELL, height - rows), np.minimum(CELL, width - columns))
    # the sum of ones may pass their number in the last bit
    steps = np.rint(np.minimum(sums / pixels, 1) * 255)
    return np.asarray(steps, np.uint8)


def encode(steps: NDArray[np.uint8]) -> bytes:
    """Store what `quantise` gave as bytes.

    Raises:
        ValueError: the array is not (rows, columns) of uint8 with at least one cell.
    """
    if steps.ndim != 2 or steps.dtype != np.uint8 or not 0 < steps.size <= MAX_CELLS:
        raise ValueError(
            f"confidence has shape {steps.shape} of {steps.dtype}; expected (rows, columns) of "
            f"uint8 with 1 to {MAX_CELLS} cells"
        )
    frame = zstandard.ZstdCompressor(level=1).compress(np.ascontiguousarray(steps).tobytes())
    fields = _FIELDS.pack(_MAGIC, _VERSION, *steps.shape)
    return fields + _CHECKSUM.pack(zlib.crc32(frame, zlib.crc32(fields))) + frame


def decode(blob: bytes, height: int, width: int) -> NDArray[np.uint8]:
    """Read the 255ths of each cell back, (ceil(height / 4), ceil(width / 4)).

    Args:
        blob: from `encode`.
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.

    Raises:
        ValueError: the blob is damaged, not one of ours, or of another size.
    """
    shape = cells_of(height, width)
    found = _shape(blob)
    if found != shape:
        raise ValueError(
            f"confidence holds {found[0]} x {found[1]} cells, but the image of {height} x {width} "
            f"pixels has {shape[0]} x {shape[1]}; predict this image again"
        )
    try:
        frame = blob[_FRAME_START:]
        if zstandard.frame_content_size(frame) != shape[0] * shape[1]:
            raise ValueError("confidence unpacks to another size than its header says")
        cells = zstandard.ZstdDecompressor().decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise ValueError(f"confidence cannot be unpacked: {error}") from error
    return np.frombuffer(cells, np.uint8).reshape(shape)


def cells_of(height: int, width: int) -> tuple[int, int]:
    """Return the rows and columns of cells of an image of `height` x `width` pixels."""
    return -(-height // CELL), -(-width // CELL)


def _shape(blob: bytes) -> tuple[int, int]:
    """Check the header against the blob, before anything is unpacked."""
    if len(blob) < _FRAME_START:
        raise ValueError(f"confidence ends after {len(blob)} bytes; {_FRAME_START} expected")
    magic, version, rows, columns = _FIELDS.unpack_from(blob)
    if magic != _MAGIC or version != _VERSION:
        raise ValueError(f"these bytes are no confidence of version {_VERSION}: {blob[:5]!r}")
    (checksum,) = _CHECKSUM.unpack_from(blob, _FIELDS.size)
    view = memoryview(blob)
    if checksum != zlib.crc32(view[_FRAME_START:], zlib.crc32(view[: _FIELDS.size])):
        raise ValueError("confidence is damaged: its checksum differs; predict this image again")
    return int(rows), int(columns)
