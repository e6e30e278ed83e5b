"""Objects that people drew on images, each with the name of its class, as a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import UsageError
from core.geometry import rle
from core.readers.drawn import Drawn
from core.readers.faults import Fault, settle, shown
from core.readers.object_rows import ObjectRow, objects_of, tags_of
from core.readers.orientation import without_turned
from core.structures import Annotation, Category, Dataset, ImageRecord, Source


@dataclass(frozen=True)
class Described:
    """What was read of a split, before its objects are painted.

    Attributes:
        images: id to image, ascending; an object of another image is left out with it.
        drawn: objects in the order of the file.
        class_names: the classes in their order, or None for those that occur, sorted.
    """

    images: Mapping[int, ImageRecord]
    drawn: Sequence[Drawn]
    class_names: Sequence[str] | None = None


def drawn_dataset(
    name: str,
    split: str,
    described: Described,
    faults: list[Fault],
    *,
    images_folder: Path,
    source: Source,
    advice: str,
    skip_bad: bool,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of drawn objects, and what was left out of it.

    Either all objects have masks or none: beside polygons and ellipses, boxes become masks too.
    An object's area is that of its mask, or else of its box.

    Args:
        name: of the data set in the store.
        split: such as "val".
        described: what was read.
        faults: found so far.
        images_folder: where the paths of the images start.
        source: what was read.
        advice: what to do about faults.
        skip_bad: leave out faulty images and objects, and return their faults.

    Raises:
        UsageError: no class is known.
        FaultyInputError: there are faults, and they are not to be skipped.
    """
    names = _class_names(described)
    sound = without_turned(described.images, described.drawn, images_folder, faults)
    described = replace(described, images=sound)
    rows = _rows(described, names, faults)
    kept = sum(map(len, rows.values())) if described.drawn else len(rows)
    settled = settle(source.path, faults, skip_bad=skip_bad, kept=kept, advice=advice)
    if not names:
        raise UsageError(f"{source.path}: no object names a class. Name the classes by --classes.")
    masked = _masked(described)
    found = {}
    for image_id, image in described.images.items():
        own = rows[image_id]
        tagged = replace(image, tags=tags_of([row.crowd for row in own], image.tags, empty=not own))
        found[image_id] = Annotation(tagged, objects_of(own, scored=False, masked=masked))
    dataset = Dataset(
        name=name,
        split=split,
        categories=tuple(Category(word, source_id=index) for index, word in enumerate(names)),
        images=tuple(annotation.image for annotation in found.values()),
        annotations=found,
        images_folder=images_folder,
        source=source,
    )
    return dataset, settled


def _class_names(described: Described) -> tuple[str, ...]:
    if described.class_names is not None:
        return tuple(described.class_names)
    return tuple(sorted({each.class_name for each in described.drawn}))


def _masked(described: Described) -> bool:
    return any(not each.outline.is_box for each in described.drawn)


def _rows(
    described: Described, names: Sequence[str], faults: list[Fault]
) -> dict[int, list[ObjectRow]]:
    """Return the objects of each image; what cannot be one becomes a fault."""
    masked = _masked(described)
    class_of = {word: index for index, word in enumerate(names)}
    rows: dict[int, list[ObjectRow]] = {image_id: [] for image_id in described.images}
    for each in described.drawn:
        if each.image_id not in rows:
            continue  # its image's fault is noted
        if each.class_name not in class_of:
            message = f"the class is {shown(each.class_name)}, which is none of --classes"
            faults.append(Fault(each.place, message))
            continue
        try:
            image = described.images[each.image_id]
            mask = each.outline.mask(image.height, image.width) if masked else None
        except UsageError as error:
            faults.append(Fault(each.place, str(error)))
            continue
        box = each.outline.box
        area = box[2] * box[3] if mask is None else float(rle.area(mask))
        row = ObjectRow(class_of[each.class_name], box, area, each.crowd, mask=mask)
        rows[each.image_id].append(row)
    return rows
