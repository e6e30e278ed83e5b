"""Colours with a meaning, as pages use them: `core.charts.palette`, which reports share."""

from core.charts.palette import (
    ANNOTATION_COLOUR,
    CLASS_COLOURS,
    OUTCOME_COLOURS,
    RUN_COLOURS,
    RUN_DASHES,
    RUN_MARKERS,
    class_colours,
    run_colours,
    run_dashes,
    run_markers,
)

__all__ = [
    "ANNOTATION_COLOUR",
    "CLASS_COLOURS",
    "OUTCOME_COLOURS",
    "RUN_COLOURS",
    "RUN_DASHES",
    "RUN_MARKERS",
    "class_colours",
    "run_colours",
    "run_dashes",
    "run_markers",
]
