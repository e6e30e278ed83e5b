"""Label maps of several members into one: each pixel is voted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from core.geometry import confidence
from core.structures import LabelMap, label_dtype, void_of


def vote(
    maps: Sequence[LabelMap],
    certainties: Sequence[NDArray[np.uint8] | None],
    shares: NDArray[np.float64],
) -> tuple[LabelMap, NDArray[np.uint8]]:
    """Return the label of each pixel that most votes are for, and how far members agree.

    A member's vote for a label is its share in that label times how certain it is there. Of equal
    votes, and where all votes are 0, the label counts that the first member gives. Where no
    member answers the pixel is void.

    Args:
        maps: (H, W) labels by each of M members; void where it does not answer.
        certainties: probability of each member's labels, as `core.geometry.confidence` makes it,
            or None for a member that is as certain everywhere.
        shares: (M, L) of each member in each label; columns sum to 1.

    Returns:
        The (H, W) labels, and the part of the votes that each has, of the kind of `certainties`.

    Raises:
        ValueError: maps or certainties are not of one size, or a label is neither below L nor
            void.
    """
    from core.fusion import kernels  # numba takes half a second to import

    height, width = maps[0].shape
    cells = confidence.cells_of(height, width)
    labels = shares.shape[1]
    dtype = label_dtype(labels)
    stacked = np.stack([_answers(each, labels, dtype) for each in maps])
    certain = np.full((len(maps), *cells), 255, np.uint8)
    for member, steps in enumerate(certainties):
        if steps is not None:
            if steps.shape != cells:
                raise ValueError(f"certainty has {steps.shape} cells, expected {cells}")
            certain[member] = steps
    elected = np.full((height, width), np.iinfo(dtype).max, dtype)
    agreement = np.zeros((height, width), np.float64)
    kernels.elect_labels(
        stacked, certain, confidence.CELL, np.ascontiguousarray(shares), elected, agreement
    )
    return cast(LabelMap, elected), confidence.quantise(agreement)


def _answers(label_map: LabelMap, labels: int, dtype: type[np.uint8] | type[np.uint16]) -> LabelMap:
    """Return a map in the dtype of the voted one, void staying void."""
    silent = label_map == void_of(label_map)
    known = label_map[~silent]
    if known.size and known.max() >= labels:
        raise ValueError(f"a map holds the label {known.max()}, but there are {labels} labels")
    answers = label_map.astype(dtype)
    answers[silent] = np.iinfo(dtype).max
    return cast(LabelMap, answers)
