"""What the classes of a split are called."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from core.store.memory import remembered
from core.store.queries import catalogue
from core.store.queries.ask import answer_bytes
from core.structures import BACKGROUND_NAME

Cursor = duckdb.DuckDBPyConnection


def class_names(cursor: Cursor, run: Any) -> tuple[list[str], int | None]:  # noqa: ANN401
    """Return the names by index, a painted background last, and the index of the background."""

    def find() -> tuple[list[str], int | None]:
        return _class_names(cursor, run)

    return remembered("names of classes", (run.dataset, run.split), find, answer_bytes)


def _class_names(cursor: Cursor, run: Any) -> tuple[list[str], int | None]:  # noqa: ANN401
    names = catalogue.categories(cursor, run.dataset)["name"].tolist()
    splits = catalogue.datasets(cursor)
    own = splits[(splits["dataset"] == run.dataset) & (splits["split"] == run.split)].iloc[0]
    if not pd.isna(own["background"]):
        return names, int(own["background"])
    return ([*names, BACKGROUND_NAME], len(names)) if own["maps_painted"] else (names, None)
