"""Whether a store is sound: every fault in a sentence that says where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import duckdb
import numpy as np
import pyarrow as pa

from core.geometry import confidence, label_runs
from core.store.check_rules import CLASS_COUNTS, RULES, Rule
from core.store.columns import fetch
from core.store.connection import Store
from core.structures import LabelMap, void_of

MAPS_PER_BLOCK = 256

ANNOTATION_MAPS = f"""
    SELECT 'annotated' AS kind, NULL::INTEGER AS run_id, image_id, height, width, classes,
    label_map, NULL::BLOB AS confidence
    FROM annotation_map JOIN image USING (image_id) JOIN ({CLASS_COUNTS}) USING (dataset_id)
"""
PREDICTION_MAPS = f"""
    SELECT 'predicted' AS kind, run_id, image_id, height, width, classes,
    label_map, confidence
    FROM prediction_map JOIN image USING (image_id) JOIN ({CLASS_COUNTS}) USING (dataset_id)
"""
COUNTS_AGAINST_MAPS = Rule(
    "images have another number of counted pixels than of labelled ones",
    "SELECT run_id, image_id, coalesce(counted, 0) AS counted, labelled FROM prediction_image "
    "JOIN evaluation USING (run_id) JOIN labelled_pixels USING (image_id) "
    "LEFT JOIN (SELECT run_id, image_id, sum(pixels)::BIGINT AS counted FROM pixel_count "
    "GROUP BY run_id, image_id) USING (run_id, image_id) "
    "WHERE pixel_source IS NOT NULL AND coalesce(counted, 0) <> labelled ORDER BY ALL",
)


def check(store: Store) -> list[str]:
    """Return the faults of a store, each a sentence; an older schema is brought up to date.

    Raises:
        StoreMissingError: nothing was stored yet.
        StoreBusyError: the store was in use for too long.
        FaultyStoreError: the file is damaged, no store, or of a newer schema.
    """
    store.upgrade()
    with store.read() as cursor:
        return find_faults(cursor)


def find_faults(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the faults that a cursor of the store sees, each a sentence."""
    faults = [fault for rule in RULES for fault in _violations(cursor, rule)]
    labelled: dict[int, int] = {}
    faults += _faulty_maps(cursor, ANNOTATION_MAPS, labelled)
    faults += _faulty_maps(cursor, PREDICTION_MAPS, {})
    return faults + _miscounted(cursor, labelled)


def _violations(cursor: duckdb.DuckDBPyConnection, rule: Rule) -> Iterator[str]:
    rows = fetch(cursor, rule.question, {})
    if rows.num_rows:
        first = rows.slice(0, 1).to_pylist()[0]
        place = ", ".join(f"{name} {value}" for name, value in first.items())
        yield f"{rows.num_rows} x {rule.violation}; the first: {place}."


def _faulty_maps(
    cursor: duckdb.DuckDBPyConnection, question: str, labelled: dict[int, int]
) -> Iterator[str]:
    """Decode every map; note the labelled pixels of each sound one."""
    reader = cursor.sql(f"{question} ORDER BY run_id, image_id").to_arrow_reader(MAPS_PER_BLOCK)
    for batch in reader:
        for row in batch.to_pylist():
            of = f"of image_id {row['image_id']}"
            if row["run_id"] is not None:
                of += f" in run_id {row['run_id']}"
            place = f"The {row['kind']} label map {of}"
            if row["confidence"] is not None:
                yield from _faulty_confidence(row, of)
            try:
                label_map = label_runs.decode(row["label_map"], row["height"], row["width"])
            except ValueError as error:
                yield f"{place} cannot be read: {error}."
                continue
            labels = _labels(label_map)
            labelled[row["image_id"]] = labels.size
            if labels.size and labels.max() > row["classes"]:
                yield (
                    f"{place} holds the class index {labels.max()}, but the data set has "
                    f"{row['classes']} classes."
                )


def _faulty_confidence(row: Mapping[str, Any], of: str) -> Iterator[str]:
    try:
        confidence.decode(row["confidence"], row["height"], row["width"])
    except ValueError as error:
        yield f"The confidence {of} cannot be read: {error}."


def _labels(label_map: LabelMap) -> LabelMap:
    return cast(LabelMap, label_map[label_map != void_of(label_map)])


def _miscounted(cursor: duckdb.DuckDBPyConnection, labelled: dict[int, int]) -> list[str]:
    table = pa.table(
        {
            "image_id": np.fromiter(labelled, np.int64, len(labelled)),
            "labelled": np.fromiter(labelled.values(), np.int64, len(labelled)),
        }
    )
    cursor.complete()
    cursor.register("labelled_pixels", table)
    try:
        return list(_violations(cursor, COUNTS_AGAINST_MAPS))
    finally:
        cursor.unregister("labelled_pixels")
