"""How certain systems are of each pixel."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from core.store.queries.ask import ask


def prediction_confidence(
    cursor: duckdb.DuckDBPyConnection, runs: Sequence[int], images: Sequence[int]
) -> pd.DataFrame:
    """Return what runs say of how certain they are: run_id, image_id, height, width, confidence.

    Images of which a run does not say it have no row; `core.geometry.confidence.decode` reads the
    bytes.
    """
    return ask(cursor, "prediction_confidence", runs=list(runs), images=list(images))
