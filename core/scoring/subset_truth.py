"""What is annotated on the images that runs are scored on: the same for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.scoring.class_names import class_names
from core.scoring.objects import stored_positives
from core.store.queries import counts

Keys = tuple[int, ...] | None
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SubsetTruth:
    """The truth of some images of a split, of C classes.

    Attributes:
        image_count: number of images.
        keys: their image_id, or None for all of the split.
        names: (C,) of the classes, a background that was painted last; as tables hold texts, so
            that each run's table need not make it of them.
        background: index of the class that means "nothing", or None.
        annotated: (A,) classes of which objects that are no crowd region are annotated.
        images: (A,) on how many images those classes are annotated.
        objects: (A,) how many objects of them.
        placed: number of annotated objects, crowd regions included, of which it is known where
            they are.
        positives: (C, 4) of these by class and size, see `detection.positives`.
    """

    image_count: int
    keys: Keys
    names: pd.api.extensions.ExtensionArray
    background: int | None
    annotated: Counts
    images: Counts
    objects: Counts
    placed: int
    positives: Counts

    @property
    def class_count(self) -> int:
        """Return C."""
        return len(self.names)


def subset_truth(
    cursor: duckdb.DuckDBPyConnection,
    run: Any,  # noqa: ANN401 - a row of `catalogue.runs`
    image_count: int,
    keys: Keys,
) -> SubsetTruth:
    """Return the truth of images of a run's split.

    Args:
        cursor: of `Store.read()`.
        run: row of `catalogue.runs`.
        image_count: number of images.
        keys: their image_id, or None for all of the split.
    """
    names, background = class_names(cursor, run)
    placed = counts.annotation_areas(cursor, run.dataset_id, run.split, keys)
    annotated = _of_classes(placed)
    if placed.empty:  # it may not be known where they are
        annotated = counts.class_images(cursor, run.dataset_id, run.split, keys)
    return SubsetTruth(
        image_count=image_count,
        keys=keys,
        names=pd.array(names, dtype="str"),
        background=background,
        annotated=annotated["class"].to_numpy(np.int64),
        images=annotated["images"].to_numpy(np.int64),
        objects=annotated["objects"].to_numpy(np.int64),
        placed=len(placed),
        positives=stored_positives(placed, len(names)),
    )


def _of_classes(placed: pd.DataFrame) -> pd.DataFrame:
    """Return what `counts.class_images` does, of rows of `annotation_areas` of the same images."""
    counted = placed[~placed["crowd"].to_numpy(np.bool_)]
    classes, images = (counted[name].to_numpy(np.int64) for name in ("class", "image_id"))
    pairs = np.unique(np.stack([classes, images]), axis=1)
    annotated, objects = np.unique(classes, return_counts=True)
    _, on_images = np.unique(pairs[0], return_counts=True)
    return pd.DataFrame({"class": annotated, "images": on_images, "objects": objects})
