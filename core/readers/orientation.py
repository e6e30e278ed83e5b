"""Photographs that their EXIF asks to show turned.

Pixels are read as they are stored, as COCO's are: rows and columns of annotations count from the
first stored pixel. A tool that turned the photograph before somebody annotated it counted from
another corner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.readers.drawn import Drawn
from core.readers.faults import Fault
from core.readers.images import ENDINGS, ON_ITS_SIDE, UPRIGHT, orientation, turned_advice
from core.structures import Dataset, ImageRecord

SLACK = 1.0  # pixels by which outlines may cross the border: people draw with a coarse hand
MOST_LOOKED_AT = 2000
SHOWN_NAMES = 3


def without_turned(
    images: Mapping[int, ImageRecord],
    drawn: Sequence[Drawn],
    folder: Path,
    faults: list[Fault],
) -> dict[int, ImageRecord]:
    """Return the images but for those whose objects were drawn on the turned photograph.

    That is certain where an outline crosses the border of the stored image, all of them fit into
    the turned one, and EXIF asks for the turn. Only such images are opened again.

    Args:
        images: id to image.
        drawn: objects of these images.
        folder: where the paths of the images start.
        faults: gets one for each image that is left out.
    """
    first: dict[int, str] = {}
    farthest: dict[int, tuple[float, float]] = {}
    for each in drawn:
        x, y, width, height = each.outline.box
        right, bottom = farthest.get(each.image_id, (0.0, 0.0))
        farthest[each.image_id] = max(right, x + width), max(bottom, y + height)
        first.setdefault(each.image_id, each.place)
    kept = dict(images)
    for key, (right, bottom) in farthest.items():
        image = images.get(key)
        if image is None or _within(right, bottom, image.height, image.width):
            continue
        turn = orientation(folder / image.path)
        if turn in ON_ITS_SIDE and _within(right, bottom, image.width, image.height):
            faults.append(Fault(first[key], _told(image, right, bottom, turn)))
            del kept[key]
    return kept


def _within(right: float, bottom: float, height: int, width: int) -> bool:
    return right <= width + SLACK and bottom <= height + SLACK


def _told(image: ImageRecord, right: float, bottom: float, turn: int) -> str:
    return (
        f"objects of {image.path!r} reach column {right:g} and row {bottom:g}, beyond the stored "
        f"image of {image.height} x {image.width} (height x width), but not beyond the turned one; "
        f"{turned_advice(turn)}"
    )


def told_turned(dataset: Dataset) -> str:
    """Return a sentence on photographs that EXIF asks to turn, or "" where there are none.

    The first `MOST_LOOKED_AT` images are looked at.
    """
    files = [image for image in dataset.images if Path(image.path).suffix.lower() in ENDINGS]
    looked_at = files[:MOST_LOOKED_AT]
    turned = [
        image.name
        for image in looked_at
        if orientation(dataset.images_folder / image.path) != UPRIGHT
    ]
    if not turned:
        return ""
    more = ", …" if len(turned) > SHOWN_NAMES else ""
    return (
        f"{len(turned):,} of {len(looked_at):,} photographs carry an EXIF orientation, such as "
        f"{', '.join(turned[:SHOWN_NAMES])}{more}. Pixels are read as they are stored, as COCO's "
        "are, and never turned; the sizes agree with that, but look at some of these images to "
        "see that the objects sit where they should."
    )
