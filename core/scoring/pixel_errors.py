"""Stored counts of wrong pixels by kind, as what they cost the IoU of runs."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import pixel
from core.metrics.pixel_errors import KINDS, loss_shares
from core.scoring.choice import Choice
from core.scoring.class_names import class_names
from core.scoring.coverage import named_runs
from core.scoring.error_shares import is_counted
from core.scoring.pixel_sums import pixel_totals
from core.scoring.pixels import averaged_classes
from core.store.queries import counts
from core.store.queries.ask import together

CORRECT = "correct"
PARTS = (CORRECT, *KINDS)
COLUMNS = ("run", "class", "name", "part", "pixels", "missed", "added", "wrong", "share")


def pixel_losses(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[str],
    images: Sequence[int] | None = None,
    choice: Choice = Choice(),  # noqa: B008 - frozen, without state
) -> pd.DataFrame:
    """Return of what the union of each class of each run is made: hits and errors by kind.

    Args:
        cursor: of `Store.read()`.
        runs: names of runs; those evaluated before kinds were counted have no rows.
        images: image_id of the images that count, or None for all.
        choice: classes, and whether the background is among them. Counts are summed over all
            images, whatever its protocol.

    Returns:
        A row a run, class and part, classes without a union left out: `COLUMNS`. `part` is one of
        `PARTS`, `share` its part of the union of the class, from 0 to 1; the shares of a class sum
        to 1, and that of `CORRECT` is its IoU. `pixels` are the hits, or missed and added
        together; missed, added and wrong as `core.metrics.pixel_errors` counts them.
    """
    parts = []
    rows = named_runs(cursor, runs)
    count = max(rows["images"], default=0) if images is None else len(images)
    with together(rows["run_id"].tolist(), count):
        for _, run in rows.iterrows():
            names, background = class_names(cursor, run)
            errors = counts.pixel_error_rows(cursor, int(run["run_id"]), KINDS, images)
            totals = pixel_totals(cursor, int(run["run_id"]), images)
            if len(totals) and is_counted(errors, totals):
                chosen = averaged_classes(len(names), background, choice)
                parts.append(_of_run(errors, totals, names, chosen).assign(run=str(run["run"])))
    return pd.concat(parts)[list(COLUMNS)] if parts else pd.DataFrame(columns=list(COLUMNS))


def mean_losses(losses: pd.DataFrame) -> pd.DataFrame:
    """Return of what the mean over the classes is made: run, part, share, pixels and the rest.

    Shares are averaged, pixels are summed; that of `CORRECT` is the mIoU of the rule "mmseg".
    """
    sums = dict.fromkeys(("pixels", "missed", "added", "wrong"), "sum")
    means = losses.groupby(["run", "part"], as_index=False, sort=False)
    return means.agg({**sums, "share": "mean"})


def _of_run(
    errors: pd.DataFrame, totals: pd.DataFrame, names: Sequence[str], chosen: NDArray[np.int64]
) -> pd.DataFrame:
    """Return the rows of one run, without its name."""
    truth, predicted, pixels = (
        totals[name].to_numpy(np.int64) for name in ("truth", "predicted", "pixels")
    )
    tally = pixel.total_tally(truth, predicted, pixels, len(names))
    amounts = np.zeros((3, len(names), len(KINDS)), dtype=np.int64)
    cells = errors["class"].to_numpy(np.int64), errors["kind"].to_numpy(np.int64)
    for table, column in zip(amounts, ("missed", "added", "wrong"), strict=True):
        np.add.at(table, cells, errors[column].to_numpy(np.int64))
    missed, added, wrong = amounts
    unions = tally.tp + tally.fp + tally.fn
    shares = np.column_stack([pixel.iou(tally), loss_shares(missed, added, unions)])
    hits, nothing = tally.tp[:, None], np.zeros((len(names), 1), np.int64)
    there = np.intersect1d(chosen, np.flatnonzero(unions))
    classes, parts = (each.ravel() for each in np.meshgrid(there, range(len(PARTS)), indexing="ij"))
    stacked = {
        "pixels": np.hstack([hits, missed + added]),
        "missed": np.hstack([nothing, missed]),
        "added": np.hstack([nothing, added]),
        "wrong": np.hstack([nothing, wrong]),
        "share": shares,
    }
    return pd.DataFrame(
        {
            "class": classes,
            "name": np.array(names, dtype=object)[classes],
            "part": np.array(PARTS, dtype=object)[parts],
            **{name: table[classes, parts] for name, table in stacked.items()},
        }
    )
