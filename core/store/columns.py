"""Structures as Arrow columns, which DuckDB takes and gives hundreds of times faster than rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import UsageError
from core.geometry import confidence, label_runs
from core.structures import ImageRecord, LabelMap, Objects, ObjectTable, Rle

T = TypeVar("T")

MOST_TOGETHER = 20_000  # answered images of runs that are asked at once
BOX_COLUMNS = ("x", "y", "width", "height")
MAP_SCHEMA = pa.schema([("image_id", pa.int64()), ("label_map", pa.binary())])
PREDICTION_MAP_SCHEMA = MAP_SCHEMA.append(pa.field("confidence", pa.binary()))
LABEL_SCHEMA = pa.schema([("image_id", pa.int64()), ("probabilities", pa.list_(pa.float64()))])
STAGE_SCHEMA = pa.schema(
    [
        ("image_id", pa.int64()),
        ("stages", pa.list_(pa.string())),
        ("stage_seconds", pa.list_(pa.float64())),
    ]
)


def blocks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values in lists of `size`, so that only one list sits in memory."""
    rest = iter(values)
    while block := list(islice(rest, size)):
        yield block


def runs_at_once(images: int) -> int:
    """Return of how many runs the rows of some images are asked for by one question."""
    return max(1, MOST_TOGETHER // max(1, images))


def append(cursor: duckdb.DuckDBPyConnection, table: str, columns: pa.Table) -> None:
    """Add rows to a table; columns that are not given take their default."""
    if not columns.num_rows:
        return
    cursor.complete()  # DuckDB registers nothing while an answer is half fetched
    cursor.register("incoming_columns", columns)
    try:
        cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming_columns")
        cursor.complete()
    finally:
        cursor.unregister("incoming_columns")


def fetch(
    cursor: duckdb.DuckDBPyConnection, question: str, parameters: Mapping[str, object]
) -> pa.Table:
    """Return the answer to a question as columns."""
    cursor.complete()
    return cursor.sql(question, params=dict(parameters)).to_arrow_table()


def encoded_map(image: ImageRecord, label_map: LabelMap) -> bytes:
    """Return a label map as label runs.

    Raises:
        UsageError: the map is not of the image's size.
    """
    if label_map.shape != (image.height, image.width):
        raise _wrong_size("label map", label_map.shape, image)
    return label_runs.encode(label_map)


def encoded_confidence(image: ImageRecord, steps: NDArray[np.uint8] | None) -> bytes | None:
    """Return how certain a system is of each pixel as bytes, or None where it does not say.

    Raises:
        UsageError: it is not of the image's size.
    """
    if steps is None:
        return None
    expected = confidence.cells_of(image.height, image.width)
    if steps.shape != expected:
        raise UsageError(
            f"The confidence of image {image.id} ({image.name}) has the shape {steps.shape}, but "
            f"an image of {image.height} x {image.width} pixels has {expected} cells. Nothing was "
            "stored. Make it with core.geometry.confidence."
        )
    return confidence.encode(steps)


def check_masks(image: ImageRecord, objects: Objects | None) -> None:
    """Refuse masks of another size: the store keeps their size with the image, once.

    Raises:
        UsageError: a mask is not of the image's size.
    """
    if objects is None:
        return
    for index, mask in enumerate(objects.masks or ()):
        if (mask.height, mask.width) != (image.height, image.width):
            raise _wrong_size(f"mask of object {index}", (mask.height, mask.width), image)


def object_columns(image_ids: Sequence[int], objects: Sequence[Objects]) -> pa.Table:
    """Return the objects of some images as the columns of the tables of objects.

    Args:
        image_ids: (I,) key of each image in the store.
        objects: (I,) the objects of each.
    """
    counts = np.array([len(each) for each in objects], dtype=np.int64)
    starts = np.cumsum(counts) - counts
    boxes = _joined([each.boxes for each in objects], np.float64, (0, 4))
    scores = [_scores(each) for each in objects]
    columns: dict[str, object] = {
        "image_id": np.repeat(np.array(image_ids, dtype=np.int64), counts),
        "object_index": np.arange(counts.sum()) - np.repeat(starts, counts),
        "class": _joined([each.categories for each in objects], np.int32),
        "score": _joined(scores, np.float64),
        **{name: boxes[:, column] for column, name in enumerate(BOX_COLUMNS)},
        "area": _joined([each.areas for each in objects], np.float64),
        "crowd": _joined([each.crowd for each in objects], np.bool_),
        "mask": pa.array([mask for each in objects for mask in _masks(each)], pa.binary()),
    }
    return pa.table(columns)


def object_table(columns: pa.Table, *, has_scores: bool, has_masks: bool) -> ObjectTable:
    """Return rows of a table of objects as the arrays that metrics work on.

    Args:
        columns: as `object_columns` gives them, and `image_height`.
        has_scores: the objects are predictions.
        has_masks: every object has a mask.
    """
    numbers = {name: columns[name].to_numpy() for name in columns.column_names if name != "mask"}
    return ObjectTable(
        images=numbers["image_id"].astype(np.int64),
        indices=numbers["object_index"].astype(np.int32),
        categories=numbers["class"].astype(np.int32),
        boxes=np.stack([numbers[name] for name in BOX_COLUMNS], axis=1),
        areas=numbers["area"],
        crowd=numbers["crowd"],
        scores=numbers["score"] if has_scores else None,
        masks=columns["mask"].to_pylist() if has_masks else None,
        heights=numbers["image_height"].astype(np.int32),
    )


def objects_of(table: ObjectTable, rows: slice, height: int, width: int) -> Objects:
    """Return the rows of one image as its objects."""
    masks = None
    if table.masks is not None:
        masks = tuple(Rle(height, width, counts) for counts in table.masks[rows])
    return Objects(
        boxes=table.boxes[rows],
        categories=table.categories[rows],
        areas=table.areas[rows],
        crowd=table.crowd[rows],
        scores=None if table.scores is None else table.scores[rows],
        masks=masks,
    )


def table_of(images: Sequence[ImageRecord], objects: Sequence[Objects]) -> ObjectTable:
    """Return the objects of some images, in ascending order of id, as a table."""
    counts = [len(each) for each in objects]
    has_scores = all(each.scores is not None for each in objects)
    has_masks = all(each.masks is not None for each in objects)
    return ObjectTable(
        images=np.repeat(np.array([image.id for image in images], np.int64), counts),
        indices=np.concatenate([np.arange(count, dtype=np.int32) for count in counts]),
        categories=np.concatenate([each.categories for each in objects]),
        boxes=np.concatenate([each.boxes for each in objects]),
        areas=np.concatenate([each.areas for each in objects]),
        crowd=np.concatenate([each.crowd for each in objects]),
        scores=np.concatenate([each.scores for each in objects]) if has_scores else None,
        masks=[mask.counts for each in objects for mask in each.masks or ()] if has_masks else None,
        heights=np.repeat(np.array([image.height for image in images], np.int32), counts),
    )


def _wrong_size(what: str, size: tuple[int, ...], image: ImageRecord) -> UsageError:
    return UsageError(
        f"The {what} of image {image.id} ({image.name}) is {' x '.join(map(str, size))} (height x "
        f"width), but the image is {image.height} x {image.width}. Nothing was stored. Give it at "
        "the size of the image."
    )


def _joined(
    parts: Sequence[NDArray[np.generic]], dtype: type[np.generic], empty: tuple[int, ...] = (0,)
) -> NDArray[np.generic]:
    return np.concatenate([np.empty(empty, dtype), *parts]).astype(dtype, copy=False)


def _scores(objects: Objects) -> NDArray[np.float64]:
    if objects.scores is None:
        return np.full(len(objects), np.nan)
    return objects.scores


def _masks(objects: Objects) -> Sequence[bytes | None]:
    if objects.masks is None:
        return [None] * len(objects)
    return [mask.counts for mask in objects.masks]
