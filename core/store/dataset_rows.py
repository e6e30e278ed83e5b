"""Data sets into the store: classes, images, objects, label maps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from core.errors import UsageError
from core.store import columns
from core.store.keys import check_name
from core.store.rejected import LeftOut, append_rejected
from core.structures import Annotation, Dataset, ImageRecord, LabelMap, void_of

IMAGES_PER_BLOCK = 256
PIXEL_SCHEMA = pa.schema([(name, pa.int64()) for name in ("image_id", "class", "pixels")])


def insert_dataset(
    cursor: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    rejected: Iterable[LeftOut] = (),
    *,
    painted: bool = False,
) -> int:
    """Store one split of a data set, a block of images at a time, and return its dataset_id.

    Args:
        cursor: a cursor of `Store.write`.
        dataset: one split; other splits of its name must have the same classes.
        rejected: what its reader left out.
        painted: its label maps were painted from its objects, not given.

    Raises:
        UsageError: the store has the split already, or the data set with other classes; or some
            images have masks or label maps and others have none.
    """
    check_name("data set", dataset.name)
    check_name("split", dataset.split)
    dataset_id = _dataset_row(cursor, dataset)
    _refuse_known_split(cursor, dataset_id, dataset)
    keys = _insert_images(cursor, dataset_id, dataset)
    contents = _Contents()
    for block in columns.blocks(dataset.images, IMAGES_PER_BLOCK):
        annotations = [dataset.annotations[image.id] for image in block]
        contents.add(annotations)
        _insert_annotations(
            cursor, [keys[image.id] for image in block], annotations, painted=painted
        )
    contents.check(dataset)
    _insert_split(cursor, dataset_id, dataset, contents, painted=painted)
    append_rejected(
        cursor,
        rejected,
        run_id=None,
        dataset_id=dataset_id,
        split=dataset.split,
        image_ids=keys,
    )
    return dataset_id


def _dataset_row(cursor: duckdb.DuckDBPyConnection, dataset: Dataset) -> int:
    """Return the key of the data set, which is made where the name is new."""
    rows = cursor.execute(
        "SELECT dataset_id, background FROM dataset WHERE name = ?", [dataset.name]
    ).fetchall()
    classes = [(each.name, each.supercategory, each.source_id) for each in dataset.categories]
    if rows:
        ((dataset_id, background),) = rows
        known = cursor.execute(
            "SELECT name, supercategory, source_id FROM category WHERE dataset_id = ? "
            "ORDER BY class",
            [dataset_id],
        ).fetchall()
        _refuse_other_classes(dataset, classes, known, background)
        return int(dataset_id)
    ((dataset_id,),) = cursor.execute(
        "INSERT INTO dataset (name, background) VALUES (?, ?) RETURNING dataset_id",
        [dataset.name, dataset.background],
    ).fetchall()
    names, supercategories, source_ids = zip(*classes, strict=True) if classes else ((), (), ())
    table = {
        "dataset_id": pa.array([dataset_id] * len(classes), pa.int32()),
        "class": pa.array(range(len(classes)), pa.int32()),
        "name": pa.array(names, pa.string()),
        "supercategory": pa.array(supercategories, pa.string()),
        "source_id": pa.array(source_ids, pa.int64()),
    }
    columns.append(cursor, "category", pa.table(table))
    return int(dataset_id)


def _refuse_other_classes(
    dataset: Dataset,
    classes: Sequence[tuple[str, str, int]],
    known: Sequence[tuple[str, str, int]],
    background: int | None,
) -> None:
    differs = None
    if len(classes) != len(known):
        differs = f"it has {len(known)} classes there and {len(classes)} here"
    for index, (there, here) in enumerate(zip(known, classes, strict=False)):
        if there != here and differs is None:
            differs = f"class {index} is (name, group, id) {there} there and {here} here"
    if differs is None and background != dataset.background:
        differs = f"its background class is {background} there and {dataset.background} here"
    if differs:
        raise UsageError(
            f"The store already has a data set named {dataset.name!r}, but with other classes: "
            f"{differs}. All splits of a data set share their classes; give this one another name."
        )


def _refuse_known_split(
    cursor: duckdb.DuckDBPyConnection, dataset_id: int, dataset: Dataset
) -> None:
    rows = cursor.execute(
        "SELECT source FROM split WHERE dataset_id = ? AND split = ?", [dataset_id, dataset.split]
    ).fetchall()
    if rows:
        raise UsageError(
            f"The store already has the split {dataset.split!r} of {dataset.name!r}, read from "
            f"{rows[0][0]}. Give this one another split or data set name."
        )


def _insert_images(
    cursor: duckdb.DuckDBPyConnection, dataset_id: int, dataset: Dataset
) -> dict[int, int]:
    """Store the images and return their keys, which ascend with the ids of the files."""
    images = sorted(dataset.images, key=lambda image: image.id)
    drawn = cursor.execute("SELECT nextval('image_ids') FROM range(?)", [len(images)]).fetchall()
    keys = sorted(key for (key,) in drawn)
    table = {
        "image_id": pa.array(keys, pa.int64()),
        "dataset_id": pa.array([dataset_id] * len(images), pa.int32()),
        "split": pa.array([dataset.split] * len(images), pa.string()),
        "source_id": pa.array([image.id for image in images], pa.int64()),
        "name": pa.array([image.name for image in images], pa.string()),
        "path": pa.array([image.path for image in images], pa.string()),
        "height": pa.array([image.height for image in images], pa.int32()),
        "width": pa.array([image.width for image in images], pa.int32()),
    }
    columns.append(cursor, "image", pa.table(table))
    _insert_tags(cursor, keys, images)
    return {image.id: key for image, key in zip(images, keys, strict=True)}


def _insert_tags(
    cursor: duckdb.DuckDBPyConnection, keys: Sequence[int], images: Sequence[ImageRecord]
) -> None:
    pairs = [(key, tag) for key, image in zip(keys, images, strict=True) for tag in image.tags]
    table = {
        "image_id": pa.array([key for key, _ in pairs], pa.int64()),
        "tag": pa.array([tag for _, tag in pairs], pa.string()),
    }
    columns.append(cursor, "image_tag", pa.table(table))


def _insert_annotations(
    cursor: duckdb.DuckDBPyConnection,
    keys: Sequence[int],
    annotations: Sequence[Annotation],
    *,
    painted: bool,
) -> None:
    pairs = list(zip(keys, annotations, strict=True))
    for each in annotations:
        columns.check_masks(each.image, each.objects)
    with_objects = [(key, each.objects) for key, each in pairs if each.objects is not None]
    objects = columns.object_columns(
        [key for key, _ in with_objects], [each for _, each in with_objects]
    )
    columns.append(cursor, "annotation_object", objects.drop_columns(["score"]))
    maps = [
        {"image_id": key, "label_map": columns.encoded_map(each.image, each.label_map)}
        for key, each in pairs
        if each.label_map is not None
    ]
    table = pa.Table.from_pylist(maps, schema=columns.MAP_SCHEMA)
    flags = pa.array([painted] * len(maps), pa.bool_())
    columns.append(cursor, "annotation_map", table.append_column("painted", flags))
    labelled = [(key, each.label_map) for key, each in pairs if each.label_map is not None]
    columns.append(cursor, "annotation_pixel", _pixels_of_classes(labelled))


def _pixels_of_classes(maps: Sequence[tuple[int, LabelMap]]) -> pa.Table:
    """Return how many labelled pixels each class has in each map, by the key of its image."""
    tables = []
    for key, label_map in maps:
        pixels = np.bincount(label_map.ravel())[: void_of(label_map)]
        classes = np.flatnonzero(pixels)
        keys = np.full(len(classes), key, np.int64)
        tables.append(pa.table({"image_id": keys, "class": classes, "pixels": pixels[classes]}))
    return pa.concat_tables([PIXEL_SCHEMA.empty_table(), *tables])


def _insert_split(
    cursor: duckdb.DuckDBPyConnection,
    dataset_id: int,
    dataset: Dataset,
    contents: _Contents,
    *,
    painted: bool,
) -> None:
    cursor.execute(
        "INSERT INTO split (dataset_id, split, images_folder, format, source, source_sha256, "
        "images, has_objects, has_masks, has_label_maps, maps_painted, located) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            dataset_id,
            dataset.split,
            str(dataset.images_folder.absolute()),
            dataset.source.format,
            dataset.source.path,
            dataset.source.sha256,
            len(dataset.images),
            contents.has("objects"),
            contents.has("masks"),
            contents.has("label maps"),
            painted and contents.has("label maps"),
            dataset.located,
        ],
    )


class _Contents:
    """Which parts the annotations have: all of them the same, or the split is refused."""

    def __init__(self) -> None:
        self._first_with: dict[str, int] = {}
        self._first_without: dict[str, int] = {}

    def add(self, annotations: Iterable[Annotation]) -> None:
        for each in annotations:
            self._note("objects", each.image.id, has=each.objects is not None)
            self._note("label maps", each.image.id, has=each.label_map is not None)
            if each.objects:  # an image without objects says nothing about masks
                self._note("masks", each.image.id, has=each.objects.masks is not None)

    def has(self, part: str) -> bool:
        return part in self._first_with

    def check(self, dataset: Dataset) -> None:
        for part in self._first_with.keys() & self._first_without.keys():
            raise UsageError(
                f"{dataset.source.path}: image {self._first_with[part]} has {part}, and image "
                f"{self._first_without[part]} has none; expected all images of the split "
                f"{dataset.split!r} to have the same parts. Nothing was stored. Complete the "
                "missing ones, or import the two kinds of images as two splits."
            )

    def _note(self, part: str, image_id: int, *, has: bool) -> None:
        (self._first_with if has else self._first_without).setdefault(part, image_id)
