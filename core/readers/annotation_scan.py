"""The annotations of COCO instances files in their usual form, straight into columns.

As `detection_scan` does with detections: what the scan accepts is what the careful reader (`coco`)
would have accepted without a fault, and gives the same numbers; for all else it steps aside. The
rest of the file, its images and categories, is left to Python's parser in any case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.geometry import polygon
from core.readers import json_file, segmentation
from core.readers.coco_tables import Tables
from core.readers.faults import Fault
from core.readers.json_file import GREATEST_COORDINATE, JsonFile, Record
from core.readers.scanned import places_of, read_exactly
from core.structures import ImageRecord, Objects, Rle

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, eq=False)
class Scanned:
    """The list of N annotations of a file; see `kernels.scan_annotations`.

    Attributes:
        content: the file, without a byte order mark.
        begin: where the list is in it.
        end: and where it ends.
        ids: (N, 4) own id, ids of image and category, `iscrowd`.
        numbers: (N, 5) x, y, width, height, area.
        firsts: (N + 1,) ring of polygons at which each begins, and R.
        starts: (R + 1,) coordinate at which each ring begins, and K.
        coordinates: (K,) x and y in turns.
        run_lengths: place in the list to what it has instead of polygons.
    """

    content: bytes
    begin: int
    end: int
    ids: NDArray[np.int64]
    numbers: NDArray[np.float64]
    firsts: NDArray[np.int64]
    starts: NDArray[np.int64]
    coordinates: NDArray[np.float64]
    run_lengths: dict[int, object]

    @property
    def rest(self) -> bytes:
        """Return the file with an empty list in place of this one."""
        return self.content[: self.begin] + b"[]" + self.content[self.end :]

    def entries(self) -> list[object]:
        """Return the list as Python reads it."""
        found = json_file.document_of(self.content[self.begin : self.end], Path())
        return cast(list[object], found)

    def objects(self, tables: Tables, *, paint: bool) -> dict[int, Objects] | None:
        """Return the objects of each image, or None if an annotation has any fault.

        Args:
            tables: images and categories of the file.
            paint: whether the objects get the masks that the file has; they are checked anyway.
        """
        records = tuple(tables.images.values())
        if not records:
            return None
        images = places_of(self.ids[:, 1], np.array([each.id for each in records]))
        source_ids = np.array([each.source_id for each in tables.categories])
        categories = places_of(self.ids[:, 2], source_ids)
        if images is None or categories is None or not self._is_sound():
            return None
        masked = len(self.starts) > 1 or len(self.run_lengths) > 0
        if masked and not self._has_sound_polygons(records, images):
            return None
        masks = self._masks(records, images, paint=paint) if masked else []
        if masks is None:
            return None
        whole = Objects(
            boxes=np.ascontiguousarray(self.numbers[:, :4]),
            categories=categories.astype(np.int32),
            areas=self.numbers[:, 4],
            crowd=self.ids[:, 3] == 1,
            masks=tuple(masks) if masked and paint else None,
        )
        return _by_image(records, images, whole)

    def _is_sound(self) -> bool:
        """Tell whether ids, boxes, areas and crowds are what the careful reader accepts."""
        ids, crowd = self.ids[:, 0], self.ids[:, 3]
        boxes, areas = self.numbers[:, :4], self.numbers[:, 4]
        return bool(
            (ids >= 0).all()
            and len(np.unique(ids)) == len(ids)
            and ((crowd == 0) | (crowd == 1)).all()
            and (np.abs(boxes) <= GREATEST_COORDINATE).all()
            and (boxes[:, 2:] >= 0).all()
            and (areas >= 0).all()
            and (areas <= GREATEST_COORDINATE**2).all()
        )

    def _has_sound_polygons(
        self, records: Sequence[ImageRecord], images: NDArray[np.int64]
    ) -> bool:
        """Tell whether each has polygons or run lengths, and no point is far from its image."""
        from core.readers.kernels import annotations as kernels

        rings = np.diff(self.firsts)
        given = rings > 0
        given[list(self.run_lengths)] = True
        lengths = np.diff(self.starts)
        if not given.all() or (lengths < polygon.LEAST_NUMBERS).any() or (lengths % 2).any():
            return False
        sides = np.array([(each.width, each.height) for each in records], np.float64)[images]
        return bool(kernels.are_near(self.coordinates, self.starts[self.firsts], sides))

    def _masks(
        self, records: Sequence[ImageRecord], images: NDArray[np.int64], *, paint: bool
    ) -> list[Rle] | None:
        """Return the mask of each, or None if one has a fault; without `paint` of no polygons."""
        masks = []
        starts = self.starts.tolist()
        firsts = self.firsts.tolist()
        for place, image in enumerate(images.tolist()):
            height, width = records[image].height, records[image].width
            if place in self.run_lengths:
                mask = _run_lengths(self.run_lengths[place], height, width)
                if mask is None:
                    return None
                masks.append(mask)
            elif paint:
                edges = starts[firsts[place] : firsts[place + 1] + 1]
                rings = [self.coordinates[begin:end] for begin, end in pairwise(edges)]
                masks.append(polygon.paint(rings, height, width))
        return masks


def load(path: Path) -> tuple[JsonFile, Scanned | None]:
    """Return what a file holds; its annotations, if they are scanned, are left empty in there.

    Raises:
        UsageError: it is no file, or no JSON in UTF-8.
    """
    content = json_file.read_file(path)
    scanned = scan(content)
    if scanned is not None:
        try:
            document = json_file.document_of(scanned.rest, path)
        except UsageError:  # the whole file tells at which place
            scanned = None
        else:
            return JsonFile(document, hashlib.sha256(content).hexdigest()), scanned
    return json_file.parse(content, path), None


def scan(content: bytes) -> Scanned | None:
    """Return the annotations of an instances file; None if they are unusual, or there are none.

    Args:
        content: the bytes of the file.
    """
    from core.readers.kernels import annotations as kernels

    content = content.removeprefix(_MARK)
    text = np.frombuffer(content, np.uint8)
    begin = kernels.find_list(text)
    if begin < 0:
        return None
    # no annotation without a brace of its own, no number without a comma or bracket after it
    most = int(np.count_nonzero(text == ord("{")))
    ends = int(np.count_nonzero(text == ord("]")))
    numbers_most = int(np.count_nonzero(text == ord(","))) + ends + 1
    ids, objects = np.zeros((most, 4), np.int64), np.zeros((most, 2), np.int64)
    numbers = np.zeros((most, kernels.COLUMNS))
    inexact = np.zeros((*numbers.shape, 2), np.int64)
    firsts, starts = np.zeros(most + 1, np.int64), np.zeros(ends + 2, np.int64)
    coordinates, unread = np.zeros(numbers_most), np.zeros((numbers_most, 2), np.int64)
    rows, keys, end = kernels.scan_annotations(
        text, begin, ids, numbers, inexact, objects, firsts, (coordinates, unread, starts)
    )
    needed = kernels.ID | kernels.IMAGE | kernels.CATEGORY | kernels.AREA | kernels.BOX
    if not rows or keys & needed != needed:
        return None
    rings = int(firsts[rows])
    coordinates, unread = coordinates[: starts[rings]], unread[: starts[rings]]
    read_exactly(content, numbers, inexact)
    read_exactly(content, coordinates, unread)
    run_lengths = _parsed(content, objects[:rows])
    if run_lengths is None:
        return None
    return Scanned(
        content,
        begin,
        end,
        ids[:rows],
        numbers[:rows],
        firsts[: rows + 1],
        starts[: rings + 1],
        coordinates,
        run_lengths,
    )


def _parsed(content: bytes, objects: NDArray[np.int64]) -> dict[int, object] | None:
    """Return what stands in the file where an annotation has an object; None if it is no JSON."""
    found = {}
    for place in np.flatnonzero(objects[:, 1]).tolist():
        begin, end = objects[place].tolist()
        try:
            found[place] = json_file.document_of(content[begin:end], Path())
        except UsageError:
            return None
    return found


def _run_lengths(value: object, height: int, width: int) -> Rle | None:
    """Return the mask of run lengths; None if they have a fault."""
    faults: list[Fault] = []
    record = Record({"segmentation": value}, "annotations", 0, faults)
    mask = segmentation.mask_of(record, height, width)
    return mask if record.sound else None


def _by_image(
    records: Sequence[ImageRecord], images: NDArray[np.int64], whole: Objects
) -> dict[int, Objects]:
    """Return the objects of each image in the order of the file."""
    order = np.argsort(images, kind="stable")
    boxes, categories = whole.boxes[order], whole.categories[order]
    areas, crowd = whole.areas[order], whole.crowd[order]
    masks = None if whole.masks is None else [whole.masks[place] for place in order.tolist()]
    edges = np.searchsorted(images[order], np.arange(len(records) + 1)).tolist()
    return {
        record.id: Objects(
            boxes=boxes[begin:end],
            categories=categories[begin:end],
            areas=areas[begin:end],
            crowd=crowd[begin:end],
            masks=None if masks is None else tuple(masks[begin:end]),
        )
        for record, (begin, end) in zip(records, pairwise(edges), strict=True)
    }
