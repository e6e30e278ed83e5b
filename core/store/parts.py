"""Parts: predictions of a job on their way into the store.

A job writes its predictions as Parquet files into a spool folder and lets the store take them in
when it is free. A part is in the store if and only if its row is in the table `part`: the rows
and that row come in one transaction, so a part counts once however often it is tried, and a job
that was killed goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import UsageError
from core.store.connection import Store
from core.store.part_folders import ENDING, LocalFolder, PartFolder
from core.store.rejected import Rejected, append_rejected
from core.store.run_rows import answered_images, append_predictions, prediction_columns
from core.structures import Prediction

READERS = 8  # parts that are fetched at a time
OBJECT = pa.struct(
    [
        ("class", pa.int32()),
        *((name, pa.float64()) for name in ("score", "x", "y", "width", "height", "area")),
        ("mask", pa.binary()),
    ]
)
SCHEMA = pa.schema(
    [
        ("image_id", pa.int64()),  # the id that files of the data set use
        ("seconds", pa.float64()),
        ("objects", pa.list_(OBJECT)),
        ("label_map", pa.binary()),
        ("confidence", pa.binary()),
        ("probabilities", pa.list_(pa.float64())),
        ("stages", pa.list_(pa.string())),
        ("stage_seconds", pa.list_(pa.float64())),
        ("place", pa.string()),
        ("stage", pa.string()),  # NULL unless the image was rejected
        ("message", pa.string()),
        ("attempts", pa.int32()),
    ]
)


def part_path(folder: Path) -> Path:
    """Return a new name for a part in a run's spool folder; names ascend with time."""
    return folder / f"{time.time_ns():020d}-{uuid4().hex[:12]}{ENDING}"


def pending_parts(folder: Path) -> list[Path]:
    """Return the parts in a spool folder that the store has not taken in, oldest first."""
    return [folder / name for name in LocalFolder(folder).pending()]


def write_part(
    path: Path, predictions: Iterable[Prediction], rejected: Iterable[Rejected] = ()
) -> None:
    """Write a part: once it has its name, it is whole and on the disk.

    Args:
        path: from `part_path`; its folder exists.
        predictions: at most one for each image.
        rejected: images that could not be answered, each with its `image_id`.

    Raises:
        UsageError: a mask or label map is not of its image's size.
        ValueError: as `part_rows`.
    """
    LocalFolder(path.parent).write(path.name, part_rows(predictions, rejected))


def part_rows(predictions: Iterable[Prediction], rejected: Iterable[Rejected] = ()) -> pa.Table:
    """Return the rows of a part, one an image.

    Raises:
        UsageError: a mask or label map is not of its image's size.
        ValueError: predicted objects have no scores, a reject has no image, or an image occurs
            twice.
    """
    rows = pa.concat_tables([predicted_rows(predictions), _rejected_rows(rejected)])
    ids = rows["image_id"].to_pylist()
    if len(set(ids)) != len(ids):
        raise ValueError("an image occurs twice in one part")
    return rows


def commit_part(store: Store, run_id: int, path: Path) -> bool:
    """Take a part of this machine into the store, once, and delete its file.

    Returns:
        Whether the part was new; False if the store had it already.

    Raises:
        UsageError: as `commit_parts`.
        StoreBusyError: the store was in use for too long; the part stays where it is.
    """
    if not path.exists():
        with store.read() as cursor:
            if _is_known(cursor, _part_id(run_id, path.name)):
                return False
    return commit_parts(store, run_id, LocalFolder(path.parent), [path.name]) == 1


def commit_parts(store: Store, run_id: int, folder: PartFolder, names: Sequence[str]) -> int:
    """Take parts into the store by one transaction, each once, and delete their files.

    Images that the run has answered before keep their answer. A prediction replaces earlier
    rejects of its image, and a new reject replaces the one before.

    Args:
        store: the store.
        run_id: the run.
        folder: where the parts are.
        names: of their files.

    Returns:
        How many of the parts were new.

    Raises:
        UsageError: a part cannot be read, the run is not in the store, or a part is of images
            that are not in its split; none is taken in.
        StoreBusyError: the store was in use for too long; the parts stay where they are.
    """
    with ThreadPoolExecutor(READERS, "parts") as pool:
        read = list(pool.map(lambda name: folder.read(name, SCHEMA), names))
    new = 0
    with store.write() as cursor:
        answered = answered_images(cursor, run_id)
        for name, (rows, size) in zip(names, read, strict=True):
            part_id = _part_id(run_id, name)
            if not _is_known(cursor, part_id):
                images = _take_in(cursor, run_id, rows, answered)
                cursor.execute(
                    "INSERT INTO part (part_id, run_id, images, bytes) VALUES (?, ?, ?, ?)",
                    [part_id, run_id, images, size],
                )
                new += 1
    for name in names:
        folder.delete(name)
    return new


def predicted_rows(predictions: Iterable[Prediction]) -> pa.Table:
    """Return predictions as rows of a part.

    Raises:
        UsageError: a mask or label map is not of its image's size.
        ValueError: predicted objects have no scores, or an image occurs twice.
    """
    by_image: dict[int, Prediction] = {}
    for each in predictions:
        if each.image.id in by_image:
            raise ValueError(f"two predictions of image {each.image.id} in one part")
        by_image[each.image.id] = each
    tables = prediction_columns(by_image)
    images, objects = tables["prediction_image"], tables["prediction_object"]
    # Both are in order of image_id, so the objects of an image lie between two offsets.
    starts = np.searchsorted(objects["image_id"], images["image_id"])
    offsets = pa.array([*starts, objects.num_rows], pa.int32())
    fields = [objects[field.name].combine_chunks().cast(field.type) for field in OBJECT]
    nested = pa.ListArray.from_arrays(
        offsets, pa.StructArray.from_arrays(fields, fields=list(OBJECT))
    )
    rows = images.append_column("objects", nested)
    for table, names in WHOLE_IMAGE_COLUMNS.items():
        known = {row["image_id"]: row for row in tables[table].to_pylist()}
        for name in names:
            values = [known.get(key, {}).get(name) for key in images["image_id"].to_pylist()]
            rows = rows.append_column(name, pa.array(values, SCHEMA.field(name).type))
    for name in ("place", "stage", "message", "attempts"):
        rows = rows.append_column(name, pa.nulls(len(rows), SCHEMA.field(name).type))
    return rows.cast(SCHEMA)


