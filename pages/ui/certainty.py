"""Words and controls of how sure scores and differences are."""

from __future__ import annotations

import streamlit as st

from pages.ui.language import mark, say

CORRECTIONS = {"Holm": "holm", "Benjamini–Hochberg": "bh"}
ABOUT = mark(
    "Of p values when many things are compared. Holm: one wrong finding "
    "among all is as rare as 5 %. Benjamini–Hochberg: of what is found at "
    "most 5 % is wrong, on average."
)


def chosen_correction() -> str:
    """Draw the choice of a correction and return its title, a key of `CORRECTIONS`."""
    return st.selectbox(
        say("Correction"),
        list(CORRECTIONS),
        key="correction",
        bind="query-params",
        width=220,
        help=say(ABOUT),
    )
