"""Where the two heads of a system differ: what it says an image shows, and what it found there."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from core.metrics.ratios import ratio
from core.store.queries.image_labels import (
    FOUND_ALONE,
    SAID_ALONE,
    SIDES,
    LabelQuestion,
    SideFilter,
    label_side_counts,
)


def side_table(
    cursor: duckdb.DuckDBPyConnection, asked: LabelQuestion, chosen: SideFilter
) -> pd.DataFrame:
    """Return a row for each run with a label head and class on which images are on any side.

    Columns: run_id, class, a column for each of `SIDES` (images), and label_head_right: of the
    images on which the two differ and of which the truth is known, the share in which the label
    head is right, a fraction; NaN where there are none.
    """
    counts = label_side_counts(cursor, asked, chosen)
    keys = ["run_id", "class"]
    table, showing, unknown = (
        _wide(counts, keys, name) for name in ("images", "showing", "unknown")
    )
    right = showing[SAID_ALONE] + (table - showing - unknown)[FOUND_ALONE]
    known = (table - unknown)[[SAID_ALONE, FOUND_ALONE]].sum(axis=1)
    share = ratio(right.to_numpy(np.int64), known.to_numpy(np.int64))
    return table.assign(label_head_right=share).reset_index()


def _wide(counts: pd.DataFrame, keys: list[str], values: str) -> pd.DataFrame:
    """Return a row for each run and class, a column for each side, 0 where nothing is on it."""
    wide = counts.pivot_table(values, index=keys, columns="side", aggfunc="sum")
    return wide.reindex(columns=list(SIDES)).fillna(0).astype(int).rename_axis(columns=None)
