"""Image files looked into without decoding their pixels."""

from __future__ import annotations

from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_APP1, _START_OF_SCAN = 0xE1, 0xDA
_NOT_FRAMES = (0xC4, 0xC8, 0xCC)  # Huffman tables, extensions, arithmetic coding


def without_exif(stored: bytes) -> bytes:
    """Return a JPEG, PNG or WebP file without its EXIF; other files as they are.

    Browsers turn a photograph as its EXIF asks, and cannot be told not to; annotations are
    made on the pixels as they are stored.
    """
    if stored.startswith(b"\xff\xd8"):
        return _jpeg_without_exif(stored)
    if stored.startswith(_PNG):
        return _png_without_exif(stored)
    if stored.startswith(b"RIFF") and stored[8:12] == b"WEBP":
        return _webp_without_exif(stored)
    return stored


def jpeg_size(stored: bytes) -> tuple[int, int] | None:
    """Return (width, height) in pixels as a JPEG's frame header has them; None if not found."""
    for marker, start, _end in _jpeg_segments(stored):
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            height, width = (
                int.from_bytes(stored[start + i : start + i + 2], "big") for i in (5, 7)
            )
            return width, height
    return None


def _jpeg_segments(stored: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of the segments before the first scan (ITU-T T.81, annex B)."""
    at = 2
    while stored.startswith(b"\xff\xd8") and at + 4 <= len(stored) and stored[at] == 0xFF:
        marker = stored[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == _START_OF_SCAN:
            return
        end = at + 2 + int.from_bytes(stored[at + 2 : at + 4], "big")
        yield marker, at, end
        at = end


def _jpeg_without_exif(stored: bytes) -> bytes:
    kept, at = [], 0
    for marker, start, end in _jpeg_segments(stored):
        if marker == _APP1 and stored[start + 4 : start + 10] == b"Exif\0\0":
            kept.append(stored[at:start])
            at = end
    return b"".join([*kept, stored[at:]])


def _png_without_exif(stored: bytes) -> bytes:
    kept, at = [stored[: len(_PNG)]], len(_PNG)
    while at + 8 <= len(stored):
        end = at + 12 + int.from_bytes(stored[at : at + 4], "big")
        if stored[at + 4 : at + 8] != b"eXIf":
            kept.append(stored[at:end])
        at = end
    return b"".join([*kept, stored[at:]])


def _webp_without_exif(stored: bytes) -> bytes:
    """The EXIF chunk under a name that nobody reads, so that no size changes."""
    changed, at = bytearray(stored), 12
    while at + 8 <= len(stored):
        if stored[at : at + 4] == b"EXIF":
            changed[at : at + 4] = b"none"
        size = int.from_bytes(stored[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return bytes(changed)
