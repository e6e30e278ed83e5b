"""Pascal VOC's XML files: the objects of one image each, with their boxes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from core.errors import UsageError
from core.readers.faults import Fault, shown
from core.readers.json_file import GREATEST_COORDINATE, is_writable, read_file
from core.readers.outlines import Outline, box_outline

CORNERS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True)
class VocObject:
    """One object of an image.

    Attributes:
        place: as faults name it.
        number: of the object in its file, from 1: its value in the PNG of objects.
        class_name: what it is.
        outline: its box, in pixels.
        difficult: VOC's evaluation passes it over.
    """

    place: str
    number: int
    class_name: str
    outline: Outline
    difficult: bool


@dataclass(frozen=True)
class VocFile:
    """What a file says of its image.

    Attributes:
        size: height and width, or None if it does not say.
        objects: the sound ones.
        count: objects of the file, sound or not.
    """

    size: tuple[int, int] | None
    objects: tuple[VocObject, ...]
    count: int


class _NoDoctype(ElementTree.TreeBuilder):
    """Builds a tree, but of no document that defines entities or names other files."""

    def doctype(self, name: str, *_: object) -> None:
        """Refuse the document."""
        raise UsageError(f"it has a document type ({shown(name)}), which VOC's files have not")


def read_voc_file(path: Path, faults: list[Fault], *, zero_based: bool) -> VocFile | None:
    """Return what a file says, or None with the fault noted if it cannot be read.

    Args:
        path: of the XML file.
        faults: gets what is wrong with it and its objects.
        zero_based: its corners count from 0, the second one exclusive, as LabelImg writes them;
            otherwise from 1, both inclusive, as VOC does.
    """
    try:
        root = _root(path)
        size = _size(root)
    except UsageError as error:
        faults.append(Fault(path.name, str(error)))
        return None
    elements = root.findall("object")
    found = list(_objects(path, elements, faults, zero_based=zero_based))
    return VocFile(size, tuple(found), len(elements))


def _root(path: Path) -> Element:
    parser = ElementTree.XMLParser(target=_NoDoctype())  # noqa: S314 - it refuses what would define entities
    try:
        parser.feed(read_file(path))
        root: Element = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError) as error:
        raise UsageError(f"it is no XML: {error}. Check that the file is complete") from error
    if root.tag != "annotation":
        raise UsageError(f"its outermost element is {shown(root.tag)}; expected annotation")
    return root


def _size(root: Element) -> tuple[int, int] | None:
    size = root.find("size")
    if size is None:
        return None
    sides = [(size.findtext(name) or "").strip() for name in ("height", "width")]
    if not all(side.isdecimal() and len(side) < 10 for side in sides):
        raise UsageError(f"its size is {shown(' x '.join(sides))}; expected height and width")
    return int(sides[0]), int(sides[1])


def _objects(
    path: Path, elements: list[Element], faults: list[Fault], *, zero_based: bool
) -> Iterator[VocObject]:
    for number, element in enumerate(elements, start=1):
        place = f"{path.name} object[{number - 1}]"
        try:
            class_name = (element.findtext("name") or "").strip()
            if not class_name or not is_writable(class_name):
                raise UsageError(f"its name is {shown(class_name)}; expected that of a class")
            outline = _outline(element, zero_based=zero_based)
            yield VocObject(place, number, class_name, outline, _is_difficult(element))
        except UsageError as error:
            faults.append(Fault(place, str(error)))


def _outline(element: Element, *, zero_based: bool) -> Outline:
    texts = [element.findtext(f"bndbox/{corner}") or "" for corner in CORNERS]
    left, top, right, bottom = _numbers(texts)
    if zero_based:
        return box_outline(left, top, right - left, bottom - top)
    if min(left, top) < 1:
        raise UsageError(
            f"its box begins at {left:g}, {top:g}, but VOC counts from 1. If the files count from "
            "0, as LabelImg's do, give --zero-based"
        )
    return box_outline(left - 1, top - 1, right - left + 1, bottom - top + 1)


def _numbers(texts: list[str]) -> list[float]:
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        numbers = [math.nan]
    if not all(abs(number) <= GREATEST_COORDINATE for number in numbers):
        raise UsageError(f"its box is {shown(', '.join(texts))}; expected {', '.join(CORNERS)}")
    return numbers


def _is_difficult(element: Element) -> bool:
    text = (element.findtext("difficult") or "0").strip()
    if text not in ("0", "1"):
        raise UsageError(f"difficult is {shown(text)}; expected 0 or 1")
    return text == "1"
