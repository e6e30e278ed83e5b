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
    """One drawn object; give one kind, or a box alone.

    Attributes:
        box: x, y, width, height in pixels.
        polygons: rings [x1, y1, x2, y2, …] whose union it is.
        ellipse: it is this one, or None.
        pixels: it is these, as a mask of the image's size, or None.
        parts: it is these together.
    """

    box: Box
    polygons: tuple[tuple[float, ...], ...] = ()
    ellipse: Ellipse | None = None
    pixels: Rle | None = None
    parts: tuple[Outline, ...] = ()

    @property
    def is_box(self) -> bool:
        """Whether it is a plain box, which says nothing of pixels."""
        return not (self.polygons or self.ellipse or self.pixels or self.parts)

    def mask(self, height: int, width: int) -> Rle:
        """Return its pixels; those of a plain box where other objects have masks.

        Raises:
            UsageError: it cannot be painted, or covers no pixel of the image.
        """
        mask = self._painted(height, width)
        if rle.area(mask) == 0:
            raise UsageError("it covers no pixel of its image; expected an area")
        return mask

    def _painted(self, height: int, width: int) -> Rle:
        if self.parts:
            return rle.union([part._painted(height, width) for part in self.parts])
        if self.pixels is not None:
            return self.pixels
        if self.ellipse is not None:
            return self.ellipse.rasterise(height, width)
        rings = self.polygons or (_ring_of(self.box),)
        return polygon.rasterise([list(ring) for ring in rings], height, width)


def polygon_outline(rings: Sequence[Sequence[Point]]) -> Outline:
    """Return the object that consists of the insides of rings of points.

    Raises:
        UsageError: a ring has fewer than three points, or a number is none of an image.
    """
    for ring in rings:
        if len(ring) < 3:
            raise UsageError(f"a polygon of {len(ring)} points; expected three or more")
        require_near([number for point in ring for number in point])
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
    require_near([x, y, width, height])
    if width <= 0 or height <= 0:
        raise UsageError(f"a rectangle of {width:g} x {height:g}; expected sides above 0")
    return Outline((float(x), float(y), float(width), float(height)))


def ellipse_outline(ellipse: Ellipse) -> Outline:
    """Return the object that is an ellipse or circle.

    Raises:
        UsageError: a radius is not above 0, or a number is none of an image.
    """
    numbers = [ellipse.x, ellipse.y, ellipse.across, ellipse.down, ellipse.turn]
    require_near(numbers)
    if ellipse.across <= 0 or ellipse.down <= 0:
        raise UsageError(
            f"an ellipse with radii {ellipse.across:g} and {ellipse.down:g}; expected them above 0"
        )
    return Outline(ellipse.box(), ellipse=ellipse)


def joined(parts: Sequence[Outline]) -> Outline:
    """Return the object that consists of two or more outlines; its box holds all of theirs."""
    left, top = min(part.box[0] for part in parts), min(part.box[1] for part in parts)
    right = max(part.box[0] + part.box[2] for part in parts)
    bottom = max(part.box[1] + part.box[3] for part in parts)
    return Outline((left, top, right - left, bottom - top), parts=tuple(parts))


def _ring_of(box: Box) -> tuple[float, ...]:
    x, y, width, height = box
    return x, y, x + width, y, x + width, y + height, x, y + height


def require_near(numbers: Sequence[object]) -> None:
    """Refuse what is no coordinate of an image.

    Raises:
        UsageError: an entry is no finite number, or is far beyond any image.
    """
    for number in numbers:
        # NaN fails every comparison; True is no number here
        if type(number) not in (int, float) or not abs(number) <= GREATEST_COORDINATE:  # type: ignore[arg-type]
            raise UsageError(f"a coordinate is {_shown(number)}; expected a finite number")


def _shown(number: object) -> str:
    return str(number)[:40] if isinstance(number, int | float | str) else type(number).__name__
