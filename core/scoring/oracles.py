"""Runs of which one stage saw the truth, beside the same system without: what each stage costs."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd

from core.scoring.runs import RunScores
from core.scoring.transfer import ORACLE, oracle_of, settings_of


def stage_gains(runs: pd.DataFrame, scores: Sequence[RunScores], metric: str) -> pd.DataFrame:
    """Return what a score gains when one stage makes no mistake, and what is lost all the same.

    Pairs every run that saw the truth with the newest one of the same system, weights and
    settings, on the same split, that did not.

    Args:
        runs: rows of `catalogue.runs`, newest first.
        scores: of these runs, on the same images.
        metric: which of the scores.

    Returns:
        A row for each pair whose scores have values: run, oracle, oracle_run, score (as it is),
        oracle_score, gain (by the true stage), rest (lost by the other stages), in fractions.
    """
    scored = {one.run: one.scores[metric] for one in scores}
    honest = {
        key: str(run["run"])
        for key, run in reversed([(_made_by(run), run) for _, run in runs.iterrows()])
        if oracle_of(str(run["settings"])) is None
    }
    rows = []
    for _, run in runs.iterrows():
        oracle, twin = oracle_of(str(run["settings"])), honest.get(_made_by(run))
        score, best = scored.get(twin or ""), scored.get(str(run["run"]))
        if oracle is not None and twin is not None and score is not None and best is not None:
            rows.append((twin, oracle, run["run"], score, best, best - score, 1 - best))
    columns = ["run", "oracle", "oracle_run", "score", "oracle_score", "gain", "rest"]
    return pd.DataFrame(rows, columns=columns).sort_values(["run", "oracle"], ignore_index=True)


def _made_by(run: pd.Series) -> tuple[str, ...]:
    """Return what a run and its twin have in common."""
    settings = {k: v for k, v in settings_of(str(run["settings"])).items() if k != ORACLE}
    place = (str(run["dataset"]), str(run["split"]))
    return (
        *place,
        str(run["system"]),
        str(run["weights_sha256"]),
        json.dumps(settings, sort_keys=True),
    )
