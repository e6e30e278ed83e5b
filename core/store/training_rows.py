"""Trainings into the store: how weights came to be, with their curves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

import duckdb
import pyarrow as pa

from core.store.columns import append


@dataclass(frozen=True)
class TrainingRecord:
    """A training as the table `training` keeps it; its columns say what each field is."""

    training_id: str
    system: str
    dataset: str
    train_split: str
    val_split: str
    seed: int
    settings: Mapping[str, object]
    versions: Mapping[str, str]
    weights: str
    weights_sha256: str
    goal: str
    best_epoch: int
    planned_epochs: int
    seconds: float
    status: str
    started: datetime
    finished: datetime
    run_id: int | None = None


@dataclass(frozen=True)
class ClassDraws:
    """How often a training sees a class, as the table `training_class` keeps it.

    Attributes:
        class_index: the number of classes means a painted background.
        name: what the class is called.
        images: training images that show it.
        drawn: draws that show it to be expected in an epoch.
    """

    class_index: int
    name: str
    images: int
    drawn: float


def replace_training(
    cursor: duckdb.DuckDBPyConnection,
    training: TrainingRecord,
    curves: Sequence[tuple[int, Mapping[str, float]]],
    draws: Sequence[ClassDraws] = (),
) -> None:
    """Store a training with its curves in place of what was stored of it before.

    Args:
        cursor: a cursor of `Store.write`.
        training: its data set need not be in the store.
        curves: number of each epoch, from 1, and its values by name; all finite.
        draws: one a class, of a training that draws images by their classes.
    """
    for table in ("training_epoch", "training_class", "training"):
        cursor.execute(f"DELETE FROM {table} WHERE training_id = ?", [training.training_id])
    row = asdict(training)
    for name in ("settings", "versions"):
        row[name] = json.dumps(dict(row[name]), allow_nan=False)
    names = [field.name for field in fields(training)]
    cursor.execute(
        f"INSERT INTO training ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [row[name] for name in names],
    )
    points = [
        {"training_id": training.training_id, "epoch": epoch, "name": name, "value": float(value)}
        for epoch, values in curves
        for name, value in values.items()
    ]
    append(cursor, "training_epoch", pa.Table.from_pylist(points, schema=POINTS))
    drawn = [
        {
            "training_id": training.training_id,
            "class": each.class_index,
            "name": each.name,
            "images": each.images,
            "drawn": each.drawn,
        }
        for each in draws
    ]
    append(cursor, "training_class", pa.Table.from_pylist(drawn, schema=DRAWS))


POINTS = pa.schema(
    [
        ("training_id", pa.string()),
        ("epoch", pa.int32()),
        ("name", pa.string()),
        ("value", pa.float64()),
    ]
)
DRAWS = pa.schema(
    [
        ("training_id", pa.string()),
        ("class", pa.int32()),
        ("name", pa.string()),
        ("images", pa.int64()),
        ("drawn", pa.float64()),
    ]
)
