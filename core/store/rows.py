"""Structures to rows and back: all that other modules call, in one place."""

from core.store.dataset_rows import insert_dataset
from core.store.keys import dataset_key, image_ids, refuse_known_run, split_key
from core.store.loading import load_dataset
from core.store.object_rows import (
    annotation_map_blobs,
    load_objects,
    prediction_map_blobs,
    prediction_table,
    prediction_tables,
    truth_table,
)
from core.store.predictions import load_predictions
from core.store.rejected import Rejected
from core.store.removal import remove_dataset_split, remove_run
from core.store.run_rows import (
    insert_predictions,
    insert_rejected,
    insert_run,
    replace_evaluation,
    set_run_status,
)

__all__ = [
    "Rejected",
    "annotation_map_blobs",
    "dataset_key",
    "image_ids",
    "insert_dataset",
    "insert_predictions",
    "insert_rejected",
    "insert_run",
    "load_dataset",
    "load_objects",
    "load_predictions",
    "prediction_map_blobs",
    "prediction_table",
    "prediction_tables",
    "refuse_known_run",
    "remove_dataset_split",
    "remove_run",
    "replace_evaluation",
    "set_run_status",
    "split_key",
    "truth_table",
]
