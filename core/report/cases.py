"""Which images tell most of a comparison: where the runs differ, and which are hardest for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd

from core.metrics.matching import AREA_RANGES
from core.scoring.choice import SIZES, Choice
from core.scoring.images import image_ious
from core.scoring.pixel_measures import PIXEL_MEASURES
from core.store.queries.failures import FailureFilter, failure_images

LEAST_SCORE: Final = 0.5
DIFFER, HARDEST = "the runs differ", "hardest for all runs"
PIXELS, MASK, BOX = "pixels", "mask", "box"
RULES: Final = {
    PIXELS: "the mean over its classes of the IoU of the image by itself",
    MASK: f"errors of masks (wrong predictions of score ≥ {LEAST_SCORE:.2f}, and missed objects)",
    BOX: f"errors of boxes (wrong predictions of score ≥ {LEAST_SCORE:.2f}, and missed objects)",
}


@dataclass(frozen=True)
class Telling:
    """One image that tells something.

    Attributes:
        image: its key in the store.
        reason: `DIFFER` or `HARDEST`.
        losses: run name to what it gets wrong here: a number of errors, or 1 - IoU.
    """

    image: int
    reason: str
    losses: Mapping[str, float]


def way_of(metric: str | None, runs: pd.DataFrame, split: pd.Series) -> str | None:
    """Return by what images are judged: pixels, masks or boxes, as the metric does if it can.

    Args:
        metric: one of `METRICS`, or None for no preference.
        runs: rows of `catalogue.runs`.
        split: row of `catalogue.datasets`.

    Returns:
        `PIXELS`, `MASK` or `BOX`; None where the runs have none of them in common.
    """
    there = {
        MASK: bool(runs["has_masks"].all() and split["has_masks"]),
        BOX: bool(runs["has_boxes"].all() and split["has_objects"] and split["located"]),
        PIXELS: bool(runs["pixel_source"].notna().all()),
    }
    wanted = PIXELS if metric in PIXEL_MEASURES else (metric or "").split("_")[0]
    return next((way for way in (wanted, MASK, BOX, PIXELS) if there.get(way)), None)


def telling_images(
    cursor: duckdb.DuckDBPyConnection,
    runs: pd.DataFrame,
    way: str,
    images: Sequence[int],
    choice: Choice,
    class_count: int,
    most: int,
) -> list[Telling]:
    """Return half of them images on which the runs differ most, then those hardest for all.

    Args:
        cursor: of `Store.read()`.
        runs: rows of `catalogue.runs`.
        way: of `way_of`.
        images: image_id of the images compared.
        choice: the classes and sizes that count.
        class_count: C, a painted background included.
        most: how many images.
    """
    losses = _losses(cursor, runs, way, images, choice, class_count)
    return chosen_images(losses, most)


def chosen_images(losses: pd.DataFrame, most: int) -> list[Telling]:
    """Return at most so many images, the most telling first.

    Args:
        losses: a row for each image_id, a column for each run.
        most: how many images.
    """
    spread, least = losses.max(axis=1) - losses.min(axis=1), losses.min(axis=1)
    differ = _largest(spread, losses.max(axis=1))
    failed = _largest(least, losses.max(axis=1))
    first = differ[: -(-most // 2)]
    second = [image for image in failed if image not in set(first)][: most - len(first)]
    taken = {*first, *second}
    rest = [image for image in differ if image not in taken][: most - len(taken)]
    reasons = [*((image, DIFFER) for image in [*first, *rest]), *((i, HARDEST) for i in second)]
    names = [str(run) for run in losses.columns]
    return [
        Telling(image, reason, dict(zip(names, losses.loc[image].to_numpy(float), strict=True)))
        for image, reason in reasons
    ]


def _largest(values: pd.Series, ties: pd.Series) -> list[int]:
    """Return the image_id of values above 0, descending; ties by another value, then by id."""
    keys, sizes = values.index.to_numpy(int), values.to_numpy(float)
    order = np.lexsort((keys, -ties.to_numpy(float), -sizes))
    return [int(keys[place]) for place in order if sizes[place] > 0]


def _losses(
    cursor: duckdb.DuckDBPyConnection,
    runs: pd.DataFrame,
    way: str,
    images: Sequence[int],
    choice: Choice,
    class_count: int,
) -> pd.DataFrame:
    rows: list[Any] = list(runs.itertuples(index=False))
    columns = {
        str(run.run): (
            _pixel_loss(cursor, int(run.run_id), choice, class_count)
            if way == PIXELS
            else _errors(cursor, int(run.run_id), way, images, choice)
        )
        for run in rows
    }
    return pd.DataFrame(columns).reindex(list(images)).fillna(0.0)


def _pixel_loss(
    cursor: duckdb.DuckDBPyConnection, run_id: int, choice: Choice, class_count: int
) -> pd.Series:
    wanted: Sequence[int | None] = [None] if choice.classes is None else choice.classes
    parts = [image_ious(cursor, [run_id], class_count, each) for each in wanted]
    loss: pd.Series = 1 - pd.concat(parts).groupby("image_id")["iou"].mean()
    return loss


def _errors(
    cursor: duckdb.DuckDBPyConnection,
    run_id: int,
    way: str,
    images: Sequence[int],
    choice: Choice,
) -> pd.Series:
    smallest, largest = AREA_RANGES[SIZES.index(choice.size)]
    wanted: Sequence[int | None] = [None] if choice.classes is None else choice.classes
    parts = [
        failure_images(
            cursor,
            FailureFilter(
                (run_id,),
                way,
                least=LEAST_SCORE,
                class_=each,
                smallest=smallest,
                largest=largest,
                images=tuple(images),
            ),
        )
        for each in wanted
    ]
    errors: pd.Series = pd.concat(parts).groupby("image_id")["errors"].sum().astype(float)
    return errors
