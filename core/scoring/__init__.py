"""Stored counts and matches to scores: of whole runs, or of any subset of their images."""

from core.scoring.choice import SIZES, Choice
from core.scoring.coverage import Coverage, coverage, named_runs
from core.scoring.runs import RunScores, score_runs

__all__ = ["SIZES", "Choice", "Coverage", "RunScores", "coverage", "named_runs", "score_runs"]
