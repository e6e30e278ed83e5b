"""What the store holds: data sets, splits, classes, images, runs."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from core.store.queries.ask import ask


def datasets(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return a row for each split.

    Columns: dataset_id, dataset, split, images, classes, background, format, source,
    source_sha256, images_folder, has_objects, has_masks, has_label_maps, maps_painted, located,
    imported, runs.
    """
    return ask(cursor, "datasets")


def categories(cursor: duckdb.DuckDBPyConnection, dataset: str) -> pd.DataFrame:
    """Return the classes of a data set by index: class, name, supercategory, source_id."""
    return ask(cursor, "categories", dataset=dataset)


def runs(
    cursor: duckdb.DuckDBPyConnection, dataset: str | None = None, split: str | None = None
) -> pd.DataFrame:
    """Return a row for each run, newest first.

    Columns: run_id, run, system, dataset_id, dataset, split, status, images (answered),
    expected_images, rejected, has_boxes, has_masks, has_label_maps, has_labels, weights,
    weights_sha256, settings and versions (JSON text), device, created, finished,
    heartbeat, pid, host, evaluated (NULL if not yet), pixel_source, paint_threshold,
    threshold_origin, has_segments (NULL if from before they were counted), seconds_per_image (NULL
    if unknown).
    """
    return ask(cursor, "runs", dataset=dataset, split=split)


def answered_images(cursor: duckdb.DuckDBPyConnection, run_id: int) -> pd.DataFrame:
    """Return every image that a run has answered: image_id (ascending), height, width."""
    return ask(cursor, "answered_images", run=run_id)


def tagged_images(
    cursor: duckdb.DuckDBPyConnection, dataset_id: int, split: str, tags: Sequence[str]
) -> pd.DataFrame:
    """Return the image_id of the images of a split that carry at least one of `tags`."""
    return ask(cursor, "tagged_images", dataset=dataset_id, split=split, tags=list(tags))


def tags(cursor: duckdb.DuckDBPyConnection, dataset_id: int, split: str) -> pd.DataFrame:
    """Return each tag of a split with its number of images: tag, images."""
    return ask(cursor, "tags", dataset=dataset_id, split=split)


def rejected(cursor: duckdb.DuckDBPyConnection, run_id: int | None = None) -> pd.DataFrame:
    """Return what was left out, and why.

    Columns: run (or NULL), dataset, split, place, image_id (or NULL), stage, message, attempts,
    rejected_at.
    """
    return ask(cursor, "rejected", run=run_id)
