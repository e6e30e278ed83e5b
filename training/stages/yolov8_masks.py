"""YOLOv8's masks at the size of the photograph, worked out inside their boxes only.

The network gives one small map of logits an object, for the letterboxed square. ultralytics
(`ops.process_mask_native`) enlarges it, cuts off the letterbox, resizes it to the photograph,
keeps what is above 0 and clears what is outside the box. All these steps are linear in rows and in
columns apart, so each axis is one small matrix; applied to the pixels of the box alone they give
the same masks many times faster.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.structures import Rle
from training.masks import encode_crop

STRIDE = 4  # pixels of the square to one of the map of logits

Matrix = NDArray[np.float32]


def inside_boxes(
    logits: NDArray[np.float32], corners: NDArray[np.float32], shape: tuple[int, int]
) -> tuple[Rle, ...]:
    """Return one mask an object, of the photograph's size.

    Args:
        logits: (N, h, w) of each object in the letterboxed square.
        corners: (N, 4) left, top, right, bottom in pixels of the photograph.
        shape: (H, W) of the photograph.
    """
    height, width = shape
    to_rows, to_columns = _axes(logits.shape[1:], shape)
    masks = []
    for one, (left, top, right, bottom) in zip(logits, np.ceil(corners).astype(int), strict=True):
        row_end, column_end = min(bottom, height), min(right, width)
        rows, row_band = _part(to_rows, top, row_end)
        columns, column_band = _part(to_columns, left, column_end)
        crop = rows @ one[row_band, column_band] @ columns.T > 0
        masks.append(encode_crop(crop, int(left), int(top), height, width))
    return tuple(masks)


@lru_cache(maxsize=16)
def _axes(small: tuple[int, int], shape: tuple[int, int]) -> tuple[Matrix, Matrix]:
    """Return the matrices from the logits' rows to the photograph's, and the same for columns."""
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


def _axis(side: int, factor: int, full: int, gain: float) -> Matrix:
    """Return the (full, side) matrix that enlarges, cuts off the letterbox, and resizes."""
    import torch
    from torch.nn.functional import interpolate

    identity = torch.eye(side).reshape(1, side, side, 1)
    enlarged = interpolate(identity, scale_factor=(factor, 1), mode="bilinear")
    content = max(round(full * gain), 1)
    start = round((factor * side - content) / 2 - 0.1)
    cut = enlarged[:, :, start : start + content]
    matrix: Matrix = interpolate(cut, size=(full, 1), mode="bilinear")[0, :, :, 0].T.numpy()
    return np.ascontiguousarray(matrix)


def _part(matrix: Matrix, start: int, stop: int) -> tuple[Matrix, slice]:
    """Return the rows of a banded matrix without its columns of zeros, and which those are not."""
    rows = matrix[start:stop]
    used = np.flatnonzero(rows.any(axis=0))
    band = slice(int(used[0]), int(used[-1]) + 1) if len(used) else slice(0, 0)
    return rows[:, band], band
