"""Ellipses to masks: the pixels whose centre lies inside."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.geometry import rle
from core.structures import Rle


@dataclass(frozen=True)
class Ellipse:
    """An ellipse in pixels of its image; pixel (row 0, column 0) has its centre at (0.5, 0.5).

    Attributes:
        x: of its centre.
        y: of its centre.
        across: half of the axis that is horizontal before the turn, more than 0.
        down: half of the other axis, more than 0.
        turn: clockwise as seen on screen, radians.
    """

    x: float
    y: float
    across: float
    down: float
    turn: float = 0.0

    def box(self) -> tuple[float, float, float, float]:
        """Return the tight x, y, width, height of the outline, in pixels.

        Example:
            >>> Ellipse(5, 5, 3, 2).box()
            (2.0, 3.0, 6.0, 4.0)
        """
        cosine, sine = math.cos(self.turn), math.sin(self.turn)
        half_width = math.hypot(self.across * cosine, self.down * sine)
        half_height = math.hypot(self.across * sine, self.down * cosine)
        corner = self.x - half_width, self.y - half_height
        return *corner, 2 * half_width, 2 * half_height

    def rasterise(self, height: int, width: int) -> Rle:
        """Return the mask of the pixels whose centre is inside or on the outline.

        Args:
            height: rows of the image, in pixels.
            width: columns of the image, in pixels.
        """
        x, y, own_width, own_height = self.box()
        left, right = _clipped(x, x + own_width, width)
        top, bottom = _clipped(y, y + own_height, height)
        columns = np.arange(left, right) + 0.5 - self.x
        rows = np.arange(top, bottom)[:, None] + 0.5 - self.y
        cosine, sine = math.cos(self.turn), math.sin(self.turn)
        along = (columns * cosine + rows * sine) / self.across
        beside = (rows * cosine - columns * sine) / self.down
        mask = np.zeros((height, width), np.bool_)
        mask[top:bottom, left:right] = along**2 + beside**2 <= 1
        return rle.encode(mask)


def _clipped(low: float, high: float, side: int) -> tuple[int, int]:
    """Return the first pixel that a span touches and the one after the last, inside the image."""
    first, last = (min(max(each, 0.0), float(side)) for each in (low, high))
    return math.floor(first), math.ceil(last)
