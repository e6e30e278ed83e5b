"""Stored predictions as the structures they were before."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import pandas as pd

from core.errors import UsageError
from core.geometry import confidence, label_runs
from core.store.columns import objects_of
from core.store.object_rows import prediction_table
from core.store.queries.confidence import prediction_confidence
from core.store.queries.image_view import image_answers, prediction_maps
from core.structures import ImageRecord, Prediction

LABELS = """
    SELECT image_id, probabilities FROM prediction_label
    WHERE run_id = $run AND image_id IN (SELECT unnest($images::BIGINT[]))
"""


def load_predictions(
    cursor: duckdb.DuckDBPyConnection, run_id: int, images: Mapping[int, ImageRecord]
) -> dict[int, Prediction]:
    """Return what a run says of some images: image_id to prediction, for those it has answered.

    Args:
        cursor: a cursor of the store.
        run_id: the run.
        images: image_id to image, of the run's split.

    Raises:
        UsageError: the store does not have the run.
    """
    flags = cursor.execute(
        "SELECT has_boxes OR has_masks FROM run WHERE run_id = ?", [run_id]
    ).fetchall()
    if not flags:
        raise UsageError(f"There is no run with the key {run_id} in the store.")
    ((has_objects,),) = flags
    keys = sorted(images)
    table = prediction_table(cursor, run_id, keys)
    answered = image_answers(cursor, [run_id], keys).set_index("image_id")["seconds"]
    maps = _blobs(prediction_maps(cursor, [run_id], keys), "label_map")
    certain = _blobs(prediction_confidence(cursor, [run_id], keys), "confidence")
    labels = dict(cursor.execute(LABELS, {"run": run_id, "images": keys}).fetchall())
    found = {}
    for key, seconds in zip(answered.index.tolist(), answered.tolist(), strict=True):
        image = images[key]
        size = image.height, image.width
        start, stop = np.searchsorted(table.images, [key, key + 1]).tolist()
        found[key] = Prediction(
            image=image,
            seconds=None if np.isnan(seconds) else seconds,
            objects=objects_of(table, slice(start, stop), *size) if has_objects else None,
            label_map=label_runs.decode(maps[key], *size) if key in maps else None,
            confidence=confidence.decode(certain[key], *size) if key in certain else None,
            probabilities=np.array(labels[key], np.float64) if key in labels else None,
        )
    return found


def _blobs(rows: pd.DataFrame, column: str) -> dict[int, bytes]:
    return dict(zip(rows["image_id"].tolist(), map(bytes, rows[column]), strict=True))
