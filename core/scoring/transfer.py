"""Runs of one system on other splits: where its score threshold can be chosen honestly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from core.store.queries import catalogue

# the setting that says which part of the truth a run was told
ORACLE: Final = "oracle"
# where predictions, or the runs that an ensemble is made of, were read from says nothing about
# what made them
_NO_SETTING: Final = ("imported_from", "format", "members", "in_sample")


def same_system(runs: pd.DataFrame, run: pd.Series) -> pd.DataFrame:
    """Return the evaluated runs of the same system, weights and settings on other splits.

    Args:
        runs: rows of `catalogue.runs`, of all splits of the run's data set.
        run: one of them.

    Returns:
        Rows of `runs`, the newest of each split only, in order of the split's name.
    """
    same = runs[
        (runs["dataset"] == run["dataset"])
        & (runs["split"] != run["split"])
        & (runs["system"] == run["system"])
        & (runs["weights_sha256"] == run["weights_sha256"])
        & runs["evaluated"].notna()
    ]
    wanted = settings_of(run["settings"])
    alike = np.array([settings_of(text) == wanted for text in same["settings"]], np.bool_)
    same = same[alike]
    ordered: pd.DataFrame = same.sort_values(["split", "created", "run_id"])
    return ordered.drop_duplicates("split", keep="last", ignore_index=True)


def runs_elsewhere(
    cursor: duckdb.DuckDBPyConnection, dataset: str, runs: Sequence[str], having: str | None = None
) -> dict[str, dict[str, str]]:
    """Return for each run the runs of `same_system`: its name to split to name.

    Args:
        cursor: of `Store.read()`.
        dataset: name of the runs' data set.
        runs: names of runs of one split.
        having: column of `catalogue.runs` that must be true of the others, such as "has_boxes".
    """
    known = catalogue.runs(cursor, dataset)
    able = known if having is None else known[known[having].astype(bool)]
    rows = known.set_index("run", drop=False)
    found = {run: same_system(able, rows.loc[[run]].iloc[0]) for run in runs}
    return {
        run: dict(zip(others["split"], others["run"], strict=True)) for run, others in found.items()
    }


def settings_of(text: str) -> dict[str, object]:
    """Return the settings that change predictions.

    Args:
        text: the settings of a run as JSON.
    """
    return {name: value for name, value in json.loads(text).items() if name not in _NO_SETTING}


def oracle_of(settings: str) -> str | None:
    """Return what was true of a run ("boxes", "classes", "masks"), or None of an honest run.

    Args:
        settings: of the run, as JSON.
    """
    oracle: str | None = json.loads(settings).get(ORACLE)
    return oracle
