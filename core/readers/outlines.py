"""Outlines that annotation tools draw, as boxes and masks.

A polygon is painted by pycocotools' rule, as COCO's are; an ellipse covers the pixels whose centre
is inside. The box is that of the outline as it was drawn, also where it leaves the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import UsageError
from core.geometry import polygon, rle
from core.geometry.ellipse import Ellipse
from core.readers.json_file import GREATEST_COORDINATE, Box
from core.structures import Rle

Point = tuple[float, float]


@dataclass(frozen=True)
class Outline:
    """One drawn object; give polygons, or an ellipse, or pixels, or a box alone.

    Attributes:
        box: x, y, width, height in pixels.
        polygons: rings [x1, y1, x2, y2, …] whose union it is.
        ellipse: it is this one, or None.
        pixels: it is these, as a mask of the image's size, or None.
    """

    box: Box
    polygons: tuple[tuple[float, ...], ...] = ()
    ellipse: Ellipse | None = None
    pixels: Rle | None = None

    @property
    def is_box(self) -> bool:
        """Whether it is a plain box, which says nothing of pixels."""
        return not self.polygons and self.ellipse is None and self.pixels is None

    def mask(self, height: int, width: int) -> Rle:
        """Return its pixels; those of a plain box where other objects have masks.

        Raises:
            UsageError: it cannot be painted, or covers no pixel of the image.
        """
        if self.pixels is not None:
            mask = self.pixels
        elif self.ellipse is not None:
            mask = self.ellipse.rasterise(height, width)
        else:
            rings = self.polygons or (_ring_of(self.box),)
            mask = polygon.rasterise([list(ring) for ring in rings], height, width)
        if rle.area(mask) == 0:
            raise UsageError("it covers no pixel of its image; expected an area")
        return mask


def polygon_outline(rings: Sequence[Sequence[Point]]) -> Outline:
    """Return the object that consists of the insides of rings of points.

    Raises:
        UsageError: a ring has fewer than three points, or a number is none of an image.
    """
    for ring in rings:
        if len(ring) < 3:
            raise UsageError(f"a polygon of {len(ring)} points; expected three or more")
        _require_near([number for point in ring for number in point])
    columns = [float(x) for ring in rings for x, _ in ring]
    rows = [float(y) for ring in rings for _, y in ring]
    left, top = min(columns), min(rows)
    box = (left, top, max(columns) - left, max(rows) - top)
    return Outline(box, tuple(tuple(float(n) for point in ring for n in point) for ring in rings))


def box_outline(x: float, y: float, width: float, height: float) -> Outline:
    """Return the object that is a plain box.

    Raises:
        UsageError: a side is not above 0, or a number is none of an image.
    """
    _require_near([x, y, width, height])
    if width <= 0 or height <= 0:
        raise UsageError(f"a rectangle of {width:g} x {height:g}; expected sides above 0")
    return Outline((float(x), float(y), float(width), float(height)))


def ellipse_outline(ellipse: Ellipse) -> Outline:
    """Return the object that is an ellipse or circle.

    Raises:
        UsageError: a radius is not above 0, or a number is none of an image.
    """
    numbers = [ellipse.x, ellipse.y, ellipse.across, ellipse.down, ellipse.turn]
    _require_near(numbers)
    if ellipse.across <= 0 or ellipse.down <= 0:
        raise UsageError(
            f"an ellipse with radii {ellipse.across:g} and {ellipse.down:g}; expected them above 0"
        )
    return Outline(ellipse.box(), ellipse=ellipse)


def _ring_of(box: Box) -> tuple[float, ...]:
    x, y, width, height = box
    return x, y, x + width, y, x + width, y + height, x, y + height


def _require_near(numbers: Sequence[object]) -> None:
    for number in numbers:
        # NaN fails every comparison; True is no number here
        if type(number) not in (int, float) or not abs(number) <= GREATEST_COORDINATE:  # type: ignore[arg-type]
            raise UsageError(f"a coordinate is {_shown(number)}; expected a finite number")


def _shown(number: object) -> str:
    return str(number)[:40] if isinstance(number, int | float | str) else type(number).__name__
