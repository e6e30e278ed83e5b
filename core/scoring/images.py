"""How well single images are labelled: what a search for the worst sorts by."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import pixel
from core.store.queries import counts


def image_ious(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[int],
    class_count: int,
    class_: int | None = None,
) -> pd.DataFrame:
    """Return the IoU of each image by itself: run_id, image_id, iou.

    It is the IoU of one class, or the mean over the classes that are in the image's truth or
    in its prediction (`pixel.mean_iou`, one image at a time). Images that have none of them
    have no row.

    Args:
        cursor: of `Store.read()`.
        runs: keys of runs with pixel counts.
        class_count: C, the background that was painted included.
        class_: class index, or None for the mean.
    """
    parts = [_of_run(cursor, int(run), class_count, class_) for run in runs]
    empty = pd.DataFrame({"run_id": [], "image_id": [], "iou": []})
    return pd.concat(parts, ignore_index=True) if parts else empty


def _of_run(
    cursor: duckdb.DuckDBPyConnection, run: int, class_count: int, class_: int | None
) -> pd.DataFrame:
    rows = counts.pixel_rows(cursor, run)
    image, truth, predicted, pixels = (
        rows[name].to_numpy(np.int64) for name in ("image_id", "truth", "predicted", "pixels")
    )
    images, tallies = pixel.tallies(image, truth, predicted, pixels, class_count)
    scores: NDArray[np.float64] = (
        pixel.mean_iou(tallies) if class_ is None else pixel.iou(tallies)[:, class_]
    )
    scored = ~np.isnan(scores)
    return pd.DataFrame({"run_id": run, "image_id": images[scored], "iou": scores[scored]})
