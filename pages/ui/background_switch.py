"""Whether the background class is averaged into semantic scores: asked where there is one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui.image_layers import background_of
from pages.ui.language import say


def background_switch(split: pd.Series) -> bool:
    """Draw the switch and return what it says; True, without a switch, where nothing is background.

    Args:
        split: row of `catalogue.datasets`.
    """
    if background_of(split, int(split["classes"])) is None:
        return True
    return st.toggle(say("With background"), value=True, key="background", bind="query-params")
