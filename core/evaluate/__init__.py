"""One run: annotations and predictions to counts and matches."""

from core.evaluate.painting import FIXED_THRESHOLD, PaintChoice
from core.evaluate.run import Progress, evaluate_run

__all__ = ["FIXED_THRESHOLD", "PaintChoice", "Progress", "evaluate_run"]
