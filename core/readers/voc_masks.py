"""Pascal VOC's PNGs of objects: value n is the n-th object of the image's XML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.errors import UsageError
from core.geometry import rle
from core.readers.drawn import Drawn
from core.readers.faults import Fault, shown
from core.readers.label_values import read_indices, values_of
from core.readers.voc_xml import VocFile
from core.structures import ImageRecord

VOID = 255


def drawn_objects(
    image: ImageRecord, file: VocFile, png: Path | None, faults: list[Fault]
) -> list[Drawn] | None:
    """Return the objects of an image, or None with the fault of its PNG noted.

    Args:
        image: whose they are.
        file: its XML.
        png: of the pixels of its objects, or None for boxes alone.
        faults: gets what is wrong with the PNG.
    """
    outlines = {each.number: each.outline for each in file.objects}
    if png is not None:
        try:
            indices, _ = read_indices(png)
            _check(indices.shape, image, set(values_of(indices).tolist()), file.count)
        except UsageError as error:
            faults.append(Fault(ascii(png.name)[1:-1], str(error)))
            return None
        outlines = {
            number: replace(outline, pixels=rle.encode(indices == number))
            for number, outline in outlines.items()
        }
    return [
        Drawn(each.place, image.id, each.class_name, outlines[each.number], each.difficult)
        for each in file.objects
    ]


def _check(shape: tuple[int, ...], image: ImageRecord, values: set[int], count: int) -> None:
    if shape != (image.height, image.width):
        raise UsageError(
            f"the PNG of objects is {shape[0]} x {shape[1]} (height x width), expected the image's "
            f"{image.height} x {image.width}"
        )
    unknown = sorted(values - {VOID} - set(range(count + 1)))
    if unknown:
        raise UsageError(
            f"the PNG of objects has the values {shown(unknown)}, but the XML has {count} objects; "
            "expected 0, 1 to their number, and 255"
        )
