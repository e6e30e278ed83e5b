"""Which predictions and annotations of an image overlap, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.structures import Boxes, ObjectTable

Geometry = Literal["box", "mask"]

# Masks are decoded this many predictions at a time: some 20 MB at the size of COCO's images
BLOCK: Final = 16_384


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of a prediction and an annotation of one image whose boxes overlap.

    Sorted by prediction, then by annotation, both in the order of their table. Crowd regions
    pair with predictions of their own class only.

    Attributes:
        starts: (P + 1,) int64, where the pairs of each prediction begin, and the end.
        rows: row of the annotation in its table.
        overlaps: IoU in [0, 1]; with a crowd region the share of the prediction it covers.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    overlaps: NDArray[np.float64]

    @property
    def predictions(self) -> NDArray[np.int64]:
        """Row of the prediction of each pair."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


class _Masks(NamedTuple):
    """Masks as `run_lengths.decode_masks` returns them."""

    intervals: NDArray[np.int32]
    starts: NDArray[np.int64]
    areas: NDArray[np.int64]
    boxes: Boxes


def overlapping_pairs(
    truth: ObjectTable, predicted: ObjectTable, geometry: Geometry, *, own_class: bool = False
) -> Pairs:
    """Return the pairs of an image that overlap, as `pycocotools.mask.iou` computes them.

    Equal to pycocotools 2.0.11 to the last bit with two exceptions, both on its faults: boxes
    so small that their area is zero in floating point (below 1e-154 pixels a side) overlap
    nothing instead of by 0/0, and runs of no pixels inside a mask do not end its comparison.

    Args:
        truth: annotations, images ascending.
        predicted: predictions, images ascending.
        geometry: "box", or "mask" if both tables have masks.
        own_class: leave out pairs of two classes, which is much quicker.

    Raises:
        UsageError: masks are asked for, but a table has none.
        ValueError: the images of a table do not ascend, or a mask's image has no rows.
    """
    for name, table in (("annotations", truth), ("predictions", predicted)):
        if np.any(table.images[1:] < table.images[:-1]):
            raise ValueError(f"the images of the {name} do not ascend; sort them by image")
    if geometry == "box":
        return _box_pairs(
            truth, predicted, truth.boxes, predicted.boxes, slice(None), own_class=own_class
        )
    return _mask_pairs(truth, predicted, own_class=own_class)


def _box_pairs(
    truth: ObjectTable,
    predicted: ObjectTable,
    truth_boxes: Boxes,
    predicted_boxes: Boxes,
    block: slice,
    *,
    own_class: bool,
) -> Pairs:
    """Pair the predictions of `block`, which have `predicted_boxes`."""
    from core.metrics.kernels import overlap

    crowd = np.ascontiguousarray(truth.crowd, np.bool_)
    return Pairs(
        *overlap.overlapping_boxes(
            np.ascontiguousarray(predicted_boxes, np.float64),
            *_classes_and_images(predicted, block),
            np.ascontiguousarray(truth_boxes, np.float64),
            *_classes_and_images(truth, slice(None)),
            crowd,
            np.ones_like(crowd) if own_class else crowd,
        )
    )


def _classes_and_images(
    table: ObjectTable, block: slice
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    return (
        np.ascontiguousarray(table.categories[block], np.int32),
        np.ascontiguousarray(table.images[block], np.int64),
    )


def _mask_pairs(truth: ObjectTable, predicted: ObjectTable, *, own_class: bool) -> Pairs:
    """Pair all predictions by their masks, block by block to bound the memory."""
    if truth.masks is None or predicted.masks is None:
        side = "annotations" if truth.masks is None else "predictions"
        raise UsageError(
            f"the {side} have boxes but no masks, so overlap of masks cannot be measured; "
            'compare boxes (geometry "box") or bring masks'
        )
    truth_masks = _decode(truth.masks, truth.heights)
    parts = [
        _mask_pairs_of_block(
            truth, predicted, truth_masks, predicted.masks[block], block, own_class=own_class
        )
        for block in _blocks(len(predicted))
    ]
    counts = np.concatenate([np.diff(part.starts) for part in parts])
    return Pairs(
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.overlaps for part in parts]),
    )


def _blocks(count: int) -> Iterator[slice]:
    """Yield slices that cover `count` rows; one empty slice for none."""
    for start in range(0, max(count, 1), BLOCK):
        yield slice(start, start + BLOCK)


def _mask_pairs_of_block(
    truth: ObjectTable,
    predicted: ObjectTable,
    truth_masks: _Masks,
    texts: Sequence[bytes],
    block: slice,
    *,
    own_class: bool,
) -> Pairs:
    """Pair the predictions of `block`, whose masks are `texts`.

    Only masks whose own boxes overlap are compared, as in COCO. With `own_class` a mask that has
    no annotation of its class in its image is not even decoded: it is taken as empty.
    """
    from core.metrics.kernels import overlap

    wanted = None
    if own_class:
        wanted = overlap.meet_own_class(
            *_classes_and_images(predicted, block), *_classes_and_images(truth, slice(None))
        )
    masks = _decode(texts, predicted.heights[block], wanted)
    pairs = _box_pairs(truth, predicted, truth_masks.boxes, masks.boxes, block, own_class=own_class)
    overlaps = overlap.overlapping_masks(
        pairs.starts,
        pairs.rows,
        masks.intervals,
        masks.starts,
        masks.areas,
        truth_masks.intervals,
        truth_masks.starts,
        truth_masks.areas,
        np.ascontiguousarray(truth.crowd, np.bool_),
    )
    return Pairs(pairs.starts, pairs.rows, overlaps)


def _decode(
    texts: Sequence[bytes], heights: NDArray[np.int32], wanted: NDArray[np.bool_] | None = None
) -> _Masks:
    """Decode masks from COCO's compressed strings; only the wanted ones, the others are empty."""
    from core.metrics.kernels import run_lengths

    if len(texts) and heights.min() < 1:
        raise ValueError(f"masks of images with {heights.min()} rows; check masks when reading")
    lengths = np.zeros(len(texts), np.int64)
    if wanted is not None:
        texts = list(compress(texts, wanted.tolist()))
    lengths[slice(None) if wanted is None else wanted] = list(map(len, texts))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    text = np.frombuffer(b"".join(texts), np.int8)
    return _Masks(*run_lengths.decode_masks(text, starts, np.ascontiguousarray(heights, np.int32)))
