"""What a split contains: its classes, the sizes of its objects and images, what occurs together.

Crowd regions stand for an unknown number of objects, so counts of objects leave them out.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.store.queries.ask import ask


def class_frequency(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> pd.DataFrame:
    """Return a row for each class, also those never annotated.

    Columns: class, name, supercategory, objects, images (that hold one), crowd_regions.
    """
    return ask(cursor, "class_frequency", dataset=dataset, split=split)


def thing_classes(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> NDArray[np.int64]:
    """Return the indices of the classes of which a split has annotated objects, ascending."""
    classes = class_frequency(cursor, dataset, split)
    things = classes.loc[classes["objects"] + classes["crowd_regions"] > 0, "class"]
    return things.to_numpy(np.int64)


def objects_per_image(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> pd.DataFrame:
    """Return how many images hold how many objects: objects, images."""
    return ask(cursor, "objects_per_image", dataset=dataset, split=split)


def size_ranges(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, class_: int | None = None
) -> pd.DataFrame:
    """Return one row: objects, and those small, medium and large by COCO's limits."""
    return ask(cursor, "size_ranges", dataset=dataset, split=split, **{"class": class_})


def size_steps(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, class_: int | None = None
) -> pd.DataFrame:
    """Return how many objects fall in each step of size: step, objects.

    Step s holds the objects whose area is that of a square with a side from 32·3^(s/4) up to
    32·3^((s+1)/4) pixels; those of less than one square pixel count as one.
    """
    return ask(cursor, "size_steps", dataset=dataset, split=split, **{"class": class_})


def image_sizes(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> pd.DataFrame:
    """Return how many images have which size: width, height (pixels), images."""
    return ask(cursor, "image_sizes", dataset=dataset, split=split)


def image_properties(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> pd.DataFrame:
    """Return what is known of each image of a split, in order of the data set.

    Columns: image_id, brightness and contrast (of the luma, 0 to 255; NaN where the photograph
    was not measured), height, width (pixels), objects, small (of them, by COCO's limit).
    """
    return ask(cursor, "image_properties", dataset=dataset, split=split)


def unmeasured_images(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> pd.DataFrame:
    """Return the images whose photograph was not measured: image_id, images_folder, path."""
    return ask(cursor, "unmeasured_images", dataset=dataset, split=split)


def object_pairs(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, classes: Sequence[int]
) -> pd.DataFrame:
    """Return on how many images two classes are both annotated as objects: class, other, images.

    The pair of a class with itself is the number of images that hold it.
    """
    return ask(cursor, "object_pairs", dataset=dataset, split=split, classes=list(classes))


def pixel_frequency(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> pd.DataFrame:
    """Return the labelled pixels of each class on the images of a split.

    Columns: class, pixels, images (that hold the class).
    """
    return ask(cursor, "pixel_frequency", dataset=dataset, split=split)


def pixel_pairs(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, classes: Sequence[int]
) -> pd.DataFrame:
    """Return on how many images two classes both have labelled pixels: class, other, images."""
    return ask(cursor, "pixel_pairs", dataset=dataset, split=split, classes=list(classes))


def attempts(cursor: duckdb.DuckDBPyConnection, run: int) -> pd.DataFrame:
    """Return the processes that worked on a run.

    Columns: attempt, host, pid, started, heartbeat, ended (NULL if at work or killed), reason.
    """
    return ask(cursor, "attempts", run=run)


def class_examples(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, class_: int, most: int
) -> pd.DataFrame:
    """Return the images with the largest objects of a class first: image_id, objects (of it)."""
    return ask(
        cursor, "class_examples", dataset=dataset, split=split, most=most, **{"class": class_}
    )


def pixel_examples(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, class_: int, most: int
) -> pd.DataFrame:
    """Return the images with most labelled pixels of a class first: image_id, pixels (of it)."""
    parameters = {"dataset": dataset, "split": split, "class": class_, "most": most}
    return ask(cursor, "pixel_examples", **parameters)
