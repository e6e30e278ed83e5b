"""Every table can be taken along."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages.ui.language import say


def csv_button(frame: pd.DataFrame, name: str) -> None:
    """Offer a table as a CSV file: fractions unrounded, UTF-8.

    Args:
        frame: one header row; the index is left out.
        name: of the file, without ending.
    """
    st.download_button(
        say("Download as CSV"),
        # written when it is asked for: a curve of every prediction has tens of thousands of rows
        lambda: frame.to_csv(index=False).encode("utf-8"),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"download {name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def json_button(written: Callable[[], str], name: str) -> None:
    """Offer what is also a table as a JSON file, UTF-8.

    Args:
        written: makes the text when it is asked for.
        name: of the file, without ending.
    """
    st.download_button(
        "JSON",
        lambda: written().encode("utf-8"),
        file_name=f"{name}.json",
        mime="application/json",
        key=f"download json {name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )
