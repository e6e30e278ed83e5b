"""Data sets out of the store, with annotations that are read when they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from core.errors import UsageError
from core.geometry import label_runs
from core.store.columns import objects_of
from core.store.connection import Store
from core.store.keys import split_key
from core.store.object_rows import truth_table
from core.structures import (
    Annotation,
    Category,
    Dataset,
    ImageRecord,
    Objects,
    ObjectTable,
    Source,
)

IMAGES_PER_BLOCK = 128
BLOCKS_KEPT = 4


def load_dataset(store: Store, name: str, split: str) -> Dataset:
    """Return one split of a data set; its annotations are read in blocks of images on access.

    Label maps that were painted from objects are no part of it: see `annotation_map_blobs`.

    Raises:
        StoreMissingError: nothing was stored yet.
        UsageError: the store does not have the split.
    """
    with store.read() as cursor:
        key = split_key(cursor, name, split)
        images = _images(cursor, key)
        classes = cursor.execute(
            "SELECT name, supercategory, source_id FROM category WHERE dataset_id = ? "
            "ORDER BY class",
            key[:1],
        ).fetchall()
        (row,) = cursor.execute(
            "SELECT images_folder, format, source, source_sha256, background, has_objects, "
            "located FROM split JOIN dataset USING (dataset_id) WHERE dataset_id = ? AND split = ?",
            key,
        ).fetchall()
    folder, form, source, sha256, background, has_objects, located = row
    return Dataset(
        name=name,
        split=split,
        categories=tuple(Category(*each) for each in classes),
        images=tuple(images.values()),
        annotations=StoredAnnotations(store, key, images, has_objects=has_objects),
        images_folder=Path(folder),
        source=Source(form, source, sha256),
        background=background,
        located=located,
    )


@dataclass(frozen=True, eq=False)
class _Block:
    """What the store holds of some images that follow each other."""

    objects: ObjectTable
    given_maps: Mapping[int, bytes]


class StoredAnnotations(Mapping[int, Annotation]):
    """Image id to annotation; a few blocks of images stay in memory. Threads may share it."""

    def __init__(
        self,
        store: Store,
        key: tuple[int, str],
        images: Mapping[int, ImageRecord],
        *,
        has_objects: bool,
    ) -> None:
        """Read nothing yet.

        Args:
            store: where the annotations are.
            key: dataset_id and split.
            images: image_id to image, ascending.
            has_objects: the annotations are objects.
        """
        self._store = store
        self._key = key
        self._has_objects = has_objects
        self._images = tuple(images.values())
        self._image_ids = tuple(images)
        self._position = {image.id: position for position, image in enumerate(self._images)}
        self._blocks: OrderedDict[int, _Block] = OrderedDict()
        self._mutex = threading.Lock()

    def __getitem__(self, image_id: int) -> Annotation:
        """Return the annotation of an image, by the id that files use.

        Raises:
            KeyError: the split has no such image.
            UsageError: the split was removed from the store meanwhile.
        """
        position = self._position[image_id]
        block = self._block(position // IMAGES_PER_BLOCK)
        image, key = self._images[position], self._image_ids[position]
        blob = block.given_maps.get(key)
        return Annotation(
            image=image,
            objects=_objects(block.objects, key, image) if self._has_objects else None,
            label_map=None if blob is None else label_runs.decode(blob, image.height, image.width),
        )

    def __iter__(self) -> Iterator[int]:
        """Yield the ids of the images, ascending."""
        return iter(self._position)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._images)

    def _block(self, number: int) -> _Block:
        with self._mutex:
            block = self._blocks.get(number)
        if block is None:
            # Not under the mutex: a thread that writes would wait for it, and this one for that.
            block = self._read(number)
        with self._mutex:
            self._blocks[number] = block
            self._blocks.move_to_end(number)
            if len(self._blocks) > BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        return block

    def _read(self, number: int) -> _Block:
        wanted = self._image_ids[number * IMAGES_PER_BLOCK : (number + 1) * IMAGES_PER_BLOCK]
        with self._store.read() as cursor:
            _require_images(cursor, wanted)
            objects = truth_table(cursor, *self._key, wanted)
            maps = cursor.execute(
                "SELECT image_id, label_map FROM annotation_map "
                "WHERE NOT painted AND image_id IN (SELECT unnest(?::BIGINT[]))",
                [list(wanted)],
            ).fetchall()
        return _Block(objects, dict(maps))


def _images(
    cursor: duckdb.DuckDBPyConnection, key_of_split: tuple[int, str]
) -> dict[int, ImageRecord]:
    """Return the images of a split by their keys, ascending."""
    tags: dict[int, list[str]] = {}
    for image_id, tag in cursor.execute(
        "SELECT image_id, tag FROM image_tag JOIN image USING (image_id) "
        "WHERE dataset_id = ? AND split = ? ORDER BY image_tag.rowid",
        key_of_split,
    ).fetchall():
        tags.setdefault(image_id, []).append(tag)
    rows = cursor.execute(
        "SELECT image_id, source_id, name, path, height, width FROM image "
        "WHERE dataset_id = ? AND split = ? ORDER BY image_id",
        key_of_split,
    ).fetchall()
    return {
        key: ImageRecord(source_id, name, path, height, width, tuple(tags.get(key, ())))
        for key, source_id, name, path, height, width in rows
    }


def _objects(table: ObjectTable, image_id: int, image: ImageRecord) -> Objects:
    start, stop = np.searchsorted(table.images, [image_id, image_id + 1])
    return objects_of(table, slice(int(start), int(stop)), image.height, image.width)


def _require_images(cursor: duckdb.DuckDBPyConnection, wanted: Sequence[int]) -> None:
    """Refuse to call images empty that are not there any more."""
    ((there,),) = cursor.execute(
        "SELECT count(*) FROM image WHERE image_id IN (SELECT unnest(?::BIGINT[]))", [list(wanted)]
    ).fetchall()
    if there != len(wanted):
        raise UsageError(
            f"Only {there} of {len(wanted)} images are still in the store: the split was removed "
            "while it was read. Start again."
        )
