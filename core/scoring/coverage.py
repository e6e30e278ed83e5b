"""Which images runs have in common: only on those can they be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import duckdb
import pandas as pd

from core.errors import UsageError
from core.store.queries import catalogue


@dataclass(frozen=True)
class Coverage:
    """What some runs share.

    Attributes:
        images: run name to the number of images it has answered.
        common: image_id of the images that all have answered, ascending.
        same_images: whether each has answered exactly the common images.
        same_classes: whether all speak of the same data set's classes.
    """

    images: dict[str, int]
    common: tuple[int, ...]
    same_images: bool
    same_classes: bool


def coverage(cursor: duckdb.DuckDBPyConnection, runs: Sequence[str]) -> Coverage:
    """Return what the named runs share; runs of different data sets share nothing.

    Raises:
        UsageError: a run is not in the store.
    """
    chosen = named_runs(cursor, runs)
    answered = {
        str(run): frozenset(catalogue.answered_images(cursor, int(key))["image_id"].tolist())
        for run, key in zip(chosen["run"], chosen["run_id"], strict=True)
    }
    common = reduce(frozenset.intersection, answered.values()) if answered else frozenset()
    return Coverage(
        images={run: len(images) for run, images in answered.items()},
        common=tuple(sorted(common)),
        same_images=all(images == common for images in answered.values()),
        same_classes=len(set(chosen["dataset_id"])) <= 1,
    )


def named_runs(cursor: duckdb.DuckDBPyConnection, runs: Sequence[str]) -> pd.DataFrame:
    """Return the rows of `catalogue.runs` for the names, in their order.

    Raises:
        UsageError: a run is not in the store; the message lists those that are.
    """
    known = catalogue.runs(cursor)
    unknown = [name for name in runs if name not in set(known["run"])]
    if unknown:
        there = ", ".join(sorted(known["run"])) or "none yet"
        raise UsageError(f"There is no run named {unknown[0]!r} in the store. Runs: {there}.")
    return known.set_index("run", drop=False).loc[list(runs)].reset_index(drop=True)
