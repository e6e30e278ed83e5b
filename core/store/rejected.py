"""What was left out of a data set or a run, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import duckdb
import pyarrow as pa

from core.store.columns import append

SCHEMA = pa.schema(
    [
        ("run_id", pa.int32()),
        ("dataset_id", pa.int32()),
        ("split", pa.string()),
        ("place", pa.string()),
        ("image_id", pa.int64()),
        ("stage", pa.string()),
        ("message", pa.string()),
        ("attempts", pa.int32()),
    ]
)


class LeftOut(Protocol):
    """Anything that tells where a fault stands and what it is."""

    @property
    def place(self) -> str:
        """File, index or image."""

    @property
    def message(self) -> str:
        """One sentence for the user."""


@dataclass(frozen=True)
class Rejected:
    """One thing that was left out.

    Attributes:
        place: file, index or image that it concerns.
        message: one sentence for the user.
        stage: "read", "open", "decode", "infer" or "evaluate".
        image_id: the id that files of the data set use for the image, or None.
        attempts: how often it was tried.
    """

    place: str
    message: str
    stage: str = "read"
    image_id: int | None = None
    attempts: int = 1


def append_rejected(
    cursor: duckdb.DuckDBPyConnection,
    rejected: Iterable[LeftOut],
    *,
    run_id: int | None,
    dataset_id: int,
    split: str,
    image_ids: Mapping[int, int],
) -> None:
    """Record what was left out.

    Args:
        cursor: a cursor of `Store.write`.
        rejected: `Rejected`, or a reader's faults, whose stage is "read".
        run_id: the run, or None if it was left out of the data set.
        dataset_id: the data set.
        split: the split.
        image_ids: id in files to key in the store.
    """
    rows = [
        {
            "run_id": run_id,
            "dataset_id": dataset_id,
            "split": split,
            "place": each.place,
            "image_id": None if each.image_id is None else image_ids.get(each.image_id),
            "stage": each.stage,
            "message": each.message,
            "attempts": each.attempts,
        }
        for each in map(_with_stage, rejected)
    ]
    append(cursor, "rejected", pa.Table.from_pylist(rows, schema=SCHEMA))


def _with_stage(left_out: LeftOut) -> Rejected:
    if isinstance(left_out, Rejected):
        return left_out
    return Rejected(place=left_out.place, message=left_out.message)
