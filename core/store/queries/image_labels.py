"""Which classes images show, by their annotation, by a label head, and by what was found on them.

Image labels of the truth follow from its objects and label maps, and are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from core.store.queries.ask import answer, ask_of_runs, sql_text

# what a label head says of an image and a class, against what the same run found there
BOTH, SAID_ALONE, FOUND_ALONE, NEITHER = SIDES = (
    "both",
    "said, not found",
    "found, not said",
    "neither",
)


@dataclass(frozen=True)
class LabelQuestion:
    """Of which runs, images and classes labels are meant.

    Attributes:
        runs: keys of runs.
        class_count: C, the number of categories.
        background: class index that means "nothing", which is no label, or None.
        least_pixels: labelled pixels from which on a label map shows a class.
        images: keys of images, or None for all that a run has answered.
    """

    runs: tuple[int, ...]
    class_count: int
    background: int | None
    least_pixels: int
    images: tuple[int, ...] | None = None


@dataclass(frozen=True)
class SideFilter:
    """Which pairs of image and class are meant, by what a label head says and what was found.

    Attributes:
        least: a class is said, or an object found, from this probability or score on.
        class_: class index, or None for all.
    """

    least: float
    class_: int | None = None


def image_labels(cursor: duckdb.DuckDBPyConnection, asked: LabelQuestion) -> pd.DataFrame:
    """Return every pair of an answered image and a class of which anything is said.

    Columns: run_id, image_id, class, shown (NULL where only a crowd region of the class is
    there), probability (NaN where the run has no label head) and found (the highest score of the
    run's objects of the class; of a run without objects 1 where its label map shows it; NaN where
    there is nothing).
    """
    values = _values(asked)
    del values["runs"]
    return ask_of_runs(cursor, "image_labels", asked.runs, **values)


def label_side_counts(
    cursor: duckdb.DuckDBPyConnection, asked: LabelQuestion, chosen: SideFilter
) -> pd.DataFrame:
    """Return on how many images a label head and what was found agree, class by class.

    Columns: run_id, class, side (one of `SIDES`), images, showing (of these, images that show the
    class) and unknown (of these, images of which nobody knows). Runs without a label head, and
    sides that no image is on, have no row.
    """
    return _ask_sides(cursor, "label_side_counts", asked, chosen)


def label_side_images(
    cursor: duckdb.DuckDBPyConnection,
    asked: LabelQuestion,
    chosen: SideFilter,
    sides: Sequence[str],
) -> pd.DataFrame:
    """Return the pairs of image and class that are on some of `SIDES`, by image.

    Columns: run_id, image_id, source_id, image (name), class, side, probability, found, shown.
    """
    return _ask_sides(cursor, "label_side_images", asked, chosen, sides=list(sides))


def _ask_sides(
    cursor: duckdb.DuckDBPyConnection,
    question: str,
    asked: LabelQuestion,
    chosen: SideFilter,
    **parameters: object,
) -> pd.DataFrame:
    text = (
        f"WITH image_label AS (\n{sql_text('image_labels')}\n), "
        f"label_side AS (\n{sql_text('label_side')}\n)\n{sql_text(question)}"
    )
    values = {**_values(asked), "least": chosen.least, "class": chosen.class_, **parameters}
    return answer(cursor, text, values)


def _values(asked: LabelQuestion) -> dict[str, object]:
    return {
        "runs": list(asked.runs),
        "images": None if asked.images is None else [int(image) for image in asked.images],
        "classes": asked.class_count,
        "background": asked.background,
        "least_pixels": asked.least_pixels,
    }