def _rejected_rows(rejected: Iterable[Rejected]) -> pa.Table:
    rows = []
    for each in rejected:
        if each.image_id is None:
            raise ValueError(f"{each.place}: a reject in a part needs the id of its image")
        rows.append({name: getattr(each, name) for name in REJECT_FIELDS})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


# table to what it takes of an image: the first is there if and only if the table has a row
WHOLE_IMAGE_COLUMNS = {
    "prediction_map": ("label_map", "confidence"),
    "prediction_label": ("probabilities",),
    "prediction_stage": ("stages", "stage_seconds"),
}
REJECT_FIELDS = ("image_id", "place", "stage", "message", "attempts")


def _part_id(run_id: int, name: str) -> str:
    return f"{run_id}/{name.removesuffix(ENDING)}"


def _is_known(cursor: duckdb.DuckDBPyConnection, part_id: str) -> bool:
    return bool(cursor.execute("SELECT 1 FROM part WHERE part_id = ?", [part_id]).fetchall())


def _take_in(
    cursor: duckdb.DuckDBPyConnection, run_id: int, rows: pa.Table, answered: set[int]
) -> int:
    """Store the rows of images that were not answered before; return how many were answered.

    Args:
        cursor: of the transaction.
        run_id: the run.
        rows: of a part.
        answered: keys of the images that the run has answered; those of the part are added.
    """
    dataset_id, split = _split_of(cursor, run_id)
    keys = _keys(cursor, dataset_id, split, rows["image_id"].to_pylist())
    fresh = [keys[source_id] not in answered for source_id in rows["image_id"].to_pylist()]
    rows = rows.filter(pa.array(fresh, pa.bool_()))
    _forget_rejects(cursor, run_id, [keys[each] for each in rows["image_id"].to_pylist()])
    predicted = rows.filter(pc.is_null(rows["stage"]))
    append_predictions(cursor, run_id, _prediction_columns(predicted, keys))
    answered.update(keys[each] for each in predicted["image_id"].to_pylist())
    left_out = rows.filter(pc.is_valid(rows["stage"])).select(REJECT_FIELDS).to_pylist()
    append_rejected(
        cursor,
        [Rejected(**each) for each in left_out],
        run_id=run_id,
        dataset_id=dataset_id,
        split=split,
        image_ids=keys,
    )
    return int(predicted.num_rows)


def _split_of(cursor: duckdb.DuckDBPyConnection, run_id: int) -> tuple[int, str]:
    rows = cursor.execute("SELECT dataset_id, split FROM run WHERE run_id = ?", [run_id])
    found = rows.fetchall()
    if not found:
        raise UsageError(
            f"There is no run with the key {run_id} in the store: it was removed while its job was "
            "at work. Delete its spool folder, or start the job again."
        )
    dataset_id, split = found[0]
    return dataset_id, split


def _keys(
    cursor: duckdb.DuckDBPyConnection, dataset_id: int, split: str, source_ids: list[int]
) -> dict[int, int]:
    rows = cursor.execute(
        "SELECT source_id, image_id FROM image WHERE dataset_id = ? AND split = ? "
        "AND source_id IN (SELECT unnest(?::BIGINT[]))",
        [dataset_id, split, source_ids],
    ).fetchall()
    keys = dict(rows)
    unknown = sorted(set(source_ids) - keys.keys())
    if unknown:
        raise UsageError(
            f"A part speaks of image {unknown[0]}, which is not in the split {split!r} of its run. "
            "It belongs to another run or data set: move it out of the spool folder."
        )
    return keys


def _forget_rejects(cursor: duckdb.DuckDBPyConnection, run_id: int, image_ids: list[int]) -> None:
    cursor.execute(
        "DELETE FROM rejected WHERE run_id = ? AND image_id IN (SELECT unnest(?::BIGINT[]))",
        [run_id, image_ids],
    )


def _prediction_columns(rows: pa.Table, keys: Mapping[int, int]) -> dict[str, pa.Table]:
    """Unfold the rows of a part into columns for each table, with keys of the store."""
    image_ids = pa.array([keys[each] for each in rows["image_id"].to_pylist()], pa.int64())
    nested = rows["objects"].combine_chunks()
    parents = pc.list_parent_indices(nested).to_numpy()
    starts = np.searchsorted(parents, np.arange(len(nested)))
    objects = pa.Table.from_struct_array(pc.list_flatten(nested))
    objects = objects.append_column("image_id", image_ids.take(pa.array(parents)))
    objects = objects.append_column(
        "object_index", pa.array(np.arange(len(parents)) - starts[parents])
    )
    whole = {
        table: pa.table({"image_id": image_ids, **{name: rows[name] for name in names}}).filter(
            pc.is_valid(rows[names[0]])
        )
        for table, names in WHOLE_IMAGE_COLUMNS.items()
    }
    return {
        "prediction_image": pa.table({"image_id": image_ids, "seconds": rows["seconds"]}),
        "prediction_object": objects,
        **whole,
    }
