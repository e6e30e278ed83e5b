"""Single images: finding one, and what was said about it.

Objects come from `core.store.rows`; here is what goes with them.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from core.store.queries.ask import ask


def find_image(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, text: str
) -> pd.DataFrame:
    """Return the image_id of the image with this id or name; no row if there is none.

    The id is that of the data set's files. Of several images of one name it is the first.
    """
    return ask(cursor, "find_image", dataset=dataset, split=split, text=text)


def search_images(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, text: str, most: int
) -> pd.DataFrame:
    """Return at most `most` images whose name holds the text, or whose id it is.

    Columns: image_id, source_id, name, path. Capitals make no difference.
    """
    return ask(cursor, "search_images", dataset=dataset, split=split, text=text, most=most)


def split_images(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> pd.DataFrame:
    """Return the image_id of every image of a split, in order of the data set."""
    return ask(cursor, "split_images", dataset=dataset, split=split)


def image_records(cursor: duckdb.DuckDBPyConnection, images: Sequence[int]) -> pd.DataFrame:
    """Return a row for each of some images, ascending.

    Columns: image_id, source_id, name, path, height, width, images_folder.
    """
    return ask(cursor, "image_records", images=_listed(images))


def image_answers(
    cursor: duckdb.DuckDBPyConnection, runs: Sequence[int], images: Sequence[int]
) -> pd.DataFrame:
    """Return which runs answered which images: run_id, image_id, seconds (NaN if unknown)."""
    return ask(cursor, "image_answers", runs=_listed(runs), images=_listed(images))


def image_matches(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[int],
    images: Sequence[int],
    geometry: str,
) -> pd.DataFrame:
    """Return how each prediction on some images fared, by run, image and object.

    Columns: run_id, image_id, object_index, class, score, matched, iou, nearest, nearest_iou,
    kind.
    """
    return ask(
        cursor,
        "image_matches",
        runs=_listed(runs),
        images=_listed(images),
        geometry=geometry,
    )


def annotation_maps(cursor: duckdb.DuckDBPyConnection, images: Sequence[int]) -> pd.DataFrame:
    """Return the annotated label maps of some images: image_id, label_map (label runs)."""
    return ask(cursor, "annotation_maps", images=_listed(images))


def prediction_maps(
    cursor: duckdb.DuckDBPyConnection, runs: Sequence[int], images: Sequence[int]
) -> pd.DataFrame:
    """Return the predicted label maps of some images: run_id, image_id, label_map."""
    return ask(cursor, "prediction_maps", runs=_listed(runs), images=_listed(images))


def _listed(keys: Sequence[int]) -> list[int]:
    return [int(key) for key in keys]
