"""Which images runs have in common: only on those can they be compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd

from core.errors import UsageError
from core.store.memory import remembered, remembered_each
from core.store.queries import catalogue
from core.store.queries.ask import answer_bytes, frame_bytes, together

Answer = TypeVar("Answer")


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

    def find() -> pd.DataFrame:
        return _named_runs(cursor, runs)

    return remembered("runs by name", tuple(runs), find, frame_bytes).copy(deep=False)


def _named_runs(cursor: duckdb.DuckDBPyConnection, runs: Sequence[str]) -> pd.DataFrame:
    known = catalogue.runs(cursor)
    unknown = [name for name in runs if name not in set(known["run"])]
    if unknown:
        there = ", ".join(sorted(known["run"])) or "none yet"
        raise UsageError(f"There is no run named {unknown[0]!r} in the store. Runs: {there}.")
    return known.set_index("run", drop=False).loc[list(runs)].reset_index(drop=True)


def scored_images(
    cursor: duckdb.DuckDBPyConnection,
    run: Any,  # noqa: ANN401 - a row of `catalogue.runs`
    images: Sequence[int] | None,
) -> tuple[int, tuple[int, ...] | None]:
    """Return how many images a run is scored on, and their keys.

    Args:
        cursor: of `Store.read()`.
        run: row of `catalogue.runs`.
        images: image_id of the images asked for; None for all that the run has answered. Those
            that it has not answered are left out.

    Returns:
        The number of images, and their image_id, or None for all of the split.
    """
    answered = catalogue.answered_images(cursor, int(run.run_id))["image_id"].to_numpy()
    chosen = answered if images is None else answered[np.isin(answered, np.asarray(images, int))]
    return len(chosen), None if len(chosen) == run.expected_images else tuple(chosen.tolist())


def evaluated_run(cursor: duckdb.DuckDBPyConnection, name: str) -> pd.Series:
    """Return the row of `catalogue.runs` of a run that has counts and matches.

    Raises:
        UsageError: the run is not in the store, or not evaluated.
    """
    run = named_runs(cursor, [name]).iloc[0]
    require_counts(run)
    return run


def require_counts(run: Any) -> None:  # noqa: ANN401 - a row of `catalogue.runs`
    """Refuse a run that has no counts and matches yet.

    Raises:
        UsageError: it is not evaluated.
    """
    if pd.isna(run.evaluated):
        raise UsageError(
            f"Run {run.run!r} has no counts yet. Evaluate it first: "
            f"python -m core evaluate {run.run}"
        )


def of_each_run(
    cursor: duckdb.DuckDBPyConnection,
    question: Callable[..., Answer],
    runs: Sequence[str],
    *,
    images: Sequence[int] | None = None,
    **parameters: object,
) -> dict[str, Answer]:
    """Return `question(cursor, run, images=images, **parameters)` of each run by its name.

    The answers are those of one run after the other, but the store is asked of all runs at once.

    Args:
        cursor: of `Store.read()`.
        question: a function of this package that looks at one run.
        runs: their names.
        images: image_id of the images that count, or None for all.
        parameters: of the question, plain values.

    Raises:
        UsageError: a run is not in the store, or what the question raises.
    """
    rows = named_runs(cursor, runs)
    keys = dict(zip(rows["run"], rows["run_id"].tolist(), strict=True))
    count = max(rows["images"], default=0) if images is None else len(images)

    def find(missing: list[str]) -> dict[str, Answer]:
        with together([keys[run] for run in missing], count):
            return {run: question(cursor, run, images=images, **parameters) for run in missing}

    name = f"{question.__module__}.{question.__qualname__}"
    return remembered_each(name, list(runs), (images, parameters), find, answer_bytes)
