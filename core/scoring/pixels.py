"""Stored pixel counts to semantic scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import boundary, pixel
from core.scoring.choice import Choice

Figures = dict[str, float]
ClassFigures = dict[str, NDArray[np.float64]]

PER_IMAGE = "per-image"
BOUNDARY_FIGURE = "boundary_iou"

Formula = Callable[[pixel.Tally], NDArray[np.float64]]
# of a tally (..., C): the mean over the classes, or over the pixels
_MEANS: Final[dict[str, Formula]] = {
    "pixel_accuracy": pixel.pixel_accuracy,
    "mean_accuracy": pixel.mean_accuracy,
    "dice": pixel.dice_dataset,
    "fw_iou": pixel.frequency_weighted_iou,
}
CLASS_FIGURES: Final[dict[str, Formula]] = {
    "miou": pixel.iou,
    "dice": pixel.dice,
    "mean_accuracy": pixel.class_accuracy,
}
DATASET_FIGURES: Final = ("miou", *_MEANS)


def pixel_scores(
    counts: pd.DataFrame, class_count: int, background: int | None, choice: Choice
) -> tuple[Figures, ClassFigures]:
    """Return the semantic scores, and those of each class alone.

    Args:
        counts: rows of `queries.counts.pixel_totals` of one run, or of `pixel_rows` where the
            protocol is "per-image".
        class_count: C, the background that was painted included.
        background: its index, or None.
        choice: protocol, classes, and whether the background is averaged.

    Returns:
        figures: miou, dice, pixel_accuracy, mean_accuracy, fw_iou, foreground_iou and
            dice_foreground; NaN where a score is undefined.
        classes: miou, dice and mean_accuracy of each class, shape (C,).
    """
    truth, predicted, pixels = (
        counts[name].to_numpy(np.int64) for name in ("truth", "predicted", "pixels")
    )
    total = pixel.total_tally(truth, predicted, pixels, class_count)
    averaged = averaged_classes(class_count, background, choice)
    figures = {
        name: float(dataset_figure(name, of_classes(total, averaged), choice.protocol))
        for name in DATASET_FIGURES
    }
    figures |= _foreground_figures(truth, predicted, pixels, background)
    classes = {name: formula(total) for name, formula in CLASS_FIGURES.items()}
    if choice.protocol == PER_IMAGE:
        images = counts["image_id"].to_numpy(np.int64)
        _, by_image = pixel.tallies(images, truth, predicted, pixels, class_count)
        figures["miou"] = float(pixel.per_image_mean_iou(of_classes(by_image, averaged)))
        figures["dice"] = float(pixel.dice_per_image(of_classes(by_image, averaged)))
        classes |= _class_figures_per_image(by_image)
    return figures, classes


def boundary_scores(
    rows: pd.DataFrame, class_count: int, background: int | None, choice: Choice
) -> tuple[Figures, ClassFigures]:
    """Return the boundary IoU, and that of each class alone, shape (C,).

    Args:
        rows: of `queries.counts.boundary_rows` of one run.
        class_count: C, the background that was painted included.
        background: its index, or None.
        choice: protocol, classes, and whether the background is averaged.
    """
    by_image = boundary_tallies_of(rows, class_count)[1]
    total = pixel.Tally(*(part.sum(axis=0) for part in (by_image.tp, by_image.fp, by_image.fn)))
    averaged = averaged_classes(class_count, background, choice)
    per_image = choice.protocol == PER_IMAGE
    mean = pixel.mean_iou(of_classes(by_image if per_image else total, averaged), choice.protocol)
    classes = mean_over_images(pixel.iou(by_image)) if per_image else pixel.iou(total)
    return {BOUNDARY_FIGURE: float(mean)}, {BOUNDARY_FIGURE: classes}


def boundary_tallies_of(
    rows: pd.DataFrame, class_count: int
) -> tuple[NDArray[np.int64], pixel.Tally]:
    """Return image_id, and tallies (I, C), of rows of `queries.counts.boundary_rows`."""
    images, classes, truth, predicted, shared = (
        rows[name].to_numpy(np.int64)
        for name in ("image_id", "class", "truth", "predicted", "shared")
    )
    return boundary.boundary_tallies(images, classes, truth, predicted, shared, class_count)


def dataset_figure(name: str, tally: pixel.Tally, protocol: str) -> NDArray[np.float64]:
    """Return one of `DATASET_FIGURES` of tallies (..., C) that are sums over images, (...).

    The protocol "per-image" has no say in it: it is a mean of such figures of single images.
    """
    if name == "miou":
        return pixel.mean_iou(tally, "mmseg" if protocol == PER_IMAGE else protocol)
    return _MEANS[name](tally)


def averaged_classes(class_count: int, background: int | None, choice: Choice) -> NDArray[np.int64]:
    """Return the class indices that means are taken over."""
    chosen = np.arange(class_count) if choice.classes is None else np.array(choice.classes, int)
    if background is not None and not choice.with_background:
        chosen = chosen[chosen != background]
    return chosen


def of_classes(tally: pixel.Tally, classes: NDArray[np.int64]) -> pixel.Tally:
    """Return the tally of some of its classes."""
    return pixel.Tally(tally.tp[..., classes], tally.fp[..., classes], tally.fn[..., classes])


def _foreground_figures(
    truth: NDArray[np.int64],
    predicted: NDArray[np.int64],
    pixels: NDArray[np.int64],
    background: int | None,
) -> Figures:
    if background is None:
        return {}
    counts = pixel.PixelCounts(truth.astype(np.int32), predicted.astype(np.int32), pixels)
    binary = pixel.tally(pixel.foreground(counts, background), class_count=2)
    return {
        "foreground_iou": float(pixel.iou(binary)[1]),
        "dice_foreground": float(pixel.dice_foreground(counts, background)),
    }


def _class_figures_per_image(by_image: pixel.Tally) -> ClassFigures:
    """Return each class's mean over the images that it has a score on."""
    return {
        "miou": mean_over_images(pixel.iou(by_image)),
        "dice": mean_over_images(pixel.dice(by_image)),
    }


def mean_over_images(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the first axis of the scores there are; NaN where there are none."""
    present = ~np.isnan(scores)
    sums = np.where(present, scores, 0.0).sum(axis=0)
    means = np.full(sums.shape, np.nan)
    np.divide(sums, present.sum(axis=0), out=means, where=present.any(axis=0))
    return means
