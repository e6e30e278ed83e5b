"""How weights came to be: trainings and their curves."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from core.store.queries.ask import ask


def trainings(
    cursor: duckdb.DuckDBPyConnection,
    weights_sha256: str | None = None,
    run_id: int | None = None,
) -> pd.DataFrame:
    """Return a row for each training, newest first.

    Columns: training_id, system, dataset, train_split, val_split, seed, settings and versions
    (JSON text), weights, weights_sha256, goal, best_epoch, planned_epochs, seconds, status,
    started, finished, run_id (of an imported history, else missing).

    Args:
        cursor: a cursor of `Store.read`.
        weights_sha256: as a run has it (of several stages, joined by " + "): only the trainings
            that made these weights.
        run_id: a run: only those, and those whose history was imported to it.
    """
    return ask(cursor, "trainings", weights=weights_sha256, run=run_id)


def training_curves(cursor: duckdb.DuckDBPyConnection, training_ids: Sequence[str]) -> pd.DataFrame:
    """Return the points of curves: training_id, epoch (from 1), name, value; in that order.

    Scores are fractions; the name "seconds" is the time an epoch took.
    """
    return ask(cursor, "training_curves", trainings=list(training_ids))


def training_draws(cursor: duckdb.DuckDBPyConnection, dataset: str, split: str) -> pd.DataFrame:
    """Return how often trainings on a split see each class in an epoch, newest first.

    Columns: training_id, system, weights, finished, settings (JSON text), class, name, images
    (that show it: its draws if all images are drawn alike), drawn (its draws to be expected by
    the weights of the sampling). No row of trainings that do not draw by classes.

    Args:
        cursor: a cursor of `Store.read`.
        dataset: name of the data set.
        split: that was learnt from.
    """
    return ask(cursor, "training_draws", dataset=dataset, split=split)
