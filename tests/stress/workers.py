"""Processes of the stress test: writers that may be killed at any moment, and readers.

Run as `python -m tests.stress.workers writer|resume|reader STORE …`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from core.store import parts, rows
from core.store.connection import Store
from core.structures import ImageRecord, Objects, Prediction

IMAGES_PER_PART = 5
OBJECTS_PER_IMAGE = 2
LEAST_READS = 20


def prediction(image_id: int, run_id: int) -> Prediction:
    """Predict something that can be checked afterwards."""
    return Prediction(
        image=ImageRecord(image_id, str(image_id), f"{image_id}.jpg", 4, 4),
        seconds=float(image_id),
        objects=Objects(
            boxes=np.full((OBJECTS_PER_IMAGE, 4), float(image_id)),
            categories=np.zeros(OBJECTS_PER_IMAGE, np.int32),
            areas=np.full(OBJECTS_PER_IMAGE, float(run_id)),
            crowd=np.zeros(OBJECTS_PER_IMAGE, bool),
            scores=np.full(OBJECTS_PER_IMAGE, 0.5),
        ),
    )


def write(store: Store, run_id: int, spool: Path, *, only_pending: bool) -> None:
    """Do what a job does: take in what was left, then go on with images that are not answered."""
    for path in parts.pending_parts(spool):
        parts.commit_part(store, run_id, path)
    if only_pending:
        return
    with store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        question = "SELECT image_id FROM prediction_image WHERE run_id = ?"
        answered = {key for (key,) in cursor.execute(question, [run_id]).fetchall()}
    todo = [image_id for image_id, key in keys.items() if key not in answered]
    for start in range(0, len(todo), IMAGES_PER_PART):
        path = parts.part_path(spool)
        block = todo[start : start + IMAGES_PER_PART]
        parts.write_part(path, [prediction(image_id, run_id) for image_id in block])
        parts.commit_part(store, run_id, path)
        with (spool / "acknowledged").open("a") as log:
            log.write(f"{run_id}/{path.stem}\n")


def read(store: Store, stop: Path, report: Path) -> None:
    """Ask without a pause worth the name; a reader must never see half a part."""
    errors, read_ms, last, token = [], [], 0, ""
    while len(read_ms) < LEAST_READS or not stop.exists():
        began = time.perf_counter()
        try:
            with store.read() as cursor:
                question = "SELECT coalesce(sum(images), 0) FROM part"
                ((known,),) = cursor.execute(question).fetchall()
                question = "SELECT count(*) FROM prediction_image"
                ((answered,),) = cursor.execute(question).fetchall()
                question = "SELECT count(*) FROM prediction_object"
                ((objects,),) = cursor.execute(question).fetchall()
                before, token = token, store.version()
        except Exception as error:  # noqa: BLE001 - all that goes wrong is the finding
            errors.append(repr(error))
            break
        if not known == answered == objects / OBJECTS_PER_IMAGE or answered < last:
            errors.append(f"{known} {answered} {objects} after {last}")
        if answered > last and token == before:
            errors.append("rows came, but the version stayed")
        read_ms.append(1000 * (time.perf_counter() - began))
        last = answered
        time.sleep(0.005)
    report.write_text(json.dumps({"read_ms": read_ms, "errors": errors}))


def main() -> None:
    kind, path, *rest = sys.argv[1:]
    store = Store.at(Path(path))
    if kind == "reader":
        read(store, Path(rest[0]), Path(rest[1]))
    else:
        write(store, int(rest[0]), Path(rest[1]), only_pending=kind == "resume")


if __name__ == "__main__":
    main()
