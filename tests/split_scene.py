"""The pets on three splits, answered by one system that is exact on what it learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.evaluate import evaluate_run
from core.store import rows
from core.store.connection import Store
from core.store.training_rows import TrainingRecord, replace_training
from core.structures import Run
from tests.pages.made_up import add_run, objects_dataset, shifted

SPLITS = {"train": 0, "val": 1, "test": 2}  # columns that the answers lie beside the truth
WEIGHTS = "1" * 64
AT = datetime(2026, 1, 2, tzinfo=UTC)


def splits_store(path: Path, splits: Mapping[str, int] = SPLITS) -> Store:
    """Twelve images a split: a cat on each, a dog on four, one of the third class."""
    store = Store.at(path)
    for split, step in splits.items():
        dataset = replace(objects_dataset(), split=split)
        with store.write() as cursor:
            rows.insert_dataset(cursor, dataset, painted=True)
        run = Run(f"net {split}", "net", "pets", split, weights="w", weights_sha256=WEIGHTS)
        add_run(store, run, [shifted(image, step, 0.25) for image in dataset.images], 12)
        evaluate_run(store, run.name)
    return store


def add_training(store: Store, train_split: str, val_split: str, dataset: str = "pets") -> None:
    """Let the store know how the weights came to be."""
    record = TrainingRecord(
        training_id="t",
        system="net",
        dataset=dataset,
        train_split=train_split,
        val_split=val_split,
        seed=0,
        settings={},
        versions={},
        weights="w",
        weights_sha256=WEIGHTS,
        goal="val_miou",
        best_epoch=1,
        planned_epochs=1,
        seconds=1.0,
        status="done",
        started=AT,
        finished=AT,
    )
    with store.write() as cursor:
        replace_training(cursor, record, [(1, {"val_miou": 0.5})])
