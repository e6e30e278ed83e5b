"""YOLOv8's masks at the size of the photograph, worked out inside their boxes only.

The network gives one small map of logits an object, for the letterboxed square. ultralytics
(`ops.process_mask_native`) enlarges it, cuts off the letterbox, resizes it to the photograph,
keeps what is above 0 and clears what is outside the box. All these steps are linear, in rows and in
columns apart, so each pixel of an axis is a weighted sum of a few of the map; worked out for the
pixels of the box alone this gives the same masks many times faster. Matrix products would do as
well, but their threads wait for each other where the machine is busy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.structures import Rle
from training.masks import encode_crop

STRIDE = 4  # pixels of the square to one of the map of logits

Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Axis:
    """What each row, or each column, of the photograph is made of; T terms each.

    Attributes:
        sources: (full, T) row of the map of logits.
        shares: (full, T) its weight; 0 for terms that are not needed.
    """

    sources: NDArray[np.intp]
    shares: Values

    def apply(self, values: Values, start: int, stop: int) -> Values:
        """Return rows `start` to `stop` of the photograph, made of the rows of `values`."""
        rows = np.zeros((max(stop - start, 0), values.shape[1]), dtype=np.float32)
        for sources, shares in zip(self.sources.T, self.shares.T, strict=True):
            rows += shares[start:stop, np.newaxis] * values[sources[start:stop]]
        return rows


def inside_boxes(
    logits: Values, corners: NDArray[np.float32], shape: tuple[int, int]
) -> tuple[Rle, ...]:
    """Return one mask an object, of the photograph's size.

    Args:
        logits: (N, h, w) of each object in the letterboxed square.
        corners: (N, 4) left, top, right, bottom in pixels of the photograph.
        shape: (H, W) of the photograph.
    """
    height, width = shape
    rows, columns = _axes(logits.shape[1:], shape)
    masks = []
    for one, edges in zip(logits, np.ceil(corners).astype(int).tolist(), strict=True):
        left, top, right, bottom = edges
        upright = rows.apply(one, top, min(bottom, height))
        crop = columns.apply(upright.T, left, min(right, width)).T > 0
        masks.append(encode_crop(crop, left, top, height, width))
    return tuple(masks)


@lru_cache(maxsize=64)
def _axes(small: tuple[int, int], shape: tuple[int, int]) -> tuple[Axis, Axis]:
    """Return how the photograph's rows are made of those of the logits, and its columns."""
    square = [STRIDE * side for side in small]
    gain = min(side / full for side, full in zip(square, shape, strict=True))
    pads = [side - max(round(full * gain), 1) for side, full in zip(square, shape, strict=True)]
    joined = pads[0] | pads[1]
    # the smallest enlargement at which the letterbox ends between two pixels
    factor = STRIDE // math.gcd(STRIDE, joined | joined // 2)
    gain = min(factor * side / full for side, full in zip(small, shape, strict=True))
    rows, columns = (
        _axis(side, factor, full, gain) for side, full in zip(small, shape, strict=True)
    )
    return rows, columns


def _axis(side: int, factor: int, full: int, gain: float) -> Axis:
    """Return the axis that enlarges, cuts off the letterbox, and resizes to `full`."""
    import torch
    from torch.nn.functional import interpolate

    identity = torch.eye(side).reshape(1, side, side, 1)
    enlarged = interpolate(identity, scale_factor=(factor, 1), mode="bilinear")
    content = max(round(full * gain), 1)
    start = round((factor * side - content) / 2 - 0.1)
    cut = enlarged[:, :, start : start + content]
    matrix = interpolate(cut, size=(full, 1), mode="bilinear")[0, :, :, 0].T.numpy()
    terms = int((matrix != 0).sum(axis=1).max())
    sources = np.argsort(matrix == 0, axis=1, kind="stable")[:, :terms]
    return Axis(sources, np.take_along_axis(matrix, sources, axis=1))
