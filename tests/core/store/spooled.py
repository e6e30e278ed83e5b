"""What a job spools, and what the store has taken in of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from core.store import parts


def count(job, table: str) -> int:
    with job.store.read() as cursor:
        question = f"SELECT count(*) FROM {table} WHERE run_id = ?"
        return cursor.execute(question, [job.run_id]).fetchall()[0][0]


def ledger(job) -> list[tuple]:
    with job.store.read() as cursor:
        return cursor.execute(
            "SELECT part_id, images FROM part WHERE run_id = ? ORDER BY part_id", [job.run_id]
        ).fetchall()


def rejects(job) -> list[tuple]:
    with job.store.read() as cursor:
        return cursor.execute(
            "SELECT source_id, stage, message, attempts FROM rejected JOIN image USING (image_id) "
            "WHERE run_id = ? ORDER BY source_id",
            [job.run_id],
        ).fetchall()


def written(folder: Path, predictions, rejected=()) -> Path:
    path = parts.part_path(folder)
    parts.write_part(path, predictions, rejected)
    return path


def part_images(path: Path) -> list[int]:
    """The ids, as files use them, of the images in a part, rejected ones too."""
    return pq.read_table(path)["image_id"].to_pylist()
