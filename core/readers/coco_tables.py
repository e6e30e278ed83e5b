"""What COCO's instance and panoptic files share: categories and images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import UsageError
from core.geometry.rle import check_size
from core.readers import images as image_files
from core.readers import json_file
from core.readers.faults import Fault, settle, shown
from core.readers.json_file import JsonFile, Record, RepeatedKeys, is_writable, records
from core.structures import BACKGROUND_NAME, Category, ImageRecord

LISTS = ("images", "annotations", "categories")


@dataclass(frozen=True)
class Tables:
    """The checked images and categories of a COCO file.

    Attributes:
        categories: sorted by id, as pycocotools sorts them.
        things: for each class, whether it is countable; panoptic files say so.
        class_of: category id to class index.
        images: id to image, sorted by id; only those without faults.
        faulty_images: ids of images that were left out.
        annotations: the entries of the list, unchecked.
        sha256: of the file.
    """

    categories: tuple[Category, ...]
    things: tuple[bool, ...]
    class_of: dict[int, int]
    images: dict[int, ImageRecord]
    faulty_images: frozenset[int]
    annotations: list[object]
    sha256: str

    @property
    def background(self) -> int | None:
        """The class index of a first category called background, or None."""
        first = self.categories[0].name.strip().lower()
        return 0 if first == BACKGROUND_NAME else None


def read_tables(
    path: Path,
    images_folder: Path | None,
    faults: list[Fault],
    *,
    panoptic: bool,
    file: JsonFile | None = None,
) -> Tables:
    """Return the tables of a file; faults of images are noted, others raised.

    Args:
        path: the JSON file.
        images_folder: where image files must lie, or None if they are not looked for.
        faults: gets the faults of images.
        panoptic: whether annotations are lists of segments; then categories say which of them
            are things.
        file: what the file holds, if it was loaded already.

    Raises:
        UsageError: the file is no COCO file.
        FaultyInputError: its categories have faults.
    """
    if images_folder is not None and not images_folder.is_dir():
        raise UsageError(
            f"{images_folder}: there is no such folder of images. Give the folder that the "
            "file names of the images start in."
        )
    file = file or json_file.load(path)
    document = _top_level(path, file.document)
    category_faults: list[Fault] = []
    _check_kind(path, document["annotations"], panoptic=panoptic)
    found = _categories(document["categories"], category_faults, panoptic=panoptic)
    settle(
        str(path),
        category_faults,
        skip_bad=False,
        kept=0,
        advice="Without sound categories no annotation can be read: mend the file.",
    )
    found.sort(key=lambda pair: pair[0].source_id)
    images, faulty = _images(document["images"], images_folder, faults)
    return Tables(
        categories=tuple(category for category, _ in found),
        things=tuple(thing for _, thing in found),
        class_of={category.source_id: index for index, (category, _) in enumerate(found)},
        images=images,
        faulty_images=frozenset(faulty - images.keys()),
        annotations=document["annotations"],
        sha256=file.sha256,
    )


def image_of(record: Record, tables: Tables, orphans: list[Fault]) -> ImageRecord | None:
    """Return the image that a record belongs to.

    None, with the fault noted, if there is none; None, with a note among the orphans, if the
    image itself was left out for its own faults.
    """
    image_id = record.integer("image_id")
    if image_id is None:
        return None
    if image_id in tables.faulty_images:
        orphans.append(Fault(record.place, f"its image {image_id} is left out for its own faults"))
        return None
    if image_id not in tables.images:
        record.fault(f"'image_id' is {image_id}, but no image of the file has this id")
        return None
    return tables.images[image_id]


def class_of(record: Record, tables: Tables) -> int | None:
    """Return the class index of a record; None, with the fault noted, if it has none."""
    category_id = record.integer("category_id")
    if category_id is not None and category_id not in tables.class_of:
        record.fault(f"'category_id' is {category_id}, but no category of the file has this id")
        return None
    return None if category_id is None else tables.class_of[category_id]


def _top_level(path: Path, document: object) -> dict[str, list[object]]:
    if not isinstance(document, dict):
        raise UsageError(
            f"{path}: the outermost value is of type {type(document).__name__}, expected an object "
            "with the lists images, annotations and categories. A list of detections is a run: "
            "import it as coco-results."
        )
    if isinstance(document, RepeatedKeys) and set(LISTS) & set(document.repeated):
        keys = ", ".join(document.repeated)
        raise UsageError(f"{path}: the key {keys} occurs more than once. Mend the file.")
    for key in LISTS:
        if not isinstance(document.get(key), list):
            came = shown(document[key]) if key in document else "missing"
            raise UsageError(
                f"{path}: '{key}' is {came}; expected a list. A COCO annotation file has the "
                "lists images, annotations and categories."
            )
    for key in ("images", "categories"):
        if not document[key]:
            raise UsageError(f"{path}: the list '{key}' is empty; expected at least one entry.")
    return document


def _check_kind(path: Path, annotations: list[object], *, panoptic: bool) -> None:
    segments = any(isinstance(entry, dict) and "segments_info" in entry for entry in annotations)
    if segments and not panoptic:
        raise UsageError(
            f"{path}: the annotations have 'segments_info', so this is a panoptic file, not one "
            "of instances. Import it as coco-panoptic."
        )
    if annotations and panoptic and not segments:
        raise UsageError(
            f"{path}: no annotation has 'segments_info', so this is no panoptic file. Import a "
            "file of instances as coco."
        )


def _categories(
    entries: list[object], faults: list[Fault], *, panoptic: bool
) -> list[tuple[Category, bool]]:
    found = []
    ids: dict[object, int] = {}
    names: dict[object, int] = {}
    for record in records(entries, "categories", faults):
        category_id, name = record.integer("id"), record.text("name")
        group = record.fields.get("supercategory") or ""
        if not isinstance(group, str) or not is_writable(group):
            record.fault(f"'supercategory' is {shown(group)}; expected a text")
        thing = record.integer("isthing", high=1) if panoptic else 1
        note_repeat(record, "id", ids)
        note_repeat(record, "name", names)
        if record.sound and category_id is not None and name is not None:
            found.append((Category(name, str(group), category_id), thing == 1))
    return found


def _images(
    entries: list[object], folder: Path | None, faults: list[Fault]
) -> tuple[dict[int, ImageRecord], set[int]]:
    images: dict[int, ImageRecord] = {}
    faulty: set[int] = set()
    ids: dict[object, int] = {}
    paths: dict[object, int] = {}
    for record in records(entries, "images", faults):
        note_repeat(record, "id", ids)
        image = _image(record, paths)
        if image is not None and folder is not None:
            fault = image_files.check_file(folder / image.path, image.height, image.width)
            if fault:
                record.fault(fault)
        if image is not None and record.sound:
            images[image.id] = image
        elif type(record.fields.get("id")) is int:
            faulty.add(record.fields["id"])  # type: ignore[arg-type]
    return {image_id: images[image_id] for image_id in sorted(images)}, faulty


def _image(record: Record, paths: dict[object, int]) -> ImageRecord | None:
    image_id = record.integer("id")
    file_name = record.text("file_name")
    height, width = record.integer("height", low=1), record.integer("width", low=1)
    tags = _tags(record)
    if height is not None and width is not None:
        fault = check_size(height, width)
        if fault:
            record.fault(fault)
    if file_name is not None:
        fault = image_files.check_path(file_name)
        if fault:
            record.fault(fault)
        else:
            file_name = str(PurePosixPath(file_name))
            note_repeat(record, "file_name", paths, file_name)
    if not record.sound or None in (image_id, file_name, height, width):
        return None
    name = PurePosixPath(str(file_name)).stem
    return ImageRecord(image_id, name, str(file_name), height, width, tags)  # type: ignore[arg-type]


def _tags(record: Record) -> tuple[str, ...]:
    tags = record.fields.get("tags", [])
    if not isinstance(tags, list) or not all(
        isinstance(tag, str) and tag.strip() and is_writable(tag) for tag in tags
    ):
        record.fault(f"'tags' is {shown(tags)}; expected a list of texts")
        return ()
    return tuple(tags)


def note_repeat(record: Record, key: str, seen: dict[object, int], value: object = None) -> None:
    """Note a fault if an earlier record has the same value under a key.

    Args:
        record: the record at hand.
        key: such as "id".
        seen: value to the index of the first record that has it; gets this one.
        value: what to compare, if not the field itself.
    """
    found = record.fields.get(key) if value is None else value
    if type(found) not in (int, str):
        return  # its own fault
    first = seen.setdefault(found, record.index)
    if first != record.index:
        record.fault(f"'{key}' is {shown(found)}, which entry {first} of the list has already")
