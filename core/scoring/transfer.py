"""Runs of one system on other splits: where its score threshold can be chosen honestly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from core.store.memory import remembered_each
from core.store.queries import catalogue
from core.store.queries.ask import answer_bytes

# the setting that says which part of the truth a run was told
ORACLE: Final = "oracle"
# where predictions, or the runs that an ensemble is made of, were read from says nothing about
# what made them
_ALIKE: Final = ("dataset", "system", "weights_sha256")
_NO_SETTING: Final = ("imported_from", "format", "members", "in_sample")


def same_system(runs: pd.DataFrame, run: pd.Series) -> pd.DataFrame:
    """Return the evaluated runs of the same system, weights and settings on other splits.

    Args:
        runs: rows of `catalogue.runs`, of all splits of the run's data set.
        run: one of them.

    Returns:
        Rows of `runs`, the newest of each split only, in order of the split's name.
    """
    # in plain Python: a store has tens of runs, and pandas takes as long for one as for thousands
    wanted = settings_of(run["settings"])
    own = tuple(run[name] for name in _ALIKE)
    rows = zip(
        runs["split"],
        runs["evaluated"].notna(),
        runs["settings"],
        zip(*(runs[name] for name in _ALIKE), strict=True),
        strict=True,
    )
    alike = [
        split != run["split"] and evaluated and names == own and settings_of(settings) == wanted
        for split, evaluated, settings, names in rows
    ]
    same = runs[np.array(alike, np.bool_)]
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

    def find(missing: list[str]) -> dict[str, dict[str, str]]:
        known = catalogue.runs(cursor, dataset)
        able = known if having is None else known[known[having].astype(bool)]
        rows = known.set_index("run", drop=False)
        found = {run: same_system(able, rows.loc[[run]].iloc[0]) for run in missing}
        return {
            run: dict(zip(others["split"], others["run"], strict=True))
            for run, others in found.items()
        }

    return remembered_each("runs elsewhere", list(runs), (dataset, having), find, answer_bytes)


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
