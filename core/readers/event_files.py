"""Scalars out of TensorBoard's event files, read without TensorBoard or any framework.

A file is a list of TFRecords (length, its checksum, bytes, their checksum), each a serialised
`Event` of TensorFlow's event.proto: step (2, int64) and summary (5) with values of tag (1, string)
and simple_value (2, float) or, from TensorFlow 2, tensor (8) with dtype (1), tensor_content (4),
float_val (5) and double_val (6).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from core.errors import UsageError
from core.readers.crc32c import masked_checksum

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types of protocol buffers
MOST_SCALAR_BYTES = 65_536  # records of scalars are small; pictures and histograms are passed over
FORMS = {1: "<f", 2: "<d"}  # DT_FLOAT, DT_DOUBLE
VALUES = {1: 5, 2: 6}  # where a tensor of that dtype keeps its numbers, if not in its content
Fields = dict[int, list[int | bytes]]


def read_scalars(path: Path) -> Iterator[tuple[str, int, float]]:
    """Yield tag, step and value of each scalar in a file, in its order.

    A last record that is cut off is passed over: the training may still be writing it.

    Raises:
        UsageError: it is no event file, or damaged.
    """
    for place, content in _records(path):
        try:
            yield from _scalars(content)
        except (ValueError, IndexError, struct.error, TypeError) as error:
            raise UsageError(
                f"{path}: the record at byte {place} is no event of TensorBoard. Check what wrote "
                "the file."
            ) from error


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        stored = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: the file cannot be read: {error}.") from error
    at = 0
    while at + 12 <= len(stored):
        length, checksum = struct.unpack_from("<QI", stored, at)
        if masked_checksum(stored[at : at + 8]) != checksum:
            raise UsageError(
                f"{path}: byte {at} begins no record of an event file (its checksum is wrong). "
                "Expected a file events.out.tfevents.…, whole."
            )
        content = stored[at + 12 : at + 12 + length]
        end = at + 12 + length + 4
        if end > len(stored):
            return
        if length <= MOST_SCALAR_BYTES:
            (checksum,) = struct.unpack_from("<I", stored, end - 4)
            if masked_checksum(content) != checksum:
                raise UsageError(f"{path}: the record at byte {at} is damaged. Copy it again.")
            yield at, content
        at = end
    if at == 0:
        raise UsageError(f"{path}: it holds no record; expected a file events.out.tfevents.….")


def _scalars(content: bytes) -> Iterator[tuple[str, int, float]]:
    event = _fields(content)
    step = _number(event.get(2, [0])[-1])
    step -= (step >= 1 << 63) << 64
    for summary in event.get(5, []):
        for stored in _fields(_bytes(summary)).get(1, []):
            value = _fields(_bytes(stored))
            number = _simple(value)
            if number is not None and 1 in value:
                yield _bytes(value[1][-1]).decode("utf-8"), step, number


def _simple(value: Fields) -> float | None:
    """Return the one number of a value, or None of pictures, texts and histograms."""
    if 2 in value:
        return float(struct.unpack("<f", _bytes(value[2][-1]))[0])
    if 8 not in value:
        return None
    tensor = _fields(_bytes(value[8][-1]))
    dtype = _number(tensor.get(1, [0])[-1])
    if dtype not in FORMS:
        return None
    kept = tensor.get(4) or tensor.get(VALUES[dtype]) or [b""]
    form = FORMS[dtype]
    # a number of its own or a packed list of one
    content = _bytes(kept[-1])
    return float(struct.unpack(form, content)[0]) if len(content) == struct.calcsize(form) else None


def _fields(content: bytes) -> Fields:
    """Return the fields of a message by their numbers; fixed ones as their bytes."""
    found: Fields = {}
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        kind = key & 7
        value: int | bytes
        if kind == VARINT:
            value, at = _varint(content, at)
        else:
            length = {FIXED64: 8, FIXED32: 4}.get(kind)
            if length is None:
                if kind != BYTES:
                    raise ValueError(f"wire type {kind}")
                length, at = _varint(content, at)
            if at + length > len(content):
                raise ValueError("a field is longer than its message")
            value, at = content[at : at + length], at + length
        found.setdefault(key >> 3, []).append(value)
    return found


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
    raise ValueError("a number of more than ten bytes")


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    raise TypeError("a number where bytes are expected")


def _number(value: int | bytes) -> int:
    if isinstance(value, int):
        return value
    raise TypeError("bytes where a number is expected")
