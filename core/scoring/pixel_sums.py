"""Pixel counts of a run added up over any images, in memory where they fit.

DuckDB adds up half a million rows in ten milliseconds, most of them spent on finding the rows. A
visitor asks again and again, of other images of the same runs: so the rows of runs of up to
`MOST_ROWS` are held by image while the store stays as it is, which makes a sum cost as much as the
images that are chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.store.memory import is_remembering, remembered_each
from core.store.queries import counts
from core.store.queries.ask import answer_bytes, asked_together

Cursor = duckdb.DuckDBPyConnection
Keys = Sequence[int] | None

MOST_ROWS = 120_000  # of a run: some ten thousand images, 2 MB
MOST_CLASSES = 500  # above which sums of all pairs of classes would be mostly zeros

TOTALS = pd.Index(["truth", "predicted", "pixels"])
CLASS_IMAGES = pd.Index(["class", "images"])


@dataclass(frozen=True, eq=False)
class HeldCounts:
    """The confusion counts of a run, by image.

    Attributes:
        images: (I,) int64 image_id of the images that have counts, ascending.
        starts: (I + 1,) int64 first row of each image, and the end of the last.
        truth: (N,) int16 class index of the annotation, ascending within an image.
        predicted: (N,) int16 class index of the prediction, -1 where it gave none.
        pixels: (N,) int64 pixels of the pair, above 0.
        class_count: C, above each class index.
    """

    images: NDArray[np.int64]
    starts: NDArray[np.int64]
    truth: NDArray[np.int16]
    predicted: NDArray[np.int16]
    pixels: NDArray[np.int64]
    class_count: int

    def over(self, images: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return sums over some images.

        Returns:
            sums: (C, C + 1) pixels by truth and prediction, the first column without one.
            holding: (C,) on how many of the images the truth holds each class.
        """
        from core.metrics.kernels.image_sums import sum_images

        chosen = np.asarray(images, np.int64)
        places = np.flatnonzero(np.isin(self.images, chosen))
        sums = np.zeros((self.class_count, self.class_count + 1), np.int64)
        holding = np.zeros(self.class_count, np.int64)
        rows = self.truth, self.predicted, self.pixels
        sum_images(places, self.starts, *rows, sums, holding)
        return sums, holding


def pixel_totals(cursor: Cursor, run: int, images: Keys = None) -> pd.DataFrame:
    """Return summed confusion counts of a run: truth, predicted, pixels, in this order.

    Args:
        cursor: of `Store.read()`.
        run: its key.
        images: image_id of the images that count, or None for all.
    """
    held = None if images is None else _held(cursor, run)
    if images is None or held is None:
        return counts.pixel_totals(cursor, [run], images)[TOTALS]
    sums, _ = held.over(images)
    truth, answer = np.nonzero(sums)
    return pd.DataFrame(np.stack([truth, answer - 1, sums[truth, answer]], axis=1), columns=TOTALS)


def pixel_class_images(cursor: Cursor, run: int, images: Keys = None) -> pd.DataFrame:
    """Return on how many images the truth holds each class: class, images.

    Arguments are those of `pixel_totals`.
    """
    held = None if images is None else _held(cursor, run)
    if images is None or held is None:
        return counts.pixel_class_images(cursor, [run], images)[CLASS_IMAGES]
    _, holding = held.over(images)
    (classes,) = np.nonzero(holding)
    return pd.DataFrame(np.stack([classes, holding[classes]], axis=1), columns=CLASS_IMAGES)


def _held(cursor: Cursor, run: int) -> HeldCounts | None:
    """Return the counts of a run, or None where they are too many or nothing is remembered."""
    if not is_remembering():
        return None
    runs = asked_together(run)
    count, load = partial(_row_counts, cursor), partial(_loaded, cursor)
    sizes = remembered_each("pixel rows of a run", runs, None, count, answer_bytes)
    holdable = [each for each in runs if sizes[each] <= MOST_ROWS]
    if run not in holdable:
        return None
    return remembered_each("held pixel counts", holdable, None, load, answer_bytes)[run]


def _row_counts(cursor: Cursor, runs: list[int]) -> dict[int, int]:
    return dict.fromkeys(runs, 0) | counts.pixel_row_counts(cursor, runs)


def _loaded(cursor: Cursor, runs: list[int]) -> dict[int, HeldCounts | None]:
    rows = counts.pixel_row_arrays(cursor, runs)
    first, after = (np.searchsorted(rows["run_id"], runs, side=side) for side in ("left", "right"))
    return {
        run: _of_rows({name: column[start:end] for name, column in rows.items()})
        for run, start, end in zip(runs, first.tolist(), after.tolist(), strict=True)
    }


def _of_rows(rows: Mapping[str, NDArray[np.int64]]) -> HeldCounts | None:
    """Return the rows of one run, in order of image and truth; None of what cannot be held."""
    truth, predicted, pixels = (rows[name] for name in ("truth", "predicted", "pixels"))
    class_count = 1 + int(max(truth.max(initial=-1), predicted.max(initial=-1)))
    least = min(truth.min(initial=0), predicted.min(initial=-1) + 1, pixels.min(initial=1) - 1)
    # a row of no pixels would not be told from no row
    if class_count > MOST_CLASSES or least < 0:
        return None
    images, starts = np.unique(rows["image_id"], return_index=True)
    return HeldCounts(
        images=images.astype(np.int64),
        starts=np.append(starts, len(truth)).astype(np.int64),
        truth=truth.astype(np.int16),
        predicted=predicted.astype(np.int16),
        pixels=pixels.astype(np.int64),
        class_count=class_count,
    )
