"""Runs evaluated before something was counted, and how to count it."""

from __future__ import annotations

from shlex import quote
from typing import Any

import pandas as pd


def lacks_segments(run: Any) -> bool:  # noqa: ANN401 - a row of `catalogue.runs`
    """Return whether a run was evaluated before panoptic segments were counted."""
    return bool(run.has_masks and not pd.isna(run.pixel_source) and pd.isna(run.has_segments))


def counting_command(run: Any) -> str:  # noqa: ANN401 - a row of `catalogue.runs`
    """Return the command that counts what was not yet counted when a run was evaluated.

    It paints the masks as they were painted.
    """
    origin = str(run.threshold_origin).removeprefix("best on ")
    if run.pixel_source != "painted" or origin == "fixed":
        how = "--again"
    elif origin == "given":
        how = f"--threshold {run.paint_threshold!r}"
    else:
        how = f"--threshold-from {quote(origin.removesuffix(', the split it is scored on'))}"
    return f"python -m core evaluate {quote(run.run)} {how}"
