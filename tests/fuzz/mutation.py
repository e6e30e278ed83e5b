"""Ways to spoil the bytes of a sound file, chosen by whoever calls: a test, or a fuzzer.

Every choice is a number below a limit, so that the same choices give the same bytes.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

# given n, a number from 0 to n - 1
Pick = Callable[[int], int]

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[-+.0-9eE]+|[A-Za-z_]\w*|[<>{}\[\],:/]')
PNG = b"\x89PNG\r\n\x1a\n"
MOST_MUTATIONS = 3
LONGEST_SLICE = 40
DEEP = 20_000

HOSTILE_VALUES = (
    *("null", "true", "[]", "{}", '""', "0", "-0.0", "-1", "1.5", "7", '"7"', "NaN", "-Infinity"),
    *("1e308", "1e999", "1e-320", "2147483648", "9223372036854775807", "9223372036854775808"),
    *("1" * 5000, "[NaN]", "[[]]", '[["1"]]', "[null, null, null, null]", '{"a": 1, "a": 2}'),
    *(r'"\ud800"', r'"\u0000"', '"../../etc/passwd"', '"/dev/zero"', '"C:\\\\a.png"'),
    '"' + "a" * 300 + '"',
    *("[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, '"~o~o~o"', '"' + "o" * 60 + '"'),
    *("[0, 0, 1e308, 1e308]", "[0, 0, -1, 5]", '{"size": [20, 12], "counts": [240, 0]}'),
    *('{"size": [65500, 65500], "counts": "0"}', '{"size": [1e9, 2], "counts": []}'),
    *("[[0, 0, 1e9, 0, 1e9, 1e9]]", "[[1, 2]]", "[[1, 2, 3, 4, 5]]", '"<script>"', '"\\n\\n"'),
)  # fmt: skip
HOSTILE_BYTES = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3\x28", b"\n", b"\r", b"\n\n\n", b",", b'"', b"'"),
    *(b"nan", b"inf", b"-1", b"1e999", b"9" * 400, b"\xe2\x80\xae", b"\x1b[31m", b" ", b"../"),
    *(b"<", b"&b;", b"<!DOCTYPE a>", b"\x00" * 64, b"\xff" * 64, b"\x7f\xff\xff\xff", b"\x80"),
)
HOSTILE_NUMBERS = (0, 1, 255, 65535, 2**31 - 1, 2**31, 2**32 - 1)


def spoilt(content: bytes, pick: Pick) -> bytes:
    """Return content with one to three faults, as `pick` chooses them."""
    for _ in range(1 + pick(MOST_MUTATIONS)):
        content = MUTATIONS[pick(len(MUTATIONS))](content, pick)
    return with_checksums(content) if content.startswith(PNG) and pick(4) else content


def flip(content: bytes, pick: Pick) -> bytes:
    at = pick(len(content) or 1)
    return (
        content[:at]
        + bytes(each ^ (1 << pick(8)) for each in content[at : at + 1])
        + content[at + 1 :]
    )


def cut_off(content: bytes, pick: Pick) -> bytes:
    return content[: pick(len(content) + 1)]


def cut_out(content: bytes, pick: Pick) -> bytes:
    at = pick(len(content) + 1)
    return content[:at] + content[at + 1 + pick(LONGEST_SLICE) :]


def insert(content: bytes, pick: Pick) -> bytes:
    at = pick(len(content) + 1)
    return content[:at] + HOSTILE_BYTES[pick(len(HOSTILE_BYTES))] + content[at:]


def repeat(content: bytes, pick: Pick) -> bytes:
    at = pick(len(content) + 1)
    end = at + 1 + pick(LONGEST_SLICE)
    return content[:end] + content[at:]


def number(content: bytes, pick: Pick) -> bytes:
    """Write another number of four bytes, as headers of binary files have them."""
    at = pick(len(content) + 1)
    order = "<>"[pick(2)]
    written = struct.pack(f"{order}I", HOSTILE_NUMBERS[pick(len(HOSTILE_NUMBERS))])
    return content[:at] + written + content[at + 4 :]


def token(content: bytes, pick: Pick) -> bytes:
    """Put something else in the place of a word, a number or a bracket."""
    found = list(TOKEN.finditer(content))
    if not found:
        return content
    chosen = found[pick(len(found))]
    if pick(2):
        written = HOSTILE_VALUES[pick(len(HOSTILE_VALUES))].encode()
    else:
        written = HOSTILE_BYTES[pick(len(HOSTILE_BYTES))]
    return content[: chosen.start()] + written + content[chosen.end() :]


def graft(content: bytes, pick: Pick) -> bytes:
    """Put something else in the place of a value of a JSON document, or give its key twice."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return token(content, pick)
    places = list(places_in(document))
    if not places:
        return token(content, pick)
    holder, key = places[pick(len(places))]
    value, action = holder[key], pick(6)
    if action == 0:
        del holder[key]
        return json.dumps(document).encode()
    mark = "\0the place\0"
    holder[key] = mark
    written = HOSTILE_VALUES[pick(len(HOSTILE_VALUES))]
    if action == 1 and isinstance(holder, dict):
        written = f"{json.dumps(value)}, {json.dumps(key)}: {written}"
    return json.dumps(document).replace(json.dumps(mark), written).encode("utf-8", "replace")


def places_in(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every list or object of a document with each of its indices or keys."""
    pairs = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in list(pairs):
        yield document, key
        yield from places_in(value)


MUTATIONS = (flip, cut_off, cut_out, insert, repeat, number, token, token, graft, graft, graft)


def with_checksums(content: bytes) -> bytes:
    """Return a PNG whose chunks have the checksums of what they now hold.

    Without them a reader never comes as far as what was spoilt.
    """
    mended, at = bytearray(content), len(PNG)
    while at + 12 <= len(mended):
        (length,) = struct.unpack_from(">I", mended, at)
        end = at + 8 + length
        if end + 4 > len(mended):
            break
        struct.pack_into(">I", mended, end, zlib.crc32(mended[at + 4 : end]))
        at = end + 4
    return bytes(mended)
