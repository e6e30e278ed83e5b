"""Charts of runs side by side, as long as the names of the runs leave them room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

MOST_BESIDE = 3  # runs
ACROSS = 3  # names in a line above a chart as wide as the page at 1024 pixels


def halves(runs: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return two places: side by side for a few runs, one below the other for more.

    Args:
        runs: that each chart names.
    """
    if runs > MOST_BESIDE:
        return st.container(), st.container()
    left, right = st.columns(2, gap="large")
    return left, right


def across(runs: int) -> int:
    """Return how many names fit in a line above a chart in one of `halves`."""
    return ACROSS if runs > MOST_BESIDE else 1
