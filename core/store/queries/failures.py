"""Where runs fail: wrong predictions and missed objects, by image, by kind and one by one.

All questions begin with the text of `failure.sql`, so that all count the same errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from core.store.queries.ask import answer, sql_text


@dataclass(frozen=True)
class FailureFilter:
    """Which errors are meant.

    Attributes:
        runs: keys of evaluated runs that have the geometry.
        geometry: "box" or "mask": by which overlap predictions were matched.
        least: predictions with a lower score count as not made; a fraction.
        kinds: values of `core.metrics.errors.Kind`, or None for every kind of error.
        class_: class index of the prediction, or of the missed object; None for all.
        smallest: least area of the prediction or missed object, square pixels, included.
        largest: greatest area, likewise.
        images: image_id of the images that count, or None for all.
    """

    runs: tuple[int, ...]
    geometry: str
    least: float = 0.5
    kinds: tuple[str, ...] | None = None
    class_: int | None = None
    smallest: float = 0.0
    largest: float = 1e10
    images: tuple[int, ...] | None = None


def failure_counts(cursor: duckdb.DuckDBPyConnection, chosen: FailureFilter) -> pd.DataFrame:
    """Return how many errors of each kind each run makes: run_id, kind, errors, images.

    Kinds that a run never makes have no row.
    """
    return _ask(cursor, "failure_counts", chosen)


def failure_images(
    cursor: duckdb.DuckDBPyConnection, chosen: FailureFilter, *, by_score: bool = False
) -> pd.DataFrame:
    """Return every image with an error, worst first: image_id, errors, surest.

    Args:
        cursor: of `Store.read()`.
        chosen: which errors count.
        by_score: the image with the highest-scored error comes first, images with nothing but
            missed objects (`surest` is NaN) last; else the one with most errors.
    """
    return _ask(cursor, "failure_images", chosen, by_score=by_score)


def failure_objects(
    cursor: duckdb.DuckDBPyConnection,
    chosen: FailureFilter,
    most: int | None = None,
) -> pd.DataFrame:
    """Return the errors one by one, the surest first, then the largest missed objects.

    Columns: run_id, image_id, source_id, image (name), kind, object_index (of the prediction, or
    of the missed annotation), class, score (NaN if missed), area, nearest_class, nearest and
    nearest_iou (of the annotation that the prediction overlaps most; NaN, -1 and NaN or 0 if
    there is none).

    Args:
        cursor: of `Store.read()`.
        chosen: which errors.
        most: the number of rows to return at most, or None for all.
    """
    return _ask(cursor, "failure_objects", chosen, most=most)


def _ask(
    cursor: duckdb.DuckDBPyConnection,
    question: str,
    chosen: FailureFilter,
    **parameters: object,
) -> pd.DataFrame:
    text = f"WITH failure AS (\n{sql_text('failure')}\n)\n{sql_text(question)}"
    values = {
        "runs": list(chosen.runs),
        "geometry": chosen.geometry,
        "least": chosen.least,
        "kinds": None if chosen.kinds is None else list(chosen.kinds),
        "class": chosen.class_,
        "smallest": chosen.smallest,
        "largest": chosen.largest,
        "images": None if chosen.images is None else [int(image) for image in chosen.images],
    }
    return answer(cursor, text, {**values, **parameters})
