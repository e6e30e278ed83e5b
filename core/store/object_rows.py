"""Objects and label maps out of the store, as the arrays that metrics work on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from core.errors import UsageError
from core.store.columns import blocks, fetch, object_table, objects_of, runs_at_once
from core.store.keys import split_key
from core.structures import Objects, ObjectTable

MAPS_PER_BLOCK = 256

TRUTH = """
    SELECT annotation_object.*, image.height AS image_height
    FROM annotation_object JOIN image USING (image_id)
    WHERE image.dataset_id = $dataset_id AND image.split = $split
"""
PREDICTIONS = """
    SELECT prediction_object.*, false AS crowd, image.height AS image_height
    FROM prediction_object JOIN image USING (image_id)
    WHERE run_id IN ({runs})
"""
ONLY_IMAGES = " AND image_id IN (SELECT unnest($image_ids::BIGINT[]))"
IN_ORDER = " ORDER BY image_id, object_index"
BY_RUN = " ORDER BY run_id, image_id, object_index"


def truth_table(
    cursor: duckdb.DuckDBPyConnection,
    dataset: int | str,
    split: str,
    image_ids: Sequence[int] | None = None,
) -> ObjectTable:
    """Return the annotated objects of a split, in order of image_id and of the file.

    Args:
        cursor: a cursor of the store.
        dataset: dataset_id or name.
        split: name of the split.
        image_ids: keys of the images to take, or None for all.

    Raises:
        UsageError: the store does not have the split.
    """
    dataset_id, _ = split_key(cursor, dataset, split)
    ((has_masks,),) = cursor.execute(
        "SELECT has_masks FROM split WHERE dataset_id = ? AND split = ?", [dataset_id, split]
    ).fetchall()
    found = _rows(cursor, TRUTH, {"dataset_id": dataset_id, "split": split}, image_ids)
    return object_table(found, has_scores=False, has_masks=has_masks)


def prediction_table(
    cursor: duckdb.DuckDBPyConnection, run_id: int, image_ids: Sequence[int] | None = None
) -> ObjectTable:
    """Return the predicted objects of a run, in order of image_id and of the file.

    Args:
        cursor: a cursor of the store.
        run_id: the run.
        image_ids: keys of the images to take, or None for all.

    Raises:
        UsageError: the store does not have the run.
    """
    return _predictions(cursor, [run_id], image_ids)[run_id]


def prediction_tables(
    cursor: duckdb.DuckDBPyConnection,
    run_ids: Sequence[int],
    image_ids: Sequence[int] | None = None,
) -> dict[int, ObjectTable]:
    """Return `prediction_table` of each run by its key, asked of few images all at once."""
    at_once = 1 if image_ids is None else runs_at_once(len(image_ids))
    tables = {}
    for block in blocks(run_ids, at_once):
        tables.update(_predictions(cursor, block, image_ids))
    return tables


def _predictions(
    cursor: duckdb.DuckDBPyConnection, run_ids: Sequence[int], image_ids: Sequence[int] | None
) -> dict[int, ObjectTable]:
    has_masks = _have_masks(cursor, run_ids)
    # parameters one by one, not a list: so only the rows of these runs are read
    keys = {f"run_{place}": run_id for place, run_id in enumerate(run_ids)}
    question = PREDICTIONS.format(runs=", ".join(f"${name}" for name in keys))
    found = _rows(cursor, question, keys, image_ids, BY_RUN)
    of = found["run_id"].to_numpy()
    tables = {}
    for run_id in run_ids:
        start, end = np.searchsorted(of, [run_id, run_id + 1]).tolist()
        own = found.slice(start, end - start)
        tables[run_id] = object_table(own, has_scores=True, has_masks=has_masks[run_id])
    return tables


def load_objects(cursor: duckdb.DuckDBPyConnection, run_id: int, image_id: int) -> Objects:
    """Return what a run predicted on one image, in the order of the file.

    Raises:
        UsageError: the store does not have the run or the image.
    """
    table = prediction_table(cursor, run_id, [image_id])
    sizes = cursor.execute(
        "SELECT height, width FROM image WHERE image_id = ?", [image_id]
    ).fetchall()
    if not sizes:
        raise UsageError(f"There is no image with the key {image_id} in the store.")
    ((height, width),) = sizes
    return objects_of(table, slice(None), height, width)


def annotation_map_blobs(
    cursor: duckdb.DuckDBPyConnection,
    dataset: int | str,
    split: str,
    first: int | None = None,
    last: int | None = None,
) -> Iterator[tuple[int, bytes]]:
    """Yield image_id and label runs of the annotated maps of a split, given or painted.

    Args:
        cursor: a cursor of the store; may be used for other questions meanwhile.
        dataset: dataset_id or name.
        split: name of the split.
        first: least image_id, or None.
        last: greatest image_id, or None.

    Raises:
        UsageError: the store does not have the split.
    """
    dataset_id, _ = split_key(cursor, dataset, split)
    where = (
        "image_id IN (SELECT image_id FROM image WHERE dataset_id = $dataset_id AND split = $split)"
    )
    key = {"dataset_id": dataset_id, "split": split}
    yield from _blobs(cursor, "annotation_map", where, key, first, last)


def prediction_map_blobs(
    cursor: duckdb.DuckDBPyConnection,
    run_id: int,
    first: int | None = None,
    last: int | None = None,
) -> Iterator[tuple[int, bytes]]:
    """Yield image_id and label runs of the maps that a run predicted, in order of image_id.

    Args:
        cursor: a cursor of the store; may be used for other questions meanwhile.
        run_id: the run.
        first: least image_id, or None.
        last: greatest image_id, or None.
    """
    yield from _blobs(cursor, "prediction_map", "run_id = $run_id", {"run_id": run_id}, first, last)


def _rows(
    cursor: duckdb.DuckDBPyConnection,
    question: str,
    parameters: Mapping[str, object],
    image_ids: Sequence[int] | None,
    order: str = IN_ORDER,
) -> pa.Table:
    if image_ids is None:
        return fetch(cursor, question + order, parameters)
    wanted = [int(image_id) for image_id in image_ids]
    return fetch(cursor, question + ONLY_IMAGES + order, {**parameters, "image_ids": wanted})


def _have_masks(cursor: duckdb.DuckDBPyConnection, run_ids: Sequence[int]) -> dict[int, bool]:
    known = dict(cursor.execute("SELECT run_id, has_masks FROM run").fetchall())
    for run_id in run_ids:
        if run_id not in known:
            raise UsageError(f"There is no run with the key {run_id} in the store.")
    return {run_id: bool(known[run_id]) for run_id in run_ids}


def _blobs(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    where: str,
    key: Mapping[str, object],
    first: int | None,
    last: int | None,
) -> Iterator[tuple[int, bytes]]:
    """Yield blobs a block at a time: all maps of a large split do not fit in memory."""
    found = cursor.execute(
        f"SELECT image_id FROM {table} WHERE {where} "
        "AND image_id >= coalesce($first, image_id) AND image_id <= coalesce($last, image_id) "
        "ORDER BY image_id",
        {**key, "first": first, "last": last},
    ).fetchall()
    for block in blocks(found, MAPS_PER_BLOCK):
        maps = fetch(
            cursor,
            f"SELECT image_id, label_map FROM {table} WHERE {where} "
            "AND image_id BETWEEN $first AND $last ORDER BY image_id",
            {**key, "first": block[0][0], "last": block[-1][0]},
        )
        yield from zip(maps["image_id"].to_pylist(), maps["label_map"].to_pylist(), strict=True)
