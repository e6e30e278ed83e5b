"""LabelMe: a JSON file an image, with its shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import UsageError
from core.geometry.ellipse import Ellipse
from core.readers import json_file
from core.readers.drawn import Drawn
from core.readers.drawn_objects import Described, drawn_dataset
from core.readers.faults import Fault, shown
from core.readers.image_list import ImageList
from core.readers.json_file import Record, is_writable
from core.readers.labelme_mask import mask_outline
from core.readers.outlines import (
    Outline,
    Point,
    box_outline,
    ellipse_outline,
    joined,
    polygon_outline,
    require_near,
)
from core.readers.sources import folder_source
from core.structures import Dataset, ImageRecord

FORMAT = "labelme"
NO_AREA = ("point", "points", "line", "linestrip")
ADVICE = (
    "Mend the files, or import with --skip-bad to leave out what is faulty. Images are looked for "
    "in the images folder, by the last part of their imagePath."
)


@dataclass(frozen=True)
class Shape:
    """One shape of a file.

    Attributes:
        drawn: the object that it is, or a part of.
        group: shapes of one label and group are parts of one object; None: it is one by itself.
    """

    drawn: Drawn
    group: int | None


def read_labelme(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    class_names: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a folder of LabelMe's files, and what was left out of it.

    Polygons, circles and masks become masks, and beside them rectangles too; rectangles alone
    stay boxes. Shapes of one label and one group_id are one object in parts. Points and lines
    have no area and are faults. An image without a JSON file does not belong to the data set.
    Images have the ids 1 to n in the order of the JSON files' names.

    Args:
        annotations: folder of the JSON files.
        images_folder: folder of the images.
        name: of the data set in the store.
        split: such as "val".
        class_names: the classes in their order; by default those that occur, sorted.
        skip_bad: leave out faulty images and shapes, and return their faults.

    Raises:
        UsageError: the folder holds no JSON files.
        FaultyInputError: files have faults; all of them are listed.
    """
    paths = sorted(path for path in annotations.glob("*.json") if not path.name.startswith("."))
    if not paths:
        raise UsageError(f"{annotations}: the folder holds no .json files. Check the path.")
    faults: list[Fault] = []
    images = ImageList(images_folder, faults)
    drawn: list[Drawn] = []
    digests = {}
    for number, path in enumerate(paths, start=1):
        try:
            file = json_file.load(path)
        except UsageError as error:
            faults.append(Fault(ascii(path.name)[1:-1], str(error)))
            continue
        digests[path.name] = file.sha256
        drawn += _objects_of_file(path.name, number, file.document, images, faults)
    return drawn_dataset(
        name,
        split,
        Described(images.found, drawn, class_names),
        faults,
        images_folder=images_folder,
        source=folder_source(FORMAT, annotations, digests),
        advice=ADVICE,
        skip_bad=skip_bad,
    )


def _objects_of_file(
    name: str, number: int, document: object, images: ImageList, faults: list[Fault]
) -> list[Drawn]:
    """Return the objects of a file, and add its image; none if the image has a fault."""
    name = ascii(name)[1:-1]
    if not isinstance(document, dict) or not isinstance(document.get("shapes"), list):
        message = "this is no file of LabelMe: expected an object with imagePath and a list shapes"
        faults.append(Fault(name, message))
        return []
    image = _image(name, number, document, images, faults)
    if image is None:
        return []
    shapes = []
    for record in json_file.records(document["shapes"], f"{name} shapes", faults):
        found = _shape(record, image)
        shapes += [found] if found else []
    return _in_groups(shapes)


def _image(
    name: str, number: int, document: dict[str, object], images: ImageList, faults: list[Fault]
) -> ImageRecord | None:
    path, sides = (
        document.get("imagePath"),
        [document.get(f"image{s}") for s in ("Height", "Width")],
    )
    if not isinstance(path, str) or not path.strip():
        faults.append(Fault(name, f"'imagePath' is {shown(path)}; expected the name of a file"))
        return None
    size = None
    if sides != [None, None]:  # files of other programs may leave them out
        if [type(side) for side in sides] != [int, int]:
            message = f"imageHeight and imageWidth are {shown(sides)}; expected whole numbers"
            faults.append(Fault(name, message))
            return None
        size = (int(str(sides[0])), int(str(sides[1])))
    # the path leads from the JSON file, and was written on any system
    return images.add(number, PurePosixPath(path.replace("\\", "/")).name, name, size)


def _shape(record: Record, image: ImageRecord) -> Shape | None:
    """Return a shape of an image; None, with the fault noted, if it is none with an area."""
    label, group = record.text("label"), record.fields.get("group_id")
    if group is not None and type(group) is not int:
        record.fault(f"'group_id' is {shown(group)}; expected null or a whole number")
    try:
        outline = _outline(record.fields, image)
    except UsageError as error:
        record.fault(str(error))
        return None
    if label is None or not record.sound or not is_writable(label):
        return None
    drawn = Drawn(record.place, image.id, label.strip(), outline)
    return Shape(drawn, group if isinstance(group, int) else None)


def _outline(fields: dict[str, object], image: ImageRecord) -> Outline:
    """Return the outline of a shape.

    Raises:
        UsageError: it has none that encloses an area, or its points are unsound.
    """
    kind = fields.get("shape_type", "polygon")  # the first versions knew no other
    if kind in NO_AREA:
        raise UsageError(
            f"the shape is of type {kind}, which encloses no area; expected polygon, rectangle, "
            "circle or mask"
        )
    if kind == "polygon":
        return polygon_outline([_points(fields)])
    if kind not in ("rectangle", "circle", "mask"):
        raise UsageError(
            f"'shape_type' is {shown(kind)}; expected polygon, rectangle, circle or mask"
        )
    points = _points(fields)
    if len(points) != 2:
        raise UsageError(f"a {kind} of {len(points)} points; expected two")
    if kind == "mask":
        return mask_outline(fields.get("mask"), points, image.height, image.width)
    (x, y), (other_x, other_y) = points
    if kind == "circle":
        radius = math.hypot(other_x - x, other_y - y)
        return ellipse_outline(Ellipse(x, y, radius, radius))
    return box_outline(min(x, other_x), min(y, other_y), abs(other_x - x), abs(other_y - y))


def _points(fields: dict[str, object]) -> list[Point]:
    points = fields.get("points")
    if not isinstance(points, list) or not all(
        isinstance(point, list) and len(point) == 2 for point in points
    ):
        raise UsageError(f"'points' is {shown(points)}; expected [[x, y], …]")
    require_near([number for point in points for number in point])
    return [(float(x), float(y)) for x, y in points]


def _in_groups(shapes: Sequence[Shape]) -> list[Drawn]:
    """Return the objects of an image, each where its first part stands."""
    parts: dict[object, list[Drawn]] = {}
    for index, shape in enumerate(shapes):
        key = index if shape.group is None else (shape.drawn.class_name, shape.group)
        parts.setdefault(key, []).append(shape.drawn)
    return [_joined(own) for own in parts.values()]


def _joined(parts: Sequence[Drawn]) -> Drawn:
    first = parts[0]
    if len(parts) == 1:
        return first
    outline = joined([part.outline for part in parts])
    return Drawn(first.place, first.image_id, first.class_name, outline)
