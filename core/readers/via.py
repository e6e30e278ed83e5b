"""VGG Image Annotator 1.x and 2.x: JSON of regions, saved as annotations or as a project.

A region's coordinates are pixels of the image file, from its top left corner. The file has no
sizes of images: they are read from the images. Which class a region has is one of the attributes
that its annotator invented.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.geometry.ellipse import Ellipse
from core.readers import json_file
from core.readers.drawn import Drawn
from core.readers.drawn_objects import Described, drawn_dataset
from core.readers.faults import Fault, shown
from core.readers.image_list import ImageList
from core.readers.json_file import Record, RepeatedKeys
from core.readers.outlines import Outline, box_outline, ellipse_outline, polygon_outline
from core.readers.via_classes import ClassRule, class_rule
from core.structures import Dataset, Source

FORMAT = "via"
PROJECT = "_via_img_metadata"
NO_AREA = ("point", "polyline")
ADVICE = (
    "Mend the file, or import with --skip-bad to leave out what is faulty. Images are looked for "
    "in the images folder, by their filename."
)


@dataclass(frozen=True)
class Region:
    """One region as the file has it, unchecked but for being two objects.

    Attributes:
        place: as faults name it.
        image_id: of its image.
        shape: its shape_attributes.
        attributes: its region_attributes.
    """

    place: str
    image_id: int
    shape: dict[str, object]
    attributes: dict[str, object]


def read_via(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    class_attribute: str | None = None,
    one_class: str | None = None,
    class_names: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a VIA file, and what was left out of it.

    Polygons, circles and ellipses become masks, and beside them rectangles too; rectangles alone
    stay boxes. Points and polylines have no area and are faults. Images have the ids 1 to n in
    the order of the file.

    Args:
        annotations: the JSON file.
        images_folder: where the file names of the images start.
        name: of the data set in the store.
        split: such as "val".
        class_attribute: the attribute of regions that is their class.
        one_class: what all regions are, where no attribute says it.
        class_names: the classes in their order; by default those that occur, sorted.
        skip_bad: leave out faulty images and regions, and return their faults.

    Raises:
        UsageError: the file is no VIA file, or nothing says the class of its regions.
        FaultyInputError: it has faults; all of them are listed.
    """
    file = json_file.load(annotations)
    faults: list[Fault] = []
    images = ImageList(images_folder, faults)
    regions: list[Region] = []
    for number, fields in enumerate(_entries(annotations, file.document), start=1):
        record = Record(fields, "images", number - 1, faults)
        file_name = record.text("filename")
        if file_name is not None and record.sound:
            images.add(number, file_name, record.place)
        regions += _regions(record, number, faults)
    rule = class_rule(
        annotations, [each.attributes for each in regions], class_attribute, one_class
    )
    drawn = [found for each in regions if (found := _drawn(each, rule, faults))]
    return drawn_dataset(
        name,
        split,
        Described(images.found, drawn, class_names),
        faults,
        images_folder=images_folder,
        source=Source(FORMAT, str(annotations), file.sha256),
        advice=ADVICE,
        skip_bad=skip_bad,
    )


def region_attributes(annotations: Path) -> list[str]:
    """Return the attributes of a VIA file's regions, one of which is their class; frequent first.

    Raises:
        UsageError: the file is no VIA file.
    """
    faults: list[Fault] = []
    counts: Counter[str] = Counter()
    entries = _entries(annotations, json_file.load(annotations).document)
    for number, fields in enumerate(entries):
        for region in _regions(Record(fields, "images", number, faults), number, faults):
            counts.update(list(region.attributes))
    return [name for name, _ in counts.most_common()]


def _entries(path: Path, document: object) -> list[dict[str, object]]:
    """Return what the file says of each image.

    Raises:
        UsageError: it is of another kind.
    """
    held = document.get(PROJECT, document) if isinstance(document, dict) else document
    entries = list(held.values()) if isinstance(held, dict) else []
    if isinstance(held, RepeatedKeys):
        keys = ", ".join(shown(key) for key in held.repeated)
        raise UsageError(f"{path}: it holds the image {keys} more than once. Mend the file.")
    if not entries or not all(
        isinstance(each, dict) and "filename" in each and "regions" in each for each in entries
    ):
        raise UsageError(
            f"{path}: this is no annotation file of VIA 1 or 2: expected an object with an entry "
            "{filename, size, regions, …} for each image, or a saved project with "
            f"{PROJECT}. Export the annotations from VIA as JSON (not as COCO, and not CSV)."
        )
    return entries


def _regions(image: Record, image_id: int, faults: list[Fault]) -> Iterator[Region]:
    """Yield the regions of an image: VIA 1 keeps an object of them, VIA 2 a list."""
    given = image.fields["regions"]
    image.note_repeats(given, "'regions'")
    if isinstance(given, dict):
        given = list(given.values())
    if not isinstance(given, list):
        image.fault(f"'regions' is {shown(given)}; expected a list or an object of regions")
        return
    file_name = ascii(str(image.fields["filename"]))[1:-1]
    for record in json_file.records(given, f"{file_name} regions", faults):
        parts = [record.fields.get(key) for key in ("shape_attributes", "region_attributes")]
        shape, attributes = parts
        if isinstance(shape, dict) and isinstance(attributes, dict) and record.sound:
            yield Region(record.place, image_id, shape, attributes)
        elif record.sound:
            record.fault("expected two objects, shape_attributes and region_attributes")


def _drawn(region: Region, rule: ClassRule, faults: list[Fault]) -> Drawn | None:
    try:
        class_name = rule.class_of(region.attributes)
        outline = _outline(region.shape)
    except UsageError as error:
        faults.append(Fault(region.place, str(error)))
        return None
    return Drawn(region.place, region.image_id, class_name, outline)


def _outline(shape: dict[str, object]) -> Outline:
    """Return the outline of a region.

    Raises:
        UsageError: it has none that encloses an area, or its numbers are unsound.
    """
    kind = shape.get("name")
    if kind == "rect":
        return box_outline(*_numbers(shape, "x", "y", "width", "height"))
    if kind == "circle":
        x, y, radius = _numbers(shape, "cx", "cy", "r")
        return ellipse_outline(Ellipse(x, y, radius, radius))
    if kind == "ellipse":
        # VIA 1 has no theta; VIA 2 turns by radians
        turn = _numbers(shape, "theta") if "theta" in shape else [0.0]
        return ellipse_outline(Ellipse(*_numbers(shape, "cx", "cy", "rx", "ry"), *turn))
    if kind == "polygon":
        return polygon_outline([_points(shape)])
    if kind in NO_AREA:
        raise UsageError(
            f"the region is a {kind}, which encloses no area; expected a polygon, rect, circle or "
            "ellipse"
        )
    raise UsageError(
        f"the shape is {shown(kind)}; expected polygon, rect, circle or ellipse as its name"
    )


def _numbers(shape: dict[str, object], *keys: str) -> list[float]:
    found = [shape.get(key) for key in keys]
    wrong = next((key for key, each in zip(keys, found, strict=True) if not _is_number(each)), None)
    if wrong:
        raise UsageError(f"{wrong!r} is {shown(shape.get(wrong))}; expected a number of pixels")
    return [each for each in found if isinstance(each, int | float)]


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _points(shape: dict[str, object]) -> list[tuple[float, float]]:
    columns, rows = shape.get("all_points_x"), shape.get("all_points_y")
    if not isinstance(columns, list) or not isinstance(rows, list) or len(columns) != len(rows):
        raise UsageError("expected two lists of one length, all_points_x and all_points_y")
    return list(zip(columns, rows, strict=True))
