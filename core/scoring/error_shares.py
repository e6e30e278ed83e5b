"""Stored counts of wrong pixels by kind to scores, and to measures of any multiset of images."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics.error_shares import ErrorTally, error_shares, mean_error_shares
from core.metrics.pixel_errors import KINDS
from core.metrics.ratios import mean_of_classes
from core.metrics.significance import Amounts, Sums, image_means
from core.scoring.choice import Choice
from core.scoring.pixels import PER_IMAGE, averaged_classes, mean_over_images

Scores = NDArray[np.float64]
Keys = NDArray[np.int64]

# name of the score to the place of its kind
ERROR_FIGURES: Final = {f"{kind}_error": place for place, kind in enumerate(KINDS)}


def error_scores(
    errors: pd.DataFrame,
    counts: pd.DataFrame,
    class_count: int,
    background: int | None,
    choice: Choice,
) -> tuple[dict[str, float], dict[str, Scores]]:
    """Return the share of the union that is wrong by kind, and that of each class, shape (C,).

    Args:
        errors: rows of `queries.counts.pixel_error_rows` of one run.
        counts: rows of `queries.counts.pixel_totals` of the same images, or of `pixel_rows` where
            the protocol is "per-image".
        class_count: C, the background that was painted included.
        background: its index, or None.
        choice: protocol, classes, and whether the background is averaged.

    Returns:
        figures: `ERROR_FIGURES`, NaN where no class has a union.
        classes: the same of each class. Both are empty where kinds are not counted yet.
    """
    if not is_counted(errors, counts):
        return {}, {}
    per_image = choice.protocol == PER_IMAGE
    images = np.unique(counts["image_id"].to_numpy(np.int64)) if per_image else None
    tally = _tally(errors, counts, class_count, images)
    shares = error_shares(tally)
    averaged = averaged_classes(class_count, background, choice)
    means = mean_error_shares(tally.of_classes(averaged), choice.protocol)
    classes = mean_over_images(shares) if per_image else shares
    return (
        {name: float(means[place]) for name, place in ERROR_FIGURES.items()},
        {name: classes[:, place] for name, place in ERROR_FIGURES.items()},
    )


def error_measure(
    name: str,
    errors: pd.DataFrame,
    counts: pd.DataFrame,
    images: Keys,
    class_count: int,
    background: int | None,
    choice: Choice,
) -> Sums:
    """Return one of `ERROR_FIGURES` as a measure; after it that of each class.

    Args:
        name: of the figure.
        errors: rows of `queries.counts.pixel_error_rows` of one run on these images.
        counts: rows of `queries.counts.pixel_rows` of them.
        images: (I,) image_id, ascending.
        class_count: C, the background that was painted included.
        background: its index, or None.
        choice: protocol, classes, and whether the background is averaged.
    """
    place = ERROR_FIGURES[name]
    averaged = averaged_classes(class_count, background, choice)
    tally = _tally(errors, counts, class_count, images)
    if choice.protocol == PER_IMAGE:
        shares = error_shares(tally)[..., place]
        means = mean_of_classes(shares[:, averaged])[:, np.newaxis]
        return image_means(np.hstack([means, shares]))
    parts = tally.hits[..., np.newaxis], tally.missed, tally.added
    table = np.concatenate(parts, axis=-1).reshape(len(images), -1)
    formula = partial(_of_sums, place=place, protocol=choice.protocol, averaged=averaged)
    return Sums(Amounts.of_table(table), formula)


def is_counted(errors: pd.DataFrame, counts: pd.DataFrame) -> bool:
    """Return whether kinds were counted when the run was evaluated; where nothing is wrong, yes."""
    return len(errors) > 0 or not (counts["truth"] != counts["predicted"]).any()


def _of_sums(sums: Scores, place: int, protocol: str, averaged: NDArray[np.int64]) -> Scores:
    """Return (R, 1 + C) the share of one kind of sums (R, C * 7), and that of each class."""
    kinds = len(KINDS)
    of_classes = sums.astype(np.int64).reshape(len(sums), -1, 1 + 2 * kinds)
    hits, missed, added = np.split(of_classes, [1, 1 + kinds], axis=-1)
    tally = ErrorTally(hits[..., 0], missed, added)
    mean = mean_error_shares(tally.of_classes(averaged), protocol)[:, place]
    return np.column_stack([mean, error_shares(tally)[..., place]])


def _tally(
    errors: pd.DataFrame, counts: pd.DataFrame, class_count: int, images: Keys | None
) -> ErrorTally:
    """Return the pixels of each class: (I, C) of each of the images, or (C,) of all together."""
    groups = np.zeros(1, np.int64) if images is None else images
    hits = np.zeros((len(groups), class_count), np.int64)
    missed, added = np.zeros((2, len(groups), class_count, len(KINDS)), np.int64)
    right = counts[(counts["truth"] == counts["predicted"]).to_numpy()]
    np.add.at(hits, (_places(right, images), right["truth"].to_numpy()), right["pixels"].to_numpy())
    cells = _places(errors, images), errors["class"].to_numpy(), errors["kind"].to_numpy()
    for table, name in ((missed, "missed"), (added, "added")):
        np.add.at(table, cells, errors[name].to_numpy(np.int64))
    if images is None:
        return ErrorTally(hits[0], missed[0], added[0])
    return ErrorTally(hits, missed, added)


def _places(rows: pd.DataFrame, images: Keys | None) -> NDArray[np.int64]:
    if images is None:
        return np.zeros(len(rows), np.int64)
    return np.searchsorted(images, rows["image_id"].to_numpy(np.int64)).astype(np.int64)
