"""Messages between two processes over a pipe: a header and bytes, their lengths first.

A page starts a process that answers for it and holds both ends of its pipes: no port is opened,
and whoever is left alone reads the end of a file.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from dataclasses import dataclass, field
from typing import Any

LENGTHS = struct.Struct("<II")
# an image of the largest size that is read, and then some
MOST_BYTES = 2**30
CHUNK = 2**20


@dataclass(frozen=True)
class Message:
    """One of them.

    Attributes:
        header: what is asked or answered; JSON.
        body: bytes that belong to it.
    """

    header: dict[str, Any]
    body: bytes = field(default=b"", repr=False)


def send(descriptor: int, message: Message) -> None:
    """Write a message.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    header = json.dumps(message.header, allow_nan=False).encode()
    rest = memoryview(LENGTHS.pack(len(header), len(message.body)) + header + message.body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def receive(descriptor: int, deadline: float | None = None) -> Message:
    """Wait for a message and return it.

    Args:
        descriptor: to read from.
        deadline: until when to wait, of `time.monotonic`; None waits for ever.

    Raises:
        EOFError: the other side is gone.
        TimeoutError: nothing whole has come until the deadline.
        ValueError: what came is no message.
    """
    lengths = LENGTHS.unpack(_read(descriptor, LENGTHS.size, deadline))
    if sum(lengths) > MOST_BYTES:
        raise ValueError(f"a message of {sum(lengths):,} bytes; expected at most {MOST_BYTES:,}")
    header = json.loads(_read(descriptor, lengths[0], deadline))
    if not isinstance(header, dict):
        raise ValueError("the header of a message is no object")
    return Message(header, _read(descriptor, lengths[1], deadline))


def _read(descriptor: int, count: int, deadline: float | None) -> bytes:
    parts = []
    while count:
        if deadline is not None:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([descriptor], [], [], left)[0]:
                raise TimeoutError
        part = os.read(descriptor, min(count, CHUNK))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
