"""Polygons to masks, by the rule of COCO."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from core.errors import UsageError
from core.geometry.rle import check_size
from core.structures import Rle

LEAST_NUMBERS = 6


def check_polygons(polygons: object, height: int, width: int) -> str | None:
    """Say what is wrong with the polygons of one object, or return None if they are sound.

    Args:
        polygons: [[x1, y1, x2, y2, …], …] in pixels, three points or more each. A point may
            lie outside the image by up to the image's own width and height.
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.
    """
    fault = check_size(height, width)
    if fault:
        return fault
    if not isinstance(polygons, list) or not polygons:
        return "polygons are no list of polygons; expected [[x1, y1, x2, y2, …], …]"
    for index, polygon in enumerate(polygons):
        fault = _check_ring(polygon, height, width)
        if fault:
            return f"polygon {index} {fault}"
    return None


def rasterise(polygons: list[list[float]], height: int, width: int) -> Rle:
    """Return the mask that pycocotools paints for the polygons of one object.

    The mask is the union of its polygons: a polygon inside another adds nothing and cuts no
    hole. Within one polygon, a point is inside if a ray crosses the outline an odd number of
    times, so an outline that runs twice around itself is empty.

    Raises:
        UsageError: `check_polygons` finds a fault.
    """
    fault = check_polygons(polygons, height, width)
    if fault:
        raise UsageError(f"the polygons cannot be painted: {fault}")
    return paint(polygons, height, width)


def paint(rings: Sequence[Sequence[float] | NDArray[np.float64]], height: int, width: int) -> Rle:
    """Return what `rasterise` does of polygons that were found sound.

    Args:
        rings: x and y in turns, each.
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.
    """
    painted = coco_mask.frPyObjects(rings, height, width)
    whole = painted[0] if len(painted) == 1 else coco_mask.merge(painted)
    return Rle(height, width, bytes(whole["counts"]))


def _check_ring(ring: object, height: int, width: int) -> str | None:
    if not isinstance(ring, list):
        return f"is of type {type(ring).__name__}; expected a flat list [x1, y1, x2, y2, …]"
    if len(ring) < LEAST_NUMBERS or len(ring) % 2:
        return f"has {len(ring)} numbers; expected an even count of at least {LEAST_NUMBERS}"
    if _is_near(ring, height, width):
        return None
    for index, number in enumerate(ring):
        if type(number) not in (int, float) or (type(number) is float and math.isnan(number)):
            return f"holds {str(number)[:40]} at place {index}; expected finite numbers"
        side, name = (height, "height") if index % 2 else (width, "width")
        if not -side <= number <= 2 * side:
            return (
                f"holds {str(number)[:40]} at place {index}, further than one image {name} "
                f"({side} px) outside the image"
            )
    return None


def _is_near(ring: list[float], height: int, width: int) -> bool:
    """Tell, without a look at each number in turn, whether all are sound and near the image."""
    return (
        set(map(type, ring)) <= {int, float}
        and all(map(operator.eq, ring, ring))  # no NaN, which would hide others from min and max
        and -width <= min(ring[::2])
        and max(ring[::2]) <= 2 * width
        and -height <= min(ring[1::2])
        and max(ring[1::2]) <= 2 * height
    )
