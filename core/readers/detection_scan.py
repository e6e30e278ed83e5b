"""COCO result files in their usual form, straight into columns.

Most of the time that others need for a result file goes into a dictionary a detection. Here the
bytes are scanned once. What the scan accepts is what the careful reader (`coco_results`) would
have accepted without a fault, and gives the same numbers; for all else it steps aside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry.rle import MAX_PIXELS, MAX_SIDE
from core.readers.json_file import GREATEST_COORDINATE
from core.readers.scanned import places_of, read_exactly
from core.structures import Boxes, Dataset, Objects, ObjectTable, Prediction, Rle

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, eq=False)
class Detections:
    """N detections, by image in the order of the data set, inside an image as in the file.

    Attributes:
        images: (N,) index of the image in `Dataset.images`.
        categories: (N,) int32 class indices.
        boxes: (N, 4) float64 x, y, width, height in pixels.
        areas: (N,) float64 square pixels, see `Objects.areas`.
        scores: (N,) float64.
        masks: N compressed counts, or None.
    """

    images: NDArray[np.int64]
    categories: NDArray[np.int32]
    boxes: Boxes
    areas: NDArray[np.float64]
    scores: NDArray[np.float64]
    masks: list[bytes] | None

    def table(self, dataset: Dataset) -> ObjectTable:
        """Return them as what matching works on; the key of an image is its id."""
        ids, heights = _ids_and_heights(dataset)
        counts = np.bincount(self.images, minlength=len(ids))
        begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
        return ObjectTable(
            images=ids[self.images],
            indices=(np.arange(len(self.images)) - begins[self.images]).astype(np.int32),
            categories=self.categories,
            boxes=self.boxes,
            areas=self.areas,
            crowd=np.zeros(len(self.images), np.bool_),
            scores=self.scores,
            masks=self.masks,
            heights=heights[self.images],
        )

    def predictions(self, dataset: Dataset) -> tuple[Prediction, ...]:
        """Return one prediction for each image of the data set."""
        ends = np.searchsorted(self.images, np.arange(len(dataset.images)), side="right").tolist()
        found, begin = [], 0
        for image, end in zip(dataset.images, ends, strict=True):
            own = slice(begin, end)
            masks = self.masks
            objects = Objects(
                boxes=self.boxes[own],
                categories=self.categories[own],
                areas=self.areas[own],
                crowd=np.zeros(end - begin, np.bool_),
                scores=self.scores[own],
                masks=None
                if masks is None
                else tuple(Rle(image.height, image.width, counts) for counts in masks[own]),
            )
            found.append(Prediction(image, objects=objects))
            begin = end
        return tuple(found)


@dataclass(frozen=True, eq=False)
class _Scanned:
    """What stands in the file; see `kernels.scan_detections`."""

    ids: NDArray[np.int64]
    numbers: NDArray[np.float64]
    sizes: NDArray[np.int64]
    counts: NDArray[np.uint8]
    starts: NDArray[np.int64]
    boxed: bool
    masked: bool


def scan(content: bytes, dataset: Dataset) -> Detections | None:
    """Return the detections of a result file; None if it is empty, unusual or has any fault.

    Args:
        content: the bytes of the file.
        dataset: what its ids refer to.
    """
    scanned = _scan(content)
    if scanned is None:
        return None
    images = places_of(scanned.ids[:, 0], np.array([image.id for image in dataset.images]))
    categories = places_of(
        scanned.ids[:, 1], np.array([category.source_id for category in dataset.categories])
    )
    scores = scanned.numbers[:, 4]
    if images is None or categories is None or not ((scores >= 0) & (scores <= 1)).all():
        return None
    measured = _boxes_and_areas(scanned, dataset, images)
    if measured is None:
        return None
    boxes, areas = measured
    order = np.argsort(images, kind="stable")
    return Detections(
        images[order],
        categories[order].astype(np.int32),
        boxes[order],
        areas[order],
        scores[order],
        _texts(scanned, order) if scanned.masked else None,
    )


def _scan(content: bytes) -> _Scanned | None:
    from core.readers.kernels import detections as kernels

    text = np.frombuffer(content.removeprefix(_MARK), np.uint8)
    # no detection without a brace of its own
    most = int(np.count_nonzero(text == ord("{")))
    ids, sizes = np.zeros((most, 2), np.int64), np.zeros((most, 2), np.int64)
    numbers = np.zeros((most, kernels.COLUMNS))
    inexact = np.zeros((*numbers.shape, 2), np.int64)
    counts, starts = np.empty(len(text), np.uint8), np.zeros(most + 1, np.int64)
    rows, keys = kernels.scan_detections(text, ids, numbers, inexact, sizes, counts, starts)
    needed = kernels.IMAGE | kernels.CATEGORY | kernels.SCORE
    if not rows or keys & needed != needed or not keys & (kernels.BOX | kernels.MASK):
        return None
    read_exactly(content.removeprefix(_MARK), numbers, inexact)
    return _Scanned(
        ids[:rows],
        numbers[:rows],
        sizes[:rows],
        counts[: starts[rows]],
        starts[: rows + 1],
        boxed=bool(keys & kernels.BOX),
        masked=bool(keys & kernels.MASK),
    )


def _boxes_and_areas(
    scanned: _Scanned, dataset: Dataset, images: NDArray[np.int64]
) -> tuple[Boxes, NDArray[np.float64]] | None:
    """Return boxes and areas by pycocotools' rule; None if a box or a mask has a fault."""
    from core.readers.kernels import detections as kernels

    boxes = np.ascontiguousarray(scanned.numbers[:, :4])
    # infinity is not near, either
    if not (np.abs(boxes) <= GREATEST_COORDINATE).all() or (boxes[:, 2:] < 0).any():
        return None
    areas = boxes[:, 2] * boxes[:, 3]
    if scanned.masked and not _are_of_their_images(scanned, dataset, images):
        return None
    if scanned.masked and not kernels.measure_masks(
        scanned.counts, scanned.starts, scanned.sizes, boxes, areas, not scanned.boxed
    ):
        return None
    return boxes, areas


def _are_of_their_images(scanned: _Scanned, dataset: Dataset, images: NDArray[np.int64]) -> bool:
    """Tell whether all masks have the size of their image, and it can be read."""
    expected = np.array([(image.height, image.width) for image in dataset.images])[images]
    readable = expected.max() <= MAX_SIDE and expected.prod(axis=1).max() <= MAX_PIXELS
    return bool(readable and np.array_equal(scanned.sizes, expected))


def _texts(scanned: _Scanned, order: NDArray[np.int64]) -> list[bytes]:
    """Return the compressed counts of each mask, in an order."""
    whole = scanned.counts.tobytes()
    begins, ends = scanned.starts[:-1][order].tolist(), scanned.starts[1:][order].tolist()
    return [whole[begin:end] for begin, end in zip(begins, ends, strict=True)]


def _ids_and_heights(dataset: Dataset) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    ids = np.array([image.id for image in dataset.images], np.int64)
    return ids, np.array([image.height for image in dataset.images], np.int32)
