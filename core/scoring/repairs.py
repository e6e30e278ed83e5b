"""Stored matches of one run to what repairing each kind of error would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from core.scoring.by_image import found_by_image
from core.scoring.coverage import evaluated_run, scored_images
from core.scoring.objects import stored_rows
from core.store import rows
from core.store.queries import catalogue, counts
from core.store.queries.ask import answer_bytes
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
    run_id = int(row["run_id"])

    def find() -> _JudgedImages:
        truth = annotated_objects(cursor, int(row["dataset_id"]), row["split"], keys)
        predicted = rows.prediction_table(cursor, run_id, keys)
        matches = counts.match_rows(cursor, run_id, geometry, keys)
        return _judged(truth, predicted, matches, geometry)

    found = found_by_image("judged", (run_id, geometry), keys, find, _JudgedImages.of, answer_bytes)
    return repairs.repaired(found.judged, class_count)


@dataclass(frozen=True, eq=False)
class _JudgedImages:
    """Judged predictions of some images.

    Attributes:
        judged: them, and the N annotations that count.
        images: (N,) image_id of these annotations.
    """

    judged: Judged
    images: NDArray[np.int64]

    def of(self, images: NDArray[np.int64]) -> _JudgedImages:
        """Return the same of some of the images: nothing aims at an annotation of another."""
        made = np.isin(self.judged.rows.images, images)
        asked = np.isin(self.images, images)
        # a place behind the last for the -1 of predictions that aim at nothing
        places = np.append(np.cumsum(asked) - 1, -1)
        judged = replace(
            self.judged,
            rows=self.judged.rows.where(made),
            kinds=self.judged.kinds[made],
            targets=places[self.judged.targets[made]],
            classes=self.judged.classes[asked],
            found=self.judged.found[asked],
        )
        return _JudgedImages(judged, self.images[asked])


def _judged(
    truth: ObjectTable, predicted: ObjectTable, matches: pd.DataFrame, geometry: str
) -> _JudgedImages:
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
    places = np.append(np.where(counted, np.cumsum(counted) - 1, -1), -1)
    judged = Judged(
        rows=stored_rows(matches),
        kinds=kinds,
        targets=places[targets],
        classes=truth.categories[counted],
        found=_found(truth, hit)[counted],
    )
    return _JudgedImages(judged, truth.images[counted])


def _found(truth: ObjectTable, hit: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which annotations the hits found, (N,)."""
    first = np.searchsorted(truth.images, hit["image_id"].to_numpy(np.int64))
    found = np.zeros(len(truth), np.bool_)
    found[first + hit["matched"].to_numpy(np.int64)] = True
    return found
