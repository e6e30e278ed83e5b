"""Runs into the store: their settings, predictions, rejects and evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from core.errors import UsageError
from core.store import columns
from core.store.keys import check_name, image_ids, refuse_known_run, split_key
from core.store.rejected import LeftOut, append_rejected
from core.store.removal import EVALUATION_TABLES
from core.structures import Prediction, Run

PREDICTIONS_PER_BLOCK = 256
PIXEL_COLUMNS = ("image_id", "truth", "predicted", "pixels")
BOUNDARY_COLUMNS = ("image_id", "class", "truth", "predicted", "shared")
SEGMENT_COLUMNS = ("image_id", "class", "tp", "fp", "fn", "iou")
PIXEL_ERROR_COLUMNS = ("image_id", "class", "kind", "missed", "added", "wrong")
MATCH_COLUMNS = (
    "image_id",
    "geometry",
    "object_index",
    "class",
    "score",
    "area",
    "rank",
    "hits",
    "ignored",
    "matched",
    "iou",
    "nearest",
    "nearest_iou",
    "kind",
)


def insert_run(
    cursor: duckdb.DuckDBPyConnection,
    run: Run,
    *,
    has_boxes: bool,
    has_masks: bool,
    has_label_maps: bool,
    has_labels: bool = False,
    expected_images: int,
    status: str,
) -> int:
    """Store what is known of a run before its predictions, and return its run_id.

    Args:
        cursor: a cursor of `Store.write`.
        run: its data set and split must be in the store.
        has_boxes: its predictions are objects.
        has_masks: those objects have masks.
        has_label_maps: its predictions are label maps.
        has_labels: its predictions tell which classes the image shows.
        expected_images: images of the split that it has to answer.
        status: "running", "stopped", "done", "done_with_rejects" or "failed".

    Raises:
        UsageError: the split is not in the store, or the name is taken.
    """
    check_name("run", run.name)
    dataset_id, split = split_key(cursor, run.dataset, run.split)
    refuse_known_run(cursor, run.name)
    row = {
        "name": run.name,
        "system": run.system,
        "dataset_id": dataset_id,
        "split": split,
        "settings": json.dumps(dict(run.settings), allow_nan=False),
        "weights": run.weights,
        "weights_sha256": run.weights_sha256,
        "versions": json.dumps(dict(run.versions)),
        "device": run.device,
        "has_boxes": has_boxes,
        "has_masks": has_masks,
        "has_label_maps": has_label_maps,
        "has_labels": has_labels,
        "expected_images": expected_images,
        "status": status,
    }
    ((run_id,),) = cursor.execute(
        f"INSERT INTO run ({', '.join(row)}) VALUES ({', '.join(f'${name}' for name in row)}) "
        "RETURNING run_id",
        row,
    ).fetchall()
    set_run_status(cursor, run_id, status)
    return int(run_id)


def set_run_status(cursor: duckdb.DuckDBPyConnection, run_id: int, status: str) -> None:
    """Set where a run stands; any status but "running" is an end, and its time is kept."""
    cursor.execute(
        "UPDATE run SET status = $status, finished = CASE WHEN $status = 'running' THEN NULL "
        "ELSE now() END WHERE run_id = $run_id",
        {"status": status, "run_id": run_id},
    )


def insert_predictions(
    cursor: duckdb.DuckDBPyConnection,
    run_id: int,
    image_ids: Mapping[int, int],
    predictions: Iterable[Prediction],
) -> int:
    """Store predictions, a block of images at a time, and return how many images they are of.

    Args:
        cursor: a cursor of `Store.write`.
        run_id: the run.
        image_ids: id in files to image_id, of the images of the run's split.
        predictions: at most one for each image.

    Raises:
        UsageError: a prediction is of an image that is not in the split or was answered before,
            or has a mask or label map of another size.
        ValueError: predicted objects come without scores.
    """
    answered = answered_images(cursor, run_id)
    before = len(answered)
    for block in columns.blocks(predictions, PREDICTIONS_PER_BLOCK):
        fresh = {_fresh_key(image_ids, answered, each): each for each in block}
        append_predictions(cursor, run_id, prediction_columns(fresh))
    return len(answered) - before


def answered_images(cursor: duckdb.DuckDBPyConnection, run_id: int) -> set[int]:
    """Return the keys of the images that a run has answered."""
    rows = cursor.execute("SELECT image_id FROM prediction_image WHERE run_id = ?", [run_id])
    return {image_id for (image_id,) in rows.fetchall()}


def prediction_columns(predictions: Mapping[int, Prediction]) -> dict[str, pa.Table]:
    """Return predictions as columns for each table that takes a part of them.

    Args:
        predictions: key of the image to what was predicted.
    """
    pairs = sorted(predictions.items())
    for _, each in pairs:
        columns.check_masks(each.image, each.objects)
        if each.objects is not None and each.objects.scores is None:
            raise ValueError(f"the objects predicted on image {each.image.id} have no scores")
    with_objects = [(key, each.objects) for key, each in pairs if each.objects is not None]
    maps = [
        {
            "image_id": key,
            "label_map": columns.encoded_map(each.image, each.label_map),
            "confidence": columns.encoded_confidence(each.image, each.confidence),
        }
        for key, each in pairs
        if each.label_map is not None
    ]
    labels = [
        {"image_id": key, "probabilities": each.probabilities.tolist()}
        for key, each in pairs
        if each.probabilities is not None
    ]
    stages = [
        {
            "image_id": key,
            "stages": list(each.stage_seconds),
            "stage_seconds": list(each.stage_seconds.values()),
        }
        for key, each in pairs
        if each.stage_seconds is not None
    ]
    objects = columns.object_columns(
        [key for key, _ in with_objects], [each for _, each in with_objects]
    )
    images = {
        "image_id": pa.array([key for key, _ in pairs], pa.int64()),
        "seconds": pa.array([each.seconds for _, each in pairs], pa.float64()),
    }
    return {
        "prediction_image": pa.table(images),
        "prediction_object": objects.drop_columns(["crowd"]),
        "prediction_map": pa.Table.from_pylist(maps, schema=columns.PREDICTION_MAP_SCHEMA),
        "prediction_label": pa.Table.from_pylist(labels, schema=columns.LABEL_SCHEMA),
        "prediction_stage": pa.Table.from_pylist(stages, schema=columns.STAGE_SCHEMA),
    }


def append_predictions(
    cursor: duckdb.DuckDBPyConnection, run_id: int, tables: Mapping[str, pa.Table]
) -> None:
    """Add columns of `prediction_columns` to a run."""
    for name, table in tables.items():
        columns.append(cursor, name, _with_run(table, run_id))


def insert_rejected(
    cursor: duckdb.DuckDBPyConnection, run_id: int, rejected: Iterable[LeftOut]
) -> None:
    """Record what was left out of a run: `Rejected`, or a reader's faults."""
    ((dataset_id, split),) = cursor.execute(
        "SELECT dataset_id, split FROM run WHERE run_id = ?", [run_id]
    ).fetchall()
    append_rejected(
        cursor,
        rejected,
        run_id=run_id,
        dataset_id=dataset_id,
        split=split,
        image_ids=image_ids(cursor, dataset_id, split),
    )


