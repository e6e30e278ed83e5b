"""What the scans of large files share: ids to places, and numbers that Python reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def read_exactly(content: bytes, numbers: NDArray[np.float64], inexact: NDArray[np.int64]) -> None:
    """Let Python read the numbers that a scan could not round correctly.

    Args:
        content: what was scanned.
        numbers: (…) what the scan made of them, corrected in place.
        inexact: (…, 2) begin and end in `content` of those that are not exact, else zeros.
    """
    chosen = inexact[..., 1] > 0
    begins, ends = inexact[chosen].T.tolist()
    numbers[chosen] = [float(content[begin:end]) for begin, end in zip(begins, ends, strict=True)]


def places_of(ids: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return where each id stands among the known ones, at least one; None if one is unknown."""
    order = np.argsort(known, kind="stable")
    found = np.searchsorted(known, ids, sorter=order)
    places: NDArray[np.int64] = order[np.minimum(found, len(known) - 1)]
    return places if np.array_equal(known[places], ids) else None
