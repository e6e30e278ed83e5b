"""Data sets and runs into a store, as the commands put them there."""

from __future__ import annotations

from collections.abc import Iterable

from core.store import rows
from core.store.connection import Store
from core.structures import Dataset, Prediction
from tests.factories import make_run

FLAGS = {"has_boxes": True, "has_masks": True, "has_label_maps": False}


def put(store: Store, dataset: Dataset, **options) -> int:
    with store.write() as cursor:
        return rows.insert_dataset(cursor, dataset, **options)


def put_run(
    store: Store,
    dataset: Dataset,
    predictions: Iterable[Prediction],
    name: str = "tiny-net",
    *,
    status: str = "done",
    **flags: bool,
) -> int:
    """Store a run; where no flag says otherwise it has boxes and masks."""
    with store.write() as cursor:
        run_id = rows.insert_run(
            cursor,
            make_run(dataset, name),
            **{**FLAGS, **flags},
            expected_images=len(dataset.images),
            status=status,
        )
        keys = rows.image_ids(cursor, dataset.name, dataset.split)
        rows.insert_predictions(cursor, run_id, keys, predictions)
    return run_id
