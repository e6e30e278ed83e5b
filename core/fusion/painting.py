"""Several masks into one label map: painting.

Objects may overlap, but a pixel of a label map has one class. So objects are painted one over
the other: of predictions the most certain ends on top, of annotations the smallest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.geometry import rle
from core.metrics import pixel
from core.structures import LabelMap, Objects, label_dtype

# k / 20 is the float nearest to the decimal; sums of .05 are not.
THRESHOLDS = tuple(k / 20 for k in range(1, 20))

# The run lengths of a mask and its class index.
_Mask = tuple[NDArray[np.int64], int]


def label_count(class_count: int, background: int | None) -> int:
    """Return how many class indices a painted map may hold: the categories and the background.

    Args:
        class_count: C, the number of categories.
        background: class index that means "nothing", or None if no category does.
    """
    return class_count + (background is None)


def paint(
    objects: Objects,
    height: int,
    width: int,
    class_count: int,
    *,
    threshold: float | None,
    background: int | None = None,
) -> LabelMap:
    """Paint predicted objects in ascending order of score, so that the most certain is on top.

    Of equal scores the larger area comes first, and of equal areas the earlier in the file.

    Args:
        objects: predictions with scores and masks of the image's size.
        height: rows, in pixels.
        width: columns, in pixels.
        class_count: C, the number of categories.
        threshold: objects of a lower score are left out; None paints all.
        background: class index of pixels without an object; None stands for C.

    Returns:
        (H, W) class indices, never void.

    Raises:
        ValueError: scores or masks are missing, or a mask is not of the image's size.
    """
    scores, order = _by_score(objects)
    first = 0 if threshold is None else np.searchsorted(scores, threshold)
    masks = _masks(objects, order[first:], height, width)
    return _paint(masks, height, width, class_count, background)


def paint_annotation(
    objects: Objects, height: int, width: int, class_count: int, background: int | None
) -> LabelMap:
    """Paint annotated objects, crowd regions first and then by descending area.

    So small objects, which are mostly in front, end on top. Of equal areas the earlier in the
    file comes first.

    Args:
        objects: annotations with masks of the image's size.
        height: rows, in pixels.
        width: columns, in pixels.
        class_count: C, the number of categories.
        background: class index of pixels without an object; None stands for C.

    Returns:
        (H, W) class indices, never void.

    Raises:
        ValueError: masks are missing, or one is not of the image's size.
    """
    masks = _masks(objects, _by_size(objects), height, width)
    return _paint(masks, height, width, class_count, background)


def paint_owners(
    objects: Objects, height: int, width: int, *, threshold: float | None = None
) -> LabelMap:
    """Paint which object is on top, as `paint` paints predictions and `paint_annotation` others.

    Args:
        objects: predictions, which have scores, or annotations; with masks of the image's size.
        height: rows, in pixels.
        width: columns, in pixels.
        threshold: predictions of a lower score are left out; None paints all.

    Returns:
        (H, W) index of the object on top, N where there is none.

    Raises:
        ValueError: as of `paint`.
    """
    if objects.scores is None:
        order = _by_size(objects)
    else:
        scores, order = _by_score(objects)
        order = order if threshold is None else order[np.searchsorted(scores, threshold) :]
    masks = _masks(objects, order, height, width)
    owned = [(runs, index) for (runs, _), index in zip(masks, order.tolist(), strict=True)]
    return _paint(owned, height, width, len(objects), None)


def choose_threshold(
    images: Iterable[tuple[LabelMap, Objects]],
    class_count: int,
    background: int | None,
    grid: Sequence[float] = THRESHOLDS,
) -> tuple[float, dict[float, float]]:
    """Choose the threshold of `paint` that gives the highest mean IoU (protocol "mmseg").

    Choose it on other images than those you report scores of. Of equal thresholds the lowest is
    chosen: it leaves out the fewest predictions.

    Args:
        images: the true label map and the predicted objects of each image.
        class_count: C, the number of categories.
        background: class index that means "nothing"; None stands for C.
        grid: thresholds to try, fractions.

    Returns:
        The threshold, and the mean IoU of each one tried.

    Raises:
        UsageError: no image has a labelled pixel.
        ValueError: as of `paint` and `core.metrics.counting.count_pixels`.
    """
    totals = [pixel.PixelCounts.sum(())] * len(grid)
    for truth, objects in images:
        counts = _count_thresholds(truth, objects, class_count, background, grid)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    labels = label_count(class_count, background)
    means = {
        threshold: float(pixel.mean_iou(pixel.tally(total, labels)))
        for threshold, total in zip(grid, totals, strict=True)
    }
    best = max(means.values())
    if np.isnan(best):
        raise UsageError(
            "No threshold can be chosen: none of the images has a labelled pixel. Choose it on "
            "images with label maps or masks, or give the threshold yourself."
        )
    return min(threshold for threshold, mean in means.items() if mean == best), means


def _count_thresholds(
    truth: LabelMap,
    objects: Objects,
    class_count: int,
    background: int | None,
    grid: Sequence[float],
) -> list[pixel.PixelCounts]:
    """Count the pixels of one image once for each threshold of the grid."""
    height, width = truth.shape
    scores, order = _by_score(objects)
    masks = _masks(objects, order, height, width)
    firsts = np.searchsorted(scores, grid).tolist()
    counts = {}
    for first in set(firsts):  # thresholds between the same two scores paint the same map
        painted = _paint(masks[first:], height, width, class_count, background)
        counts[first] = pixel.count_pixels(truth, painted, label_count(class_count, background))
    return [counts[first] for first in firsts]


def _by_size(objects: Objects) -> NDArray[np.intp]:
    """Return the order in which annotations are painted."""
    return np.lexsort((-objects.areas, ~objects.crowd))


def _by_score(objects: Objects) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the scores, ascending, and the order in which predictions are painted."""
    if objects.scores is None:
        raise ValueError("objects without scores are annotations; paint them as such")
    order = np.lexsort((-objects.areas, objects.scores))
    return objects.scores[order], order


def _masks(objects: Objects, order: NDArray[np.intp], height: int, width: int) -> list[_Mask]:
    """Return the masks in the order in which they are painted, decoded to runs."""
    if not order.size:
        return []
    if objects.masks is None:
        raise ValueError(f"{len(objects)} objects without masks cannot be painted")
    masks = []
    for index in order.tolist():
        mask = objects.masks[index]
        if (mask.height, mask.width) != (height, width):
            raise ValueError(
                f"the mask of object {index} is {mask.height} x {mask.width}, "
                f"but the image is {height} x {width}"
            )
        masks.append((rle.runs_of(mask), int(objects.categories[index])))
    return masks


def _paint(
    masks: Sequence[_Mask], height: int, width: int, class_count: int, background: int | None
) -> LabelMap:
    """Paint masks one over the other onto background."""
    from core.geometry import kernels_painting as kernels  # numba takes half a second to import

    ground = class_count if background is None else background
    classes = [label for _, label in masks] + ([] if background is None else [background])
    if max(classes, default=-1) >= class_count:
        raise ValueError(f"class {max(classes)} cannot be painted: there are {class_count} classes")
    # COCO's runs go down the columns, so the canvas lies in memory column by column.
    canvas = np.full(height * width, ground, dtype=label_dtype(class_count))
    for runs, label in masks:
        kernels.fill_runs(canvas, runs, label)
    return cast(LabelMap, np.ascontiguousarray(canvas.reshape((height, width), order="F")))
