"""Stored matches of one run to what repairing each kind of error would bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import repairs
from core.metrics.errors import Kind
from core.metrics.overlap import Geometry, overlapping_pairs
from core.metrics.repairs import Judged, Repaired
from core.scoring.annotated import annotated_objects
from core.scoring.coverage import evaluated_run, scored_images
from core.scoring.objects import stored_rows
from core.store import rows
from core.store.queries import catalogue, counts
from core.structures import ObjectTable

_AIMING = (Kind.CLASSIFICATION.value, Kind.LOCALISATION.value)


def error_repairs(
    cursor: duckdb.DuckDBPyConnection,
    run: str,
    geometry: str,
    *,
    images: Sequence[int] | None = None,
) -> Repaired:
    """Return AP50 of each class before and after each repair, over objects of every size.

    Kinds of error are those stored with the matches. What they aim at is found anew from the
    objects, for the predictions that a repair could let hit.

    Args:
        cursor: of `Store.read()`.
        run: name of an evaluated run.
        geometry: "box" or "mask".
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: the run is unknown or not evaluated.
    """
    row = evaluated_run(cursor, run)
    _, keys = scored_images(cursor, row, images)
    class_count = len(catalogue.categories(cursor, row["dataset"]))
    truth = annotated_objects(cursor, int(row["dataset_id"]), row["split"], keys)
    predicted = rows.prediction_table(cursor, int(row["run_id"]), keys)
    matches = counts.match_rows(cursor, int(row["run_id"]), geometry, keys)
    return repairs.repaired(_judged(truth, predicted, matches, geometry), class_count)


def _judged(
    truth: ObjectTable, predicted: ObjectTable, matches: pd.DataFrame, geometry: str
) -> Judged:
    """Join what is stored of the matches with the objects; both are in the order of the file."""
    kinds = matches["kind"].to_numpy(np.str_)
    aiming = np.isin(kinds, _AIMING)
    some = predicted.where(aiming)
    pairs = overlapping_pairs(truth, some, cast(Geometry, geometry))
    same = truth.categories[pairs.rows] == some.categories[pairs.predictions]
    targets = np.full(len(kinds), -1, np.int64)
    targets[aiming] = repairs.repair_targets(pairs, same, truth.crowd, kinds[aiming])
    hit = matches[kinds == Kind.HIT]
    counted = ~truth.crowd
    # a place behind the last for the -1 of predictions that aim at nothing
    places = np.append(np.where(counted, np.cumsum(counted) - 1, -1), -1)
    return Judged(
        rows=stored_rows(matches),
        kinds=kinds,
        targets=places[targets],
        classes=truth.categories[counted],
        found=_found(truth, hit)[counted],
    )


def _found(truth: ObjectTable, hit: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which annotations the hits found, (N,)."""
    first = np.searchsorted(truth.images, hit["image_id"].to_numpy(np.int64))
    found = np.zeros(len(truth), np.bool_)
    found[first + hit["matched"].to_numpy(np.int64)] = True
    return found
