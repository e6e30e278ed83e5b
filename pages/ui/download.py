"""Every table can be taken along."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import streamlit as st

from pages.ui.language import say


def csv_button(frame: pd.DataFrame, name: str) -> None:
    """Offer a table as a CSV file, fractions unrounded, UTF-8, and as Parquet with its types.

    Args:
        frame: one header row; the index is left out.
        name: of the file, without ending.
    """
    with st.container(horizontal=True, width="content"):
        st.download_button(
            say("Download as CSV"),
            # written when it is asked for: a curve may have tens of thousands of rows
            lambda: frame.to_csv(index=False).encode("utf-8"),
            file_name=f"{name}.csv",
            mime="text/csv",
            key=f"download {name}",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )
        st.download_button(
            "Parquet",
            lambda: parquet(frame),
            file_name=f"{name}.parquet",
            mime="application/vnd.apache.parquet",
            key=f"download parquet {name}",
            on_click="ignore",
            type="tertiary",
        )


def parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file: types as they are, no value as null, without the index.

    A column that mixes numbers and texts is text, as it is in CSV.
    """
    columns = [_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    written = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=[str(name) for name in frame]), written)
    return written.getvalue()


def _column(values: pd.Series) -> pa.Array | pa.ChunkedArray:
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(values.map(str, na_action="ignore"), from_pandas=True)


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
