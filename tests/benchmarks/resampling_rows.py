"""Rows of the table: paired resamples of two runs, as intervals of mIoU and every class need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.metrics.significance import Sums, begin, drawn_places, extended
from core.scoring import Choice
from core.scoring.pixel_measures import pixel_measure
from tests.benchmarks.map_scene import CLASSES
from tests.benchmarks.race import Timing, race
from tests.benchmarks.store_rows import made_up_counts

RESAMPLES = 1000
SEED = 0

Table = NDArray[np.float64]
Summing = Callable[[NDArray[np.int32], Table], Table]


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield the rows as they are measured; nothing is written to the folder."""
    counts = [made_up_counts(run, images).to_pandas() for run in range(2)]
    keys = np.arange(1, images + 1)
    measures = [pixel_measure("miou", each, keys, CLASSES, None, Choice()) for each in counts]
    tables = [_dense(each) for each in measures]
    loops: dict[str, tuple[Summing, float | None]] = {
        "index loop": (_by_index, 20.0),
        "product of weights and counts": (_by_product, None),
    }
    for name, (summing, target) in loops.items():
        yield race(
            f"{RESAMPLES:,} paired resamples of mIoU and {CLASSES} IoUs, {images} images, two runs",
            lambda: extended(begin(measures, (), SEED), RESAMPLES, threads=1).resampled,
            f"numpy {np.__version__} {name}",
            lambda summing=summing: _resampled(tables, images, summing),
            agree=lambda ours, theirs: np.allclose(
                ours, theirs, rtol=0, atol=1e-12, equal_nan=True
            ),
            target=target,
            note="on the same draws; one thread",
        )


def _dense(measure: Sums) -> Table:
    """Return a row an image: tp, fp and fn of each class."""
    amounts = measure.amounts
    table = np.zeros((amounts.images, amounts.width))
    table[amounts.places, amounts.columns] = amounts.amounts
    return table


def _resampled(tables: list[Table], images: int, summing: Summing) -> Table:
    """Return (2, RESAMPLES, 1 + CLASSES) scores, the mean first."""
    parts, block, done = [], 0, 0
    while done < RESAMPLES:
        places = drawn_places((SEED,), block, images)
        parts.append([_ious(summing(places, table)) for table in tables])
        block, done = block + 1, done + len(places)
    return np.concatenate(parts, axis=1)


def _by_index(places: NDArray[np.int32], table: Table) -> Table:
    return np.array([table[drawn].sum(axis=0) for drawn in places])


def _by_product(places: NDArray[np.int32], table: Table) -> Table:
    weights = [np.bincount(drawn, minlength=len(table)) for drawn in places]
    return np.array(weights, np.float64) @ table


def _ious(sums: Table) -> Table:
    true, false, missed = np.split(sums, 3, axis=1)
    with np.errstate(invalid="ignore"):
        classes = true / (true + false + missed)
    return np.hstack([np.nanmean(classes, axis=1, keepdims=True), classes])
