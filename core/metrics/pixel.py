"""Scores of label maps, from counts of their pixels.

Letters: C classes, I images; (..., C) stands for tallies of many runs, images or resamples,
scored at once. A class without a score (there is nothing to divide by) is NaN, which is not the
same as 0, and is left out of means.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from core.metrics import PIXEL_PROTOCOLS
from core.metrics.counting import (
    NO_ANSWER,
    PixelCounts,
    count_pixels,
    count_runs,
    foreground,
    foreground_classes,
)
from core.metrics.ratios import mean_of_classes, ratio
from core.metrics.tallying import Tally, tallies, tally, total_tally

__all__ = [
    "NO_ANSWER",
    "PixelCounts",
    "Tally",
    "class_accuracy",
    "count_pixels",
    "count_runs",
    "dice",
    "dice_dataset",
    "dice_foreground",
    "dice_per_image",
    "foreground",
    "foreground_classes",
    "frequency_weighted_iou",
    "iou",
    "mean_accuracy",
    "mean_iou",
    "per_image_mean_iou",
    "pixel_accuracy",
    "protocol_mean",
    "tallies",
    "tally",
    "total_tally",
]

Scores = NDArray[np.float64]


def iou(tally: Tally) -> Scores:
    """Intersection over union of each class, in [0, 1], shape (..., C).

    NaN where a class is neither in the truth nor predicted.

    Example:
        >>> iou(Tally(tp=np.array([3, 0]), fp=np.array([1, 0]), fn=np.array([2, 0]))).tolist()
        [0.5, nan]
    """
    return ratio(tally.tp, tally.tp + tally.fp + tally.fn)


def dice(tally: Tally) -> Scores:
    """Dice coefficient of each class, 2·TP / (2·TP + FP + FN), in [0, 1], shape (..., C).

    NaN where a class is neither in the truth nor predicted. It is the F1 score of the pixels.
    """
    return ratio(2 * tally.tp, tally.truth + tally.predicted)


def class_accuracy(tally: Tally) -> Scores:
    """Share of each class's pixels that were predicted as it, in [0, 1], shape (..., C).

    NaN where a class is not in the truth. Others call it the recall of the class.
    """
    return ratio(tally.tp, tally.truth)


def pixel_accuracy(tally: Tally) -> Scores:
    """Share of the labelled pixels that were predicted right, in [0, 1], shape (...).

    NaN without labelled pixels (mmsegmentation's aAcc, detectron2's pACC).
    """
    return ratio(tally.tp.sum(axis=-1), tally.truth.sum(axis=-1))


def mean_accuracy(tally: Tally, *, ignore: int | None = None) -> Scores:
    """Mean of `class_accuracy` over the classes in the truth, shape (...).

    Args:
        tally: shape (..., C).
        ignore: class index that is not averaged, such as the background.
    """
    return mean_of_classes(class_accuracy(_without(tally, ignore)))


def mean_iou(tally: Tally, protocol: str = "mmseg", *, ignore: int | None = None) -> Scores:
    """Mean of `iou` over the classes, shape (...), by one of `PIXEL_PROTOCOLS`.

    Args:
        tally: shape (..., C); for the protocol "per-image" (..., I, C).
        protocol: "mmseg": a class that is predicted but not in the truth scores 0, a class in
            neither is left out (mmsegmentation 1.2.2, `IoUMetric`). "ground-truth-present":
            classes that are not in the truth are left out (detectron2, `SemSegEvaluator`).
            "per-image": see `per_image_mean_iou`.
        ignore: class index that is not averaged, such as the background. Its pixels still
            count as errors of the classes that they were mistaken for.

    Returns:
        In [0, 1]; NaN if no class has a score.

    Raises:
        ValueError: there is no such protocol, or no such class to ignore.
    """
    if protocol == "per-image":
        return per_image_mean_iou(tally, ignore=ignore)
    averaged = _without(tally, ignore)
    return protocol_mean(iou(averaged), averaged.truth, protocol)


def protocol_mean(scores: Scores, truth: NDArray[np.int64], protocol: str) -> Scores:
    """Mean over the classes of any score of their pixels, shape (...), as `mean_iou` takes it.

    Args:
        scores: (..., C), NaN where a class has none; for the protocol "per-image" (..., I, C).
        truth: pixels of the classes in the truth, of the same shape.
        protocol: one of `PIXEL_PROTOCOLS`.

    Raises:
        ValueError: there is no such protocol.
    """
    if protocol not in PIXEL_PROTOCOLS:
        raise ValueError(
            f"there is no pixel protocol {protocol!r}; known are {', '.join(PIXEL_PROTOCOLS)}"
        )
    if protocol == "per-image":
        return mean_of_classes(mean_of_classes(scores))
    if protocol == "ground-truth-present":
        scores = np.where(truth > 0, scores, np.nan)
    return mean_of_classes(scores)


def per_image_mean_iou(tallies: Tally, *, ignore: int | None = None) -> Scores:
    """Mean over images of each image's mean IoU, shape (...).

    An image's mean is over the classes that are in its truth or in its prediction; an image
    that has none is left out. Every image weighs the same. This is not what torchmetrics 1.9
    averages in `segmentation.MeanIoU`: there every pair of image and class weighs the same.

    Args:
        tallies: shape (..., I, C), one tally an image.
        ignore: class index that is not averaged.
    """
    _require_images(tallies)
    averaged = _without(tallies, ignore)
    return protocol_mean(iou(averaged), averaged.truth, "per-image")


def frequency_weighted_iou(tally: Tally, *, ignore: int | None = None) -> Scores:
    """IoU of the classes weighted by their share of the labelled pixels, shape (...).

    A class that is not in the truth weighs nothing (detectron2's fwIoU). NaN without labelled
    pixels.

    Args:
        tally: shape (..., C).
        ignore: class index that is left out; the others' weights are shares of what remains.
    """
    averaged = _without(tally, ignore)
    weights = averaged.truth
    weighted = np.where(weights > 0, iou(averaged), 0.0) * weights
    return ratio(weighted.sum(axis=-1), weights.sum(axis=-1))


def dice_dataset(tally: Tally, *, ignore: int | None = None) -> Scores:
    """Mean of `dice` over the classes, from counts summed over the images, shape (...).

    mmsegmentation's mDice. With `ignore` the background it is the Dice of the foreground
    classes; `dice_foreground` takes them as one.
    """
    return mean_of_classes(dice(_without(tally, ignore)))


def dice_per_image(
    tallies: Tally, *, ignore: int | None = None, absent: float = math.nan
) -> Scores:
    """Mean over images of each image's mean Dice, shape (...).

    Args:
        tallies: shape (..., I, C), one tally an image.
        ignore: class index that is not averaged.
        absent: score of a class that is neither in an image's truth nor predicted there. NaN
            leaves it out; 1 rewards leaving an empty image empty, as Kaggle's Carvana
            challenge did for its one class. Images without labelled pixels are left out.
    """
    _require_images(tallies)
    labelled = tallies.truth.sum(axis=-1, keepdims=True) > 0
    averaged = _without(tallies, ignore)
    scores = dice(averaged)
    filled = np.where(labelled & np.isnan(scores), absent, scores)
    return mean_of_classes(mean_of_classes(filled))


def dice_foreground(counts: PixelCounts, background: int) -> Scores:
    """Dice of everything that is not background, taken as one class; NaN where there is none.

    Confusions between foreground classes do not count. It needs the counts, because a tally no
    longer says what a pixel was mistaken for.

    Args:
        counts: counts of any classes, summed over the images.
        background: index of the background class.
    """
    scores: Scores = dice(tally(foreground(counts, background), class_count=2))[1]
    return scores


def _without(tally: Tally, ignore: int | None) -> Tally:
    """Drop a class from those that are averaged; others keep the errors that it caused."""
    if ignore is None:
        return tally
    class_count = tally.tp.shape[-1]
    if not 0 <= ignore < class_count:
        raise ValueError(f"class {ignore} cannot be ignored: there are {class_count} classes")
    return Tally(*(np.delete(part, ignore, axis=-1) for part in (tally.tp, tally.fp, tally.fn)))


def _require_images(tallies: Tally) -> None:
    if tallies.tp.ndim < 2:
        raise ValueError(
            f"a mean over images needs tallies of shape (..., I, C), got {tallies.tp.shape}; "
            "make them with `tallies`"
        )
