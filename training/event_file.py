"""Scalars as TensorBoard shows them, written without TensorBoard or any framework.

An events file is a list of TFRecords (length, its checksum, bytes, their checksum), each a
serialised `Event` of TensorFlow's event.proto: wall_time (1, double), step (2, int64) and either
file_version (3, string) or summary (5) with values of tag (1, string) and simple_value (2, float).
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path

from core.readers.crc32c import masked_checksum

VARINT, DOUBLE, BYTES, FLOAT = 0, 1, 2, 5  # wire types of protocol buffers


class EventFile:
    """One file of scalars; each call is on the disk when it returns."""

    def __init__(self, folder: Path) -> None:
        """Begin a new file in a folder, which is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        self.path = folder / (
            f"events.out.tfevents.{now:017.6f}.{socket.gethostname()}.{os.getpid()}"
        )
        self._append(_event(now, 0, _field(3, BYTES, b"brain.Event:2")))

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Add the values of a step."""
        summary = b"".join(
            _field(1, BYTES, _field(1, BYTES, name.encode()) + _field(2, FLOAT, value))
            for name, value in values.items()
        )
        self._append(_event(time.time(), step, _field(5, BYTES, summary)))

    def _append(self, event: bytes) -> None:
        length = struct.pack("<Q", len(event))
        with self.path.open("ab") as file:
            file.write(length + _masked_checksum(length) + event + _masked_checksum(event))


def _event(seconds: float, step: int, content: bytes) -> bytes:
    return _field(1, DOUBLE, seconds) + _field(2, VARINT, step) + content


def _field(number: int, kind: int, value: float | bytes) -> bytes:
    key = _varint(number << 3 | kind)
    if isinstance(value, bytes):
        return key + _varint(len(value)) + value
    if kind == VARINT:
        return key + _varint(int(value))
    return key + struct.pack("<d" if kind == DOUBLE else "<f", value)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _masked_checksum(content: bytes) -> bytes:
    return struct.pack("<I", masked_checksum(content))
