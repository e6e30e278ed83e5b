"""Stored counts and matches to scores: of whole runs, or of any subset of their images."""

from core.scoring.choice import SIZES, Choice
from core.scoring.coverage import Coverage, coverage, named_runs
from core.scoring.runs import RunScores, score_runs
from core.scoring.trial import (
    FEW_IMAGES,
    MOST_RESAMPLES,
    RESAMPLES,
    Trial,
    begin_trial,
    begin_trials,
    differences,
    method,
    ranking,
)
from core.scoring.uncounted import counting_command, lacks_segments

__all__ = [
    "FEW_IMAGES",
    "MOST_RESAMPLES",
    "RESAMPLES",
    "SIZES",
    "Choice",
    "Coverage",
    "RunScores",
    "Trial",
    "begin_trial",
    "begin_trials",
    "counting_command",
    "coverage",
    "differences",
    "lacks_segments",
    "method",
    "named_runs",
    "ranking",
    "score_runs",
]