def replace_evaluation(
    cursor: duckdb.DuckDBPyConnection,
    run_id: int,
    *,
    pixel_source: str | None,
    paint_threshold: float | None,
    threshold_origin: str | None,
    code_version: str,
    seconds: float,
    pixel_counts: Iterable[pa.Table],
    matches: Iterable[pa.Table],
    boundary_counts: Iterable[pa.Table] = (),
    pixel_errors: Iterable[pa.Table] = (),
    segment_counts: Iterable[pa.Table] | None = None,
) -> None:
    """Store the evaluation of a run in place of what was there of it.

    Args:
        cursor: a cursor of `Store.write`.
        run_id: the run.
        pixel_source: what label maps were counted, or None if pixels cannot be counted.
        paint_threshold: least score of a painted object, or None.
        threshold_origin: "fixed", or the split it was chosen on, or None.
        code_version: version of Overlook.
        seconds: time the evaluation took.
        pixel_counts: blocks with `PIXEL_COLUMNS`.
        matches: blocks with `MATCH_COLUMNS`.
        boundary_counts: blocks with `BOUNDARY_COLUMNS`.
        pixel_errors: blocks with `PIXEL_ERROR_COLUMNS`.
        segment_counts: blocks with `SEGMENT_COLUMNS`, or None where run or split has no segments.

    Raises:
        ValueError: columns are missing or unknown.
    """
    for table in EVALUATION_TABLES:
        cursor.execute(f"DELETE FROM {table} WHERE run_id = ?", [run_id])
    cursor.execute(
        "INSERT INTO evaluation (run_id, pixel_source, paint_threshold, threshold_origin, "
        "code_version, seconds, has_segments) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            *(run_id, pixel_source, paint_threshold, threshold_origin, code_version, seconds),
            segment_counts is not None,
        ],
    )
    for name, expected, given in (
        ("pixel_count", PIXEL_COLUMNS, pixel_counts),
        ("boundary_count", BOUNDARY_COLUMNS, boundary_counts),
        ("pixel_error_count", PIXEL_ERROR_COLUMNS, pixel_errors),
        ("segment_count", SEGMENT_COLUMNS, segment_counts or ()),
        ("match", MATCH_COLUMNS, matches),
    ):
        for block in given:
            if set(block.column_names) != set(expected):
                raise ValueError(
                    f"{name} takes the columns {expected}, but {block.column_names} were given"
                )
            columns.append(cursor, name, _with_run(block, run_id))


def _fresh_key(image_ids: Mapping[int, int], answered: set[int], prediction: Prediction) -> int:
    """Return the key of the image, and note it as answered."""
    image = prediction.image
    if image.id not in image_ids:
        raise UsageError(
            f"A prediction is of image {image.id} ({image.name}), which is not in the run's split "
            f"of {len(image_ids)} images. Nothing was stored. Check that the predictions were made "
            "on this data set and split."
        )
    key = image_ids[image.id]
    if key in answered:
        raise UsageError(
            f"Two predictions are of image {image.id} ({image.name}); expected one for each image "
            "of a run, holding all its objects. Nothing was stored. Remove or join them."
        )
    answered.add(key)
    return key


def _with_run(table: pa.Table, run_id: int) -> pa.Table:
    return table.append_column("run_id", pa.array([run_id] * table.num_rows, pa.int32()))
