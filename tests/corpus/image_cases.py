"""Images: bombs, broken and foreign files, label PNGs of every wrong kind."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tests.corpus.case import HEIGHT, WIDTH, Case, label_png, photograph


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width: int, height: int, rows: bytes, kind: int = 0) -> bytes:
    """Return the bytes of a PNG that claims such a size, whatever its rows hold."""
    header = struct.pack(">2I5B", width, height, 8, kind, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def bomb(path: Path) -> None:
    """60,000 by 60,000 pixels of nothing, in 4 MB that unpack to 3.6 GB."""
    path.write_bytes(png(60_000, 60_000, bytes(4_000_000)))


def text_bomb(path: Path) -> None:
    """A comment that unpacks to 64 MB beside two sound pixels."""
    sound = png(6, 4, bytes(7 * 4))
    comment = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**26), 9))
    path.write_bytes(sound[:33] + comment + sound[33:])


def cut(path: Path) -> None:
    Image.new("L", (6, 4)).save(path)
    path.write_bytes(path.read_bytes()[:-20])


def flipped(path: Path) -> None:
    Image.new("L", (6, 4)).save(path)
    content = bytearray(path.read_bytes())
    content[content.index(b"IDAT") + 8] ^= 1
    path.write_bytes(content)


def of_mode(mode: str, form: str = "PNG", size: tuple[int, int] = (6, 4)):
    return lambda path: Image.new(mode, size).save(path, format=form)


def holding(*values: int, dtype: type = np.uint8):
    """A label map that holds these values."""
    pixels = np.resize(np.array(values, dtype), (4, 6))
    return lambda path: Image.fromarray(pixels).save(path)


def written(content: bytes):
    return lambda path: path.write_bytes(content)


def escaping(path: Path) -> None:
    path.symlink_to("/dev/zero")


PHOTOGRAPHS = [
    photograph("bomb", "60000", bomb),
    photograph("empty file", "cannot be read", written(b"")),
    photograph("text", "its content is none of", written(b"hello")),
    photograph("only a header", "cannot be read", written(b"\x89PNG\r\n\x1a\n\0\0")),
    photograph("a script in SVG", "its content is none of", written(b"<svg onload='x()'/>")),
    photograph("PostScript", "its content is none of", written(b"%!PS-Adobe-3.0\nshowpage")),
    photograph("size 0", "cannot be read", written(png(0, 0, b""))),
    photograph("a folder", "is no file", Path.mkdir),
    photograph("an endless device", "is no file", escaping),
    photograph("16 bit of another size", "expected 20 x 12", of_mode("I;16", size=(9, 9))),
    photograph("CMYK of another size", "expected 20 x 12", of_mode("CMYK", "JPEG", (9, 9))),
    photograph("turned on its side", "look swapped", of_mode("RGB", "PNG", (HEIGHT, WIDTH))),
]

LABEL_PNGS = [
    label_png("bomb", "60000", bomb),
    label_png("bomb in a comment", "cannot be read", text_bomb),
    label_png("cut off", "cannot be read", cut),
    label_png("one bit flipped", "cannot be read", flipped),
    label_png("JPEG that smears classes", "is a JPEG image, expected PNG", of_mode("L", "JPEG")),
    label_png("TIFF in CMYK", "is a TIFF image, expected PNG", of_mode("CMYK", "TIFF")),
    label_png("colours", "mode RGB", of_mode("RGB")),
    label_png("transparency", "mode LA", of_mode("LA")),
    label_png("another size", "expected", of_mode("L", size=(4, 6))),
    label_png("class 9 of 2", "9", holding(0, 1, 9)),
    label_png("16 bit with class 300", "300", holding(0, 300, dtype=np.uint16)),
    label_png("empty file", "cannot be read", written(b"")),
    label_png("missing", "b", lambda _path: None),
]

CASES: list[Case] = [*PHOTOGRAPHS, *LABEL_PNGS]
