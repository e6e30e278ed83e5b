"""Objects of one image, gathered row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.readers.json_file import Box
from core.structures import Objects, Rle

MANY_OBJECTS = 15


class ObjectRow(NamedTuple):
    """One object; see `Objects` for the meaning of its fields."""

    category: int
    box: Box
    area: float
    crowd: bool = False
    score: float = 0.0
    mask: Rle | None = None


def objects_of(rows: Sequence[ObjectRow], *, scored: bool, masked: bool) -> Objects:
    """Return rows as the objects of one image, in their order.

    Args:
        rows: may be empty.
        scored: whether the objects are predictions, which have scores.
        masked: whether the objects have masks; then every row has one.
    """
    return Objects(
        boxes=np.array([row.box for row in rows], dtype=np.float64).reshape(-1, 4),
        categories=np.array([row.category for row in rows], dtype=np.int32),
        areas=np.array([row.area for row in rows], dtype=np.float64),
        crowd=np.array([row.crowd for row in rows], dtype=np.bool_),
        scores=np.array([row.score for row in rows], dtype=np.float64) if scored else None,
        masks=tuple(row.mask for row in rows if row.mask is not None) if masked else None,
    )


def tags_of(crowd: Sequence[bool], given: Sequence[str], *, empty: bool) -> tuple[str, ...]:
    """Return the words by which an image can be filtered.

    Args:
        crowd: of each object of the image, whether it is a crowd region.
        given: further words that the file has for it.
        empty: whether nothing at all is annotated in the image.
    """
    tags = ["empty"] if empty else []
    if any(crowd):
        tags.append("crowd")
    if len(crowd) >= MANY_OBJECTS:
        tags.append("many objects")
    return tuple(dict.fromkeys([*tags, *given]))
