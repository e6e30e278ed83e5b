"""Masks as COCO segmentations."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from core.datasets.placement import Mask
from core.geometry import polygon, rle
from core.structures import Rle

FINENESS = 4  # subpixels a side: outlines through their centres lie close to the pixels' edges
LEAST_CORNERS = 3
# A polygon that leaves the outline by at most so many pixels stands for a mask of such an IoU.
DEVIATION, LEAST_IOU = 0.5, 0.95


class Segment(NamedTuple):
    """A segmentation as COCO writes it, and the mask that readers will get from it."""

    written: list[list[float]] | dict[str, object]
    mask: Rle


def segment_masks(masks: list[Mask]) -> list[Segment]:
    """Return the segmentations of disjoint masks of one image, which stay disjoint.

    A mask that is one piece without holes becomes a polygon, if the polygon is close to it and
    touches no other mask; every other mask becomes compressed run lengths, which are exact.

    Args:
        masks: each of shape (H, W), with at least one pixel.
    """
    taken = np.zeros_like(masks[0], dtype=np.int32) if masks else np.zeros((0, 0), np.int32)
    for mask in masks:
        taken += mask
    segments = []
    for mask in masks:
        segment = _as_polygon(mask, others=(taken - mask) > 0)
        if segment is None:
            segment = _as_run_lengths(mask)
        else:
            # later polygons keep off what this one covers now
            taken += rle.decode(segment.mask).astype(np.int32) - mask
        segments.append(segment)
    return segments


def _as_run_lengths(mask: Mask) -> Segment:
    encoded = rle.encode(mask)
    counts = encoded.counts.decode("ascii")
    return Segment({"size": [encoded.height, encoded.width], "counts": counts}, encoded)


def _as_polygon(mask: Mask, others: Mask) -> Segment | None:
    corners = _corners(mask)
    if corners is None:
        return None
    painted = polygon.rasterise([corners], *mask.shape)
    pixels = rle.decode(painted)
    iou = (pixels & mask).sum() / (pixels | mask).sum()
    if iou < LEAST_IOU or (pixels & others).any():
        return None
    return Segment([corners], painted)


def _corners(mask: Mask) -> list[float] | None:
    """Return the outline as x1, y1, x2, y2, … in pixels, or None if there is no single one."""
    fine = np.kron(mask.astype(np.uint8), np.ones((FINENESS, FINENESS), dtype=np.uint8))
    outlines, _ = cv2.findContours(fine, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if len(outlines) != 1:
        return None
    corners = cv2.approxPolyDP(outlines[0], DEVIATION * FINENESS, closed=True)[:, 0]
    if len(corners) < LEAST_CORNERS:
        return None
    return [round(float(x), 2) for x in ((corners + 0.5) / FINENESS).ravel()]
