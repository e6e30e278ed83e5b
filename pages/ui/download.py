"""Every table can be taken along."""

from __future__ import annotations

import pandas as pd
import streamlit as st


def csv_button(frame: pd.DataFrame, name: str) -> None:
    """Offer a table as a CSV file: fractions unrounded, UTF-8.

    Args:
        frame: one header row; the index is left out.
        name: of the file, without ending.
    """
    st.download_button(
        "Download as CSV",
        # written when it is asked for: a curve of every prediction has tens of thousands of rows
        lambda: frame.to_csv(index=False).encode("utf-8"),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"download {name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )
