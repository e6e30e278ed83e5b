"""Reliability as rows, for the diagram that shows it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.metrics.calibration import Reliability


def bin_rows(found: Mapping[str, Reliability]) -> pd.DataFrame:
    """Return a row a run and bin: run, low, high, answers, right and certainty (sums).

    Args:
        found: name of a run to its answers, at least one.
    """
    parts = []
    for run, own in found.items():
        edges = np.linspace(0, 1, len(own.counts) + 1)
        columns = {"low": edges[:-1], "high": edges[1:], "answers": own.counts}
        columns |= {"right": own.right, "certainty": own.certainty}
        parts.append(pd.DataFrame(columns).assign(run=run))
    return pd.concat(parts, ignore_index=True)
