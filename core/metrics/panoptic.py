"""Panoptic quality: segments of one image matched, and counts of them to PQ, SQ and RQ.

Rules of Kirillov et al. 2019 and panopticapi 7bb4655. Every pixel belongs to at most one segment:
an object of a thing, or all that a class of stuff covers. Segments of one class with an IoU above
.5 match, and as they do not overlap none can match twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics import joint_runs
from core.metrics.ratios import ratio
from core.structures import LabelMap, label_dtype, void_of

NO_CLASS = -1

Numbers = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Segments:
    """One image cut into segments.

    Attributes:
        places: (H, W) index of the segment of each pixel; void where the truth is not labelled,
            or where a prediction has no segment.
        classes: (S,) int64 class index, or -1 of what is labelled but no segment: background. No
            pixel of a prediction is of such a one.
        crowd: (S,) bool; regions of many objects, which never match.
    """

    places: LabelMap
    classes: Numbers
    crowd: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SegmentCounts:
    """What became of the segments of one image: a row for each class that has any, ascending.

    Attributes:
        classes: (R,) int64 class index.
        tp: (R,) int64 pairs that match.
        fp: (R,) int64 predicted segments without a match that are not excused.
        fn: (R,) int64 annotated segments without a match.
        iou: (R,) float64 sum of the IoU of the pairs that match.
    """

    classes: Numbers
    tp: Numbers
    fp: Numbers
    fn: Numbers
    iou: Scores


@dataclass(frozen=True, eq=False)
class SegmentTally:
    """Sums of such counts over images, (..., C) each; see `SegmentCounts`."""

    tp: Scores
    fp: Scores
    fn: Scores
    iou: Scores

    @property
    def parts(self) -> tuple[Scores, Scores, Scores, Scores]:
        """Return all of them."""
        return self.tp, self.fp, self.fn, self.iou

    def summed(self) -> SegmentTally:
        """Return the sum (C,) of the tallies (I, C) of images."""
        return SegmentTally(*(part.sum(axis=0) for part in self.parts))


def annotated_segments(
    label_map: LabelMap,
    owners: NDArray[np.integer],
    categories: NDArray[np.integer],
    crowd: NDArray[np.bool_],
    things: NDArray[np.bool_],
    background: int | None,
) -> Segments:
    """Return the segments of an annotation.

    Where object and label map disagree the label map holds. What it calls a thing outside of the
    objects is a crowd region, as in Cityscapes; a class of stuff is one segment.

    Args:
        label_map: (H, W) class index of each pixel, or void.
        owners: (H, W) index of the object on top, or N where there is none.
        categories: (N,) class index of each object.
        crowd: (N,) of each object.
        things: (L,) for each class that label maps may hold, whether objects of it are annotated.
        background: class index that means "nothing", or None.
    """
    count = len(categories)
    labelled = label_map != void_of(label_map)
    labels = label_map.astype(np.int64)
    class_of = np.append(categories, NO_CLASS)
    own = labelled & (class_of[owners] == labels)
    places = np.where(own, owners, count + labels)
    rest = _rest(len(things), background)
    return Segments(
        _places(places, labelled, count + len(things)),
        np.concatenate([categories, rest]).astype(np.int64),
        np.concatenate([crowd, things]),
    )


def predicted_segments(
    label_map: LabelMap | None,
    owners: NDArray[np.integer],
    categories: NDArray[np.integer],
    things: NDArray[np.bool_],
    background: int | None,
) -> Segments:
    """Return the segments of a prediction.

    Objects lie on the label map. Objects of stuff are joined with what the map has of it; what it
    calls a thing outside of the objects is no segment, because it does not tell objects apart.

    Args:
        label_map: (H, W) class index of each pixel, or void; None of a system that has none.
        owners: (H, W) index of the object on top, or N where there is none.
        categories: (N,) class index of each object.
        things: (L,) as in `annotated_segments`.
        background: class index that means "nothing", or None.
    """
    count = len(categories)
    numbers = np.arange(count)
    owner_places = np.where(things[categories], numbers, count + categories)
    places = np.append(owner_places, 0)[owners]
    there = owners < count
    if label_map is not None:
        stuff = ~there & (label_map != void_of(label_map))
        places[stuff] = count + label_map[stuff].astype(np.int64)
        there = there | stuff
    rest = np.where(things, NO_CLASS, _rest(len(things), background))
    classes = np.concatenate([categories, rest]).astype(np.int64)
    there = there & (classes[places] != NO_CLASS)
    places = _places(places, there, len(classes))
    return Segments(places, classes, np.zeros(len(classes), np.bool_))


def count_segments(truth: Segments, predicted: Segments, class_count: int) -> SegmentCounts:
    """Match the segments of one image and count them, class by class.

    The IoU of a pair leaves out of the union what the prediction has on void. A prediction
    without a match is excused where more than half of it lies on void and crowd of its class.

    Args:
        truth: segments of the annotation.
        predicted: segments of the prediction of the same image.
        class_count: C, above every class index in them.

    Raises:
        ValueError: the two have different sizes.
    """
    sizes = len(truth.classes), len(predicted.classes)
    true, answered, shared = _pairs(truth, predicted)
    areas = _summed(true, shared, sizes[0]), _summed(answered, shared, sizes[1])
    on_void = _summed(answered[true < 0], shared[true < 0], sizes[1])
    both = (true >= 0) & (answered >= 0)
    true, answered, shared = true[both], answered[both], shared[both]
    alike = truth.classes[true] == predicted.classes[answered]
    true, answered, shared = true[alike], answered[alike], shared[alike]
    crowded = truth.crowd[true]
    excused = on_void + _summed(answered[crowded], shared[crowded], sizes[1])
    union = areas[0][true] + areas[1][answered] - shared - on_void[answered]
    match = ~crowded & (2 * shared > union)  # whole numbers: an IoU of .5 is not above .5
    missed = (areas[0] > 0) & ~truth.crowd & (truth.classes != NO_CLASS)
    missed[true[match]] = False
    extra = (areas[1] > 0) & (2 * excused <= areas[1])
    extra[answered[match]] = False
    matched = truth.classes[true[match]]
    tp = np.bincount(matched, minlength=class_count)
    fp = np.bincount(predicted.classes[extra], minlength=class_count)
    fn = np.bincount(truth.classes[missed], minlength=class_count)
    iou = np.bincount(matched, (shared / union)[match], minlength=class_count).astype(np.float64)
    seen = np.flatnonzero(tp + fp + fn)
    return SegmentCounts(seen, tp[seen], fp[seen], fn[seen], iou[seen])


def tallies(
    images: ArrayLike, classes: ArrayLike, amounts: ArrayLike, class_count: int
) -> tuple[Numbers, SegmentTally]:
    """Return counts of images as tallies.

    Args:
        images: (R,) key of the image of each row.
        classes: (R,) class index.
        amounts: (R, 4) tp, fp, fn and sum of IoU.
        class_count: C.

    Returns:
        The keys that occur, ascending, shape (I,), and the tally of each, shape (I, C).
    """
    keys, places = np.unique(np.asarray(images, dtype=np.int64), return_inverse=True)
    table = np.zeros((4, keys.size, class_count))
    by_part = np.asarray(amounts, dtype=np.float64).reshape(-1, 4).T
    for part, column in zip(table, by_part, strict=True):
        np.add.at(part, (places, np.asarray(classes, dtype=np.int64)), column)
    return keys, SegmentTally(*table)


def segmentation_quality(tally: SegmentTally) -> Scores:
    """Return SQ of each class, (..., C): mean IoU of matches, 0 without one; NaN if not there."""
    never = (tally.tp == 0) & (tally.fp + tally.fn > 0)
    return np.where(never, 0.0, ratio(tally.iou, tally.tp))


def recognition_quality(tally: SegmentTally) -> Scores:
    """Return RQ of each class, (..., C): F1 of segments; NaN if there are none."""
    return ratio(2 * tally.tp, 2 * tally.tp + tally.fp + tally.fn)


def panoptic_quality(tally: SegmentTally) -> Scores:
    """Return PQ of each class, (..., C): sum of IoU / (TP + FP / 2 + FN / 2); NaN without any."""
    return ratio(2 * tally.iou, 2 * tally.tp + tally.fp + tally.fn)


def _rest(class_count: int, background: int | None) -> Numbers:
    """Return the classes of pixels that belong to no object, by their label."""
    classes = np.arange(class_count)
    if background is not None:
        classes[background] = NO_CLASS
    return classes


def _places(places: NDArray[np.integer], there: NDArray[np.bool_], count: int) -> LabelMap:
    """Return indices of segments as a label map, void where there is none."""
    dtype = label_dtype(count)
    return cast(LabelMap, np.where(there, places, np.iinfo(dtype).max).astype(dtype))


def _pairs(truth: Segments, predicted: Segments) -> tuple[Numbers, Numbers, Numbers]:
    """Return each pair of segments that meet, -1 for void, and the pixels they share."""
    width = 1 + len(predicted.classes)
    most = max(len(truth.classes), len(predicted.classes))
    runs = joint_runs.of_maps(truth.places, predicted.places, most)
    keys = (runs.truth.astype(np.int64) + 1) * width + runs.predicted + 1
    pairs, inverse = np.unique(keys, return_inverse=True)
    shared = _summed(inverse, (runs.ends - runs.starts).astype(np.int64), len(pairs))
    return pairs // width - 1, pairs % width - 1, shared


def _summed(places: NDArray[np.integer], amounts: Numbers, count: int) -> Numbers:
    """Return (count,) sums of amounts at their places; those at -1 are left out."""
    sums = np.zeros(count, np.int64)
    kept = places >= 0
    np.add.at(sums, places[kept], amounts[kept])
    return sums
