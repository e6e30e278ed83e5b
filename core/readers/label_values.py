"""Label PNGs: the values they store, and what the values mean."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.readers import images
from core.readers.json_file import read_file
from core.structures import LabelMap, label_dtype

MODES = ("1", "L", "P", "I;16", "I")
ADVICE = (
    "save one channel of class indices, losslessly: mode L, P (the palette's indices are the "
    "classes), 1, or 16-bit grey"
)
FOREGROUND = 255
BINARY = frozenset({0, FOREGROUND})
# Where the header chunk of a PNG keeps the bits of a sample and the type of colour.
DEPTH_BYTE, COLOUR_BYTE, GREY = 24, 25, 0
SHOWN_VALUES = 10

Depth = np.dtype[np.uint8] | np.dtype[np.uint16]


@dataclass(frozen=True)
class Meaning:
    """What the values of label PNGs stand for.

    Attributes:
        class_count: C; values 0 to C - 1 are classes.
        voids: values that mean "not labelled" or "no answer", before they mean classes; None
            for the greatest value of the file's own depth, 255 or 65535.
        binary: 255 is class 1.
        classes: value to class index, where values are no class indices themselves.
        painted: value C is the background of maps that were painted from masks.
    """

    class_count: int
    voids: frozenset[int] | None
    binary: bool = False
    classes: Mapping[int, int] | None = None
    painted: bool = False

    def voids_of(self, depth: Depth) -> frozenset[int]:
        """Return the void values of files of a dtype, uint8 or uint16."""
        return frozenset({int(np.iinfo(depth).max)}) if self.voids is None else self.voids

    def table(self, depth: Depth) -> NDArray[np.int32]:
        """Return what each value of a dtype becomes in a label map; -1 where it means nothing."""
        values = int(np.iinfo(depth).max) + 1
        table = np.full(values, -1, dtype=np.int32)
        indices = range(self.class_count + self.painted)
        classes = {i: i for i in indices} if self.classes is None else self.classes
        for value, index in classes.items():
            if value < values:
                table[value] = index
        for void in self.voids_of(depth):
            if void < values:
                table[void] = np.iinfo(label_dtype(self.class_count)).max
        if self.binary:
            table[FOREGROUND] = 1
        return table

    def unknown(self, values: NDArray[np.int64], depth: Depth) -> str | None:
        """Say which values, shape (K,), mean nothing, or return None if none does."""
        bad = values[self.table(depth)[values] < 0].tolist()
        if not bad:
            return None
        shown = ", ".join(map(str, bad[:SHOWN_VALUES])) + (", …" if len(bad) > SHOWN_VALUES else "")
        voids = " or ".join(map(str, sorted(self.voids_of(depth)))) or "none"
        return (
            f"values {shown} are no classes; expected {self._expected()}, "
            f"and {voids} for pixels without a class"
        )

    def _expected(self) -> str:
        if self.classes is None:
            return f"0 to {self.class_count + self.painted - 1}"
        return ", ".join(map(str, sorted(self.classes)))

    def label_map(self, indices: LabelMap) -> LabelMap:
        """Return stored values, shape (H, W), as class indices and void."""
        table: NDArray[Any] = self.table(indices.dtype).astype(label_dtype(self.class_count))
        labels: LabelMap = table[indices]
        return labels


def read_indices(path: Path) -> tuple[LabelMap, str]:
    """Return the values that a label PNG stores, shape (H, W), and the SHA-256 of the file.

    Raises:
        UsageError: it is no PNG of one channel, too large, or broken.
    """
    content = read_file(path)
    return indices_of(content), hashlib.sha256(content).hexdigest()


def indices_of(content: bytes) -> LabelMap:
    """Return the values that the bytes of a label PNG store, shape (H, W).

    Raises:
        UsageError: it is no PNG of one channel, too large, or broken.
    """
    pixels = images.read_png(content, MODES, ADVICE)
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8)
    if pixels.dtype == np.uint8:
        return pixels // _scale(content)
    return pixels.astype(np.uint16)


def values_of(indices: LabelMap) -> NDArray[np.int64]:
    """Return the different values of an array in ascending order, shape (K,)."""
    return np.flatnonzero(np.bincount(indices.ravel()))


def _scale(content: bytes) -> np.uint8:
    """Return what Pillow multiplies samples by: it stretches grey of 2 or 4 bits to 0..255."""
    depth = content[DEPTH_BYTE] if content[COLOUR_BYTE] == GREY else 8
    return np.uint8(255 // (2**depth - 1))
