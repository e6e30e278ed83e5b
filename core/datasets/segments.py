"""Masks as COCO segmentations."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from core.datasets.placement import Mask
from core.geometry import polygon, rle
from core.structures import Rle

FINENESS = 4  # subpixels a side
LEAST_CORNERS = 3
# The outline runs through the centres of the mask's outermost subpixels, 1/8 pixel inside its
# edge. A polygon that leaves it by no more than 1/2 pixel stays short of the centres of all other
# pixels, which decide what is painted: so polygons of disjoint masks are disjoint.
DEVIATION = 0.5
LEAST_IOU = 0.95


class Segment(NamedTuple):
    """A segmentation as COCO writes it, and the mask that readers will get from it."""

    written: list[list[float]] | dict[str, object]
    mask: Rle


def segment(mask: Mask) -> Segment:
    """Return the segmentation of a mask, which covers no pixel outside of it.

    A mask in one piece without holes becomes a polygon if the polygon is close to it. Every other
    mask becomes compressed run lengths, which are exact.

    Args:
        mask: shape (H, W), with at least one pixel.
    """
    corners = _corners(mask)
    if corners is not None:
        painted = polygon.rasterise([corners], *mask.shape)
        if rle.area(painted) >= LEAST_IOU * mask.sum():
            return Segment([corners], painted)
    encoded = rle.encode(mask)
    counts = encoded.counts.decode("ascii")
    return Segment({"size": [encoded.height, encoded.width], "counts": counts}, encoded)


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
