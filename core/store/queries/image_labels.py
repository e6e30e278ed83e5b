"""Which classes images show, by their annotation, by a label head, and by what was found on them.

Image labels of the truth follow from its objects and label maps, and are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from core.store.queries.ask import ask


def image_labels(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[int],
    images: Sequence[int] | None,
    *,
    classes: int,
    background: int | None,
    least_pixels: int,
) -> pd.DataFrame:
    """Return every pair of an answered image and a class of which anything is said.

    Columns: run_id, image_id, class, shown (NULL where only a crowd region of the class is
    there), probability (NaN where the run has no label head) and found (the highest score of the
    run's objects of the class; of a run without objects 1 where its label map shows it; NaN where
    there is nothing).

    Args:
        cursor: of `Store.read()`.
        runs: keys of runs.
        images: keys of images, or None for all.
        classes: C, the number of categories.
        background: class index that means "nothing", which is no label, or None.
        least_pixels: labelled pixels from which on a label map shows a class.
    """
    return ask(
        cursor,
        "image_labels",
        runs=[int(run) for run in runs],
        images=None if images is None else [int(image) for image in images],
        classes=classes,
        background=background,
        least_pixels=least_pixels,
    )
