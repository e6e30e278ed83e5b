"""The checksum of TFRecord files: CRC-32C, rotated and shifted as TensorFlow does it."""

from __future__ import annotations

CASTAGNOLI = 0x82F63B78  # the polynomial, bits reversed
MASK_DELTA = 0xA282EAD8


def _checksums() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (CASTAGNOLI if value & 1 else 0)
        table.append(value)
    return tuple(table)


TABLE = _checksums()


def masked_checksum(content: bytes) -> int:
    """Return the masked CRC-32C of some bytes, 32 bits."""
    value = 0xFFFFFFFF
    for byte in content:
        value = value >> 8 ^ TABLE[(value ^ byte) & 0xFF]
    value ^= 0xFFFFFFFF
    rotated = (value >> 15 | value << 17) & 0xFFFFFFFF
    return (rotated + MASK_DELTA) & 0xFFFFFFFF
