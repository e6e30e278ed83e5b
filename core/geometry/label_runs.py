"""Label maps as bytes: exact, small, and countable without painting them again.

A map is cut, row by row, into runs of one label. The runs are laid out in planes (labels, low
bytes of the lengths, high bytes of the lengths), because equal bytes then lie together, and
compressed with zstd. A header says what to expect, so that a damaged or foreign blob is refused
before any memory is taken for it:

    magic "OVLR" | version, 1 byte | bytes a label, 1 byte | runs, 4 bytes | pixels, 4 bytes |
    CRC-32 of all other bytes, 4 bytes | zstd frame

Numbers are little-endian. A run is at most 65535 pixels long; longer ones are stored as several
runs of the same label.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import cast

import numpy as np
import zstandard
from numpy.typing import NDArray

from core.structures import LabelMap

Lengths = NDArray[np.int64]

MAX_PIXELS = 2**29
MAX_RUN = 2**16 - 1

_MAGIC = b"OVLR"
_VERSION = 1
_FIELDS = struct.Struct("<4sBBII")
_CHECKSUM = struct.Struct("<I")
_FRAME_START = _FIELDS.size + _CHECKSUM.size
_LABEL_DTYPES: dict[int, type[np.uint8] | type[np.uint16]] = {1: np.uint8, 2: np.uint16}
_ZSTD_LEVEL = 1


@dataclass(frozen=True)
class _Header:
    """What a blob says about itself."""

    label_bytes: int
    runs: int
    pixels: int

    @property
    def payload_bytes(self) -> int:
        """Return the size of the planes: a label and a two-byte length for each run."""
        return self.runs * (self.label_bytes + 2)


def encode(label_map: LabelMap) -> bytes:
    """Store a label map as bytes.

    Args:
        label_map: (H, W) uint8 or uint16, at least one pixel.

    Raises:
        ValueError: the array is not such a map.
    """
    labels, lengths = _split(*find_runs(label_map))
    planes = _planes(labels) + _planes(lengths.astype(np.uint16))
    frame = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(planes)
    fields = _FIELDS.pack(_MAGIC, _VERSION, labels.itemsize, labels.size, label_map.size)
    return fields + _CHECKSUM.pack(zlib.crc32(frame, zlib.crc32(fields))) + frame


def decode(blob: bytes, height: int, width: int) -> LabelMap:
    """Read a label map back, exactly as it was: (height, width), same dtype.

    Raises:
        ValueError: the blob is damaged, not one of ours, or of another size.
    """
    header = _header(blob)
    if header.pixels != height * width:
        raise ValueError(
            f"label runs hold {header.pixels} pixels, but the image has "
            f"{height} x {width} = {height * width}; import the map of this image again"
        )
    labels, lengths = _runs(blob, header)
    return cast(LabelMap, np.repeat(labels, lengths).reshape(height, width))


def runs(blob: bytes) -> tuple[LabelMap, Lengths]:
    """Return the labels and the lengths of the runs, both (R,), in row-major order.

    Neighbours may share a label where a run was longer than 65535 pixels.

    Raises:
        ValueError: the blob is damaged or not one of ours.
    """
    return _runs(blob, _header(blob))


def find_runs(label_map: LabelMap) -> tuple[LabelMap, Lengths]:
    """Cut a label map, row by row, into its longest runs: labels and lengths, both (R,).

    Raises:
        ValueError: the array is not a (H, W) map of uint8 or uint16 with at least one pixel.
    """
    check_label_map(label_map)
    flat = label_map.ravel()
    starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
    return flat[starts], np.diff(starts, append=flat.size)


def check_label_map(label_map: LabelMap, name: str = "label map") -> None:
    """Refuse an array that is not a label map.

    Raises:
        ValueError: not (H, W), without pixels, too large, or of another dtype.
    """
    if label_map.ndim != 2 or not 0 < label_map.size <= MAX_PIXELS:
        raise ValueError(
            f"{name} has shape {label_map.shape}; expected (H, W) with 1 to {MAX_PIXELS} pixels"
        )
    if label_map.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"{name} holds {label_map.dtype}; expected uint8 or uint16")


def _split(labels: LabelMap, lengths: Lengths) -> tuple[LabelMap, Lengths]:
    """Cut runs longer than two bytes can say: full ones first, what is left over last."""
    pieces = -(-lengths // MAX_RUN)
    if lengths.size == pieces.sum():
        return labels, lengths
    split = np.full(pieces.sum(), MAX_RUN, dtype=np.int64)
    split[np.cumsum(pieces) - 1] = lengths - (pieces - 1) * MAX_RUN
    return cast(LabelMap, np.repeat(labels, pieces)), split


def _planes(values: LabelMap) -> bytes:
    """Lay out all low bytes, then all high bytes."""
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    return little.view(np.uint8).reshape(values.size, -1).T.tobytes()


def _from_planes(planes: NDArray[np.uint8], dtype: type[np.uint8] | type[np.uint16]) -> LabelMap:
    width = np.dtype(dtype).itemsize
    pairs = np.ascontiguousarray(planes.reshape(width, -1).T)
    return cast(LabelMap, pairs.view(np.dtype(dtype).newbyteorder("<")).ravel().astype(dtype))


def _header(blob: bytes) -> _Header:
    """Check the header against the blob, before anything is unpacked."""
    if len(blob) < _FRAME_START:
        raise ValueError(
            f"label runs end after {len(blob)} bytes; at least {_FRAME_START} expected"
        )
    magic, version, label_bytes, run_count, pixels = _FIELDS.unpack_from(blob)
    if magic != _MAGIC:
        raise ValueError(f"these bytes are not label runs: they start with {magic!r}")
    if version != _VERSION:
        raise ValueError(f"label runs of version {version}; this program reads version {_VERSION}")
    (checksum,) = _CHECKSUM.unpack_from(blob, _FIELDS.size)
    view = memoryview(blob)
    if checksum != zlib.crc32(view[_FRAME_START:], zlib.crc32(view[: _FIELDS.size])):
        raise ValueError("label runs are damaged: their checksum differs; import the map again")
    if label_bytes not in _LABEL_DTYPES or not 0 < run_count <= pixels <= MAX_PIXELS:
        raise ValueError(
            f"label runs claim {run_count} runs of {label_bytes}-byte labels over {pixels} pixels, "
            "which cannot be"
        )
    return _Header(label_bytes, run_count, pixels)


def _runs(blob: bytes, header: _Header) -> tuple[LabelMap, Lengths]:
    """Unpack the planes and check that they are what the header says."""
    payload = np.frombuffer(_unpack(blob[_FRAME_START:], header.payload_bytes), dtype=np.uint8)
    cut = header.runs * header.label_bytes
    labels = _from_planes(payload[:cut], _LABEL_DTYPES[header.label_bytes])
    lengths = _from_planes(payload[cut:], np.uint16).astype(np.int64)
    if lengths.min() == 0 or lengths.sum() != header.pixels:
        raise ValueError(
            f"label runs cover {lengths.sum()} pixels, shortest run {lengths.min()}; "
            f"the header says {header.pixels} pixels"
        )
    return labels, lengths


def _unpack(frame: bytes, size: int) -> bytes:
    """Decompress a frame that must hold `size` bytes; a claim of more takes no memory."""
    try:
        claimed = zstandard.frame_content_size(frame)
        if claimed != size:
            raise ValueError(f"label runs unpack to {claimed} bytes; {size} expected")
        return zstandard.ZstdDecompressor().decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise ValueError(f"label runs cannot be unpacked: {error}") from error
