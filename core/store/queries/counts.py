"""Counts and pairs from which every score of every subset is made."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.store.queries.ask import ask, ask_of_run, ask_of_runs, sql_text

Keys = Sequence[int] | None


def pixel_totals(
    cursor: duckdb.DuckDBPyConnection, runs: Sequence[int], images: Keys = None
) -> pd.DataFrame:
    """Return summed confusion counts: run_id, truth, predicted, pixels."""
    return ask_of_runs(cursor, "pixel_totals", runs, images=_listed(images))


def pixel_class_images(
    cursor: duckdb.DuckDBPyConnection, runs: Sequence[int], images: Keys = None
) -> pd.DataFrame:
    """Return on how many images the truth holds each class: run_id, class, images."""
    return ask_of_runs(cursor, "pixel_class_images", runs, images=_listed(images))


def pixel_rows(cursor: duckdb.DuckDBPyConnection, run: int, images: Keys = None) -> pd.DataFrame:
    """Return the confusion counts of each image: image_id, truth, predicted, pixels."""
    return ask_of_run(cursor, "pixel_rows", run, images=_listed(images))


def pixel_row_arrays(
    cursor: duckdb.DuckDBPyConnection, runs: Sequence[int]
) -> dict[str, NDArray[np.int64]]:
    """Return all confusion counts of runs: run_id, image_id, truth, predicted, pixels, sorted so.

    For who keeps them in a form of their own: they are not remembered.
    """
    asked = {"runs": list(runs), "images": None}
    columns = cursor.execute(sql_text("pixel_rows"), asked).fetchnumpy()
    return {name: np.asarray(column) for name, column in columns.items()}


def pixel_row_counts(cursor: duckdb.DuckDBPyConnection, runs: Sequence[int]) -> dict[int, int]:
    """Return how many confusion counts runs have, those that have any; it is not remembered."""
    return dict(cursor.execute(sql_text("pixel_row_counts"), {"runs": list(runs)}).fetchall())


def boundary_rows(cursor: duckdb.DuckDBPyConnection, run: int, images: Keys = None) -> pd.DataFrame:
    """Return the pixels in boundary bands: image_id, class, truth, predicted, shared.

    No rows of runs that were evaluated before such pixels were counted.
    """
    return ask_of_run(cursor, "boundary_rows", run, images=_listed(images))


def segment_rows(cursor: duckdb.DuckDBPyConnection, run: int, images: Keys = None) -> pd.DataFrame:
    """Return counts of panoptic segments: image_id, class, tp, fp, fn, iou.

    No rows of runs without segments, or evaluated before they were counted.
    """
    return ask_of_run(cursor, "segment_rows", run, images=_listed(images))


def pixel_error_rows(
    cursor: duckdb.DuckDBPyConnection, run: int, kinds: Sequence[str], images: Keys = None
) -> pd.DataFrame:
    """Return the wrong pixels of each image: image_id, class, kind, missed, added, wrong.

    `kind` is a place in `kinds`, those of `core.metrics.pixel_errors`. No rows of runs that were
    evaluated before kinds were counted.
    """
    asked = {"kinds": list(kinds), "images": _listed(images)}
    return ask_of_run(cursor, "pixel_error_rows", run, **asked)


def pixel_error_images(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[int],
    kinds: Sequence[str],
    class_: int | None = None,
    images: Keys = None,
) -> pd.DataFrame:
    """Return how many pixels of images are wrong in some ways: run_id, image_id, pixels.

    Args:
        cursor: of `Store.read()`.
        runs: keys of the runs.
        kinds: of `core.metrics.pixel_errors.KINDS`.
        class_: class index of the annotation, or None for all.
        images: image_id of the images that count, or None for all.
    """
    return ask(
        cursor,
        "pixel_error_images",
        runs=list(runs),
        kinds=list(kinds),
        images=_listed(images),
        **{"class": class_},
    )


def confused_pixels(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[int],
    truth: Keys = None,
    predicted: Keys = None,
    images: Keys = None,
) -> pd.DataFrame:
    """Return how many pixels of some classes were given others: run_id, image_id, pixels.

    Args:
        cursor: of `Store.read()`.
        runs: keys of the runs.
        truth: class indices of the annotation, or None for any.
        predicted: class indices of the prediction, -1 for none given, or None for any.
        images: image_id of the images that count, or None for all.
    """
    return ask(
        cursor,
        "confused_pixels",
        runs=list(runs),
        truth=_listed(truth),
        predicted=_listed(predicted),
        images=_listed(images),
    )


def match_rows(
    cursor: duckdb.DuckDBPyConnection, run: int, geometry: str, images: Keys = None
) -> pd.DataFrame:
    """Return how each prediction fared, by image and object.

    Columns: image_id, object_index, class, score, area, rank, hits, ignored, matched, iou,
    nearest, nearest_iou, kind.
    """
    return ask_of_run(cursor, "match_rows", run, geometry=geometry, images=_listed(images))


def match_bits(
    cursor: duckdb.DuckDBPyConnection, run: int, geometry: str, images: Keys = None
) -> pd.DataFrame:
    """Return what scores need of each prediction, in no order, several times faster.

    Columns: image_id, class, score, rank, hits, ignored, as of `match_rows`.
    """
    return ask_of_run(cursor, "match_bits", run, geometry=geometry, images=_listed(images))


def annotation_areas(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, images: Keys = None
) -> pd.DataFrame:
    """Return class, area and crowd of every annotated object, with its image_id and index."""
    return ask(cursor, "annotation_areas", dataset=dataset, split=split, images=_listed(images))


def single_objects(
    cursor: duckdb.DuckDBPyConnection, run: int, images: Keys = None
) -> pd.DataFrame:
    """Return the one annotated object of each image, and the surest prediction of a run.

    Columns: image_id, truth, x, y, width, height (NaN where the data set does not say where
    objects are), predicted (-1 for none), score, and
    predicted_x and so on. No rows unless each image that the run has answered has one object.
    """
    return ask_of_run(cursor, "single_objects", run, images=_listed(images))


def single_object_images(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str
) -> pd.DataFrame:
    """Return the image_id of the images that have exactly one annotated object, ascending."""
    return ask(cursor, "single_object_images", dataset=dataset, split=split)


def class_images(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, images: Keys = None
) -> pd.DataFrame:
    """Return on how many images each class is annotated as objects: class, images, objects."""
    return ask(cursor, "class_images", dataset=dataset, split=split, images=_listed(images))


def seconds(
    cursor: duckdb.DuckDBPyConnection, runs: Sequence[int], images: Keys = None
) -> pd.DataFrame:
    """Return the mean time an image took, seconds: run_id, seconds_per_image, images."""
    return ask_of_runs(cursor, "seconds", runs, images=_listed(images))


def stage_seconds(
    cursor: duckdb.DuckDBPyConnection, runs: Sequence[int], images: Keys = None
) -> pd.DataFrame:
    """Return the mean time of each stage, in the order they act; no row of runs that do not tell.

    Columns: run_id, stage, seconds (of an image), images (that it was timed on).
    """
    return ask_of_runs(cursor, "stage_seconds", runs, images=_listed(images))


def _listed(images: Keys) -> list[int] | None:
    return None if images is None else [int(image) for image in images]
