"""One prediction as bytes, for another process: a row of a part, as the spool has it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from core.geometry import confidence, label_runs
from core.store.columns import BOX_COLUMNS
from core.store.parts import predicted_rows
from core.structures import ImageRecord, Objects, Prediction, Rle

# what a row does not tell apart: no objects, and none found; no masks, and none to have
OBJECTS, MASKS = b"has objects", b"has masks"


def to_bytes(prediction: Prediction) -> bytes:
    """Return a prediction as bytes that `from_bytes` reads; nothing is rounded.

    Raises:
        UsageError: a mask or label map is not of the image's size.
    """
    objects = prediction.objects
    flags = {
        OBJECTS: b"1" * (objects is not None),
        MASKS: b"1" * (objects is not None and objects.masks is not None),
    }
    rows = predicted_rows([prediction]).replace_schema_metadata(flags)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue())


def from_bytes(content: bytes, image: ImageRecord) -> Prediction:
    """Return the prediction of an image that `to_bytes` wrote."""
    with pa.ipc.open_stream(content) as stream:
        rows = stream.read_all()
    (row,) = rows.to_pylist()
    flags = rows.schema.metadata
    size = image.height, image.width
    there = {name: row[name] is not None for name in row}
    return Prediction(
        image=image,
        seconds=row["seconds"],
        objects=_objects(row["objects"], image, masks=bool(flags[MASKS]))
        if flags[OBJECTS]
        else None,
        label_map=label_runs.decode(row["label_map"], *size) if there["label_map"] else None,
        confidence=confidence.decode(row["confidence"], *size) if there["confidence"] else None,
        probabilities=np.array(row["probabilities"]) if there["probabilities"] else None,
        stage_seconds=dict(zip(row["stages"], row["stage_seconds"], strict=True))
        if there["stages"]
        else None,
    )


def _objects(rows: list[dict[str, object]], image: ImageRecord, *, masks: bool) -> Objects:
    def column(name: str, dtype: type[np.generic] = np.float64) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype)

    return Objects(
        boxes=np.stack([column(name) for name in BOX_COLUMNS], axis=1),
        categories=column("class", np.int32),
        areas=column("area"),
        crowd=np.zeros(len(rows), np.bool_),
        scores=column("score"),
        masks=tuple(Rle(image.height, image.width, row["mask"]) for row in rows)  # type: ignore[arg-type]
        if masks
        else None,
    )
