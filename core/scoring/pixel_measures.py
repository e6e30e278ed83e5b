"""Stored pixel counts to measures: semantic scores of any multiset of images."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import pixel
from core.metrics.significance import Amounts, Sums, image_means
from core.scoring.choice import Choice
from core.scoring.pixels import (
    CLASS_FIGURES,
    DATASET_FIGURES,
    PER_IMAGE,
    averaged_classes,
    boundary_tallies_of,
    dataset_figure,
    of_classes,
)

Scores = NDArray[np.float64]
Keys = NDArray[np.int64]

# of a tally of two classes, 0 the background and 1 anything else
FOREGROUND_FIGURES: Final[dict[str, Callable[[pixel.Tally], Scores]]] = {
    "foreground_iou": pixel.iou,
    "dice_foreground": pixel.dice,
}
PIXEL_MEASURES: Final = (*DATASET_FIGURES, *FOREGROUND_FIGURES)


def pixel_measure(
    name: str,
    counts: pd.DataFrame,
    images: Keys,
    class_count: int,
    background: int | None,
    choice: Choice,
) -> Sums:
    """Return a semantic score as a measure; after it each class, where classes have that score.

    Args:
        name: one of `PIXEL_MEASURES`; those of the foreground need a background.
        counts: rows of `queries.counts.pixel_rows` of one run on these images.
        images: (I,) image_id, ascending.
        class_count: C, the background that was painted included.
        background: its index, or None.
        choice: protocol, classes, and whether the background is averaged.
    """
    keys, truth, predicted, pixels = (
        counts[column].to_numpy(np.int64) for column in ("image_id", "truth", "predicted", "pixels")
    )
    if name in FOREGROUND_FIGURES and background is not None:
        truth, predicted = (
            pixel.foreground_classes(classes, background) for classes in (truth, predicted)
        )
        seen, tallies = pixel.tallies(keys, truth, predicted, pixels, 2)
        return Sums(_amounts(images, seen, tallies), partial(_foreground, name))
    seen, tallies = pixel.tallies(keys, truth, predicted, pixels, class_count)
    return _of_tallies(name, seen, tallies, images, background, choice)


def boundary_measure(
    rows: pd.DataFrame, images: Keys, class_count: int, background: int | None, choice: Choice
) -> Sums:
    """Return the boundary IoU as a measure; after it that of each class.

    Args:
        rows: of `queries.counts.boundary_rows` of one run on these images.
        images: (I,) image_id, ascending.
        class_count: C, the background that was painted included.
        background: its index, or None.
        choice: protocol, classes, and whether the background is averaged.
    """
    seen, tallies = boundary_tallies_of(rows, class_count)
    return _of_tallies("miou", seen, tallies, images, background, choice)


def _of_tallies(
    name: str,
    seen: Keys,
    tallies: pixel.Tally,
    images: Keys,
    background: int | None,
    choice: Choice,
) -> Sums:
    """Return a score of `DATASET_FIGURES` of tallies (S, C) of the images seen."""
    class_count = tallies.tp.shape[-1]
    averaged = averaged_classes(class_count, background, choice)
    if choice.protocol == PER_IMAGE and name in ("miou", "dice"):
        scores = np.full((len(images), 1 + class_count), np.nan)
        scores[np.searchsorted(images, seen)] = _figures(tallies, name, PER_IMAGE, averaged)
        return image_means(scores)
    formula = partial(_of_sums, name=name, protocol=choice.protocol, averaged=averaged)
    return Sums(_amounts(images, seen, tallies), formula)


def _amounts(images: Keys, seen: Keys, tallies: pixel.Tally) -> Amounts:
    """Return tallies (S, C) of some images as amounts: C columns each of tp, fp and fn."""
    table = np.hstack([tallies.tp, tallies.fp, tallies.fn])
    places, columns = np.nonzero(table)
    return Amounts(
        len(images),
        table.shape[1],
        np.searchsorted(images, seen)[places].astype(np.int32),
        columns.astype(np.int32),
        table[places, columns].astype(np.float64),
    )


def _tally(sums: Scores) -> pixel.Tally:
    return pixel.Tally(*np.split(sums.astype(np.int64), 3, axis=1))


def _of_sums(sums: Scores, name: str, protocol: str, averaged: NDArray[np.int64]) -> Scores:
    return _figures(_tally(sums), name, protocol, averaged)


def _figures(tally: pixel.Tally, name: str, protocol: str, averaged: NDArray[np.int64]) -> Scores:
    """Return (R, F) the score of tallies (R, C), and of each class where classes have it."""
    mean = dataset_figure(name, of_classes(tally, averaged), protocol)[:, np.newaxis]
    return np.hstack([mean, CLASS_FIGURES[name](tally)]) if name in CLASS_FIGURES else mean


def _foreground(name: str, sums: Scores) -> Scores:
    return FOREGROUND_FIGURES[name](_tally(sums))[:, 1:]
