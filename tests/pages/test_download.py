"""Tables as files: Parquet opened again has the values and the types of the table."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import streamlit as st

from pages.ui.download import parquet

FRAME = pd.DataFrame(
    {
        "text": ["<b>", None, "ä\n,"],
        "whole": np.array([1, 2, 2**60], np.int64),
        "share": [0.1, np.nan, 1 / 3],
        "is": [True, False, True],
        "at": pd.to_datetime(["2026-01-02", "2026-01-03", None]),
        "some": [("a", "b"), (), ("c",)],
        "mixed": [1, "a", None],
    },
    index=[7, 8, 9],
)


def opened(content: bytes):
    return pq.read_table(io.BytesIO(content))


def test_values_and_types_come_out_as_they_went_in():
    FRAME.attrs["what no file can hold"] = object()
    table = opened(parquet(FRAME))
    kinds = {field.name: str(field.type) for field in table.schema}
    assert list(kinds) == list(FRAME)
    assert (kinds["whole"], kinds["share"], kinds["is"]) == ("int64", "double", "bool")
    assert kinds["at"].startswith("timestamp")
    columns = table.to_pydict()
    assert columns["text"] == ["<b>", None, "ä\n,"]
    assert columns["whole"] == [1, 2, 2**60]
    assert columns["share"] == [0.1, None, 1 / 3]
    assert [None if at is None else at.day for at in columns["at"]] == [2, 3, None]
    assert columns["some"] == [["a", "b"], [], ["c"]]
    assert columns["mixed"] == ["1", "a", None]


def test_a_table_without_rows_is_written():
    table = opened(parquet(FRAME.iloc[:0]))
    assert (table.num_rows, table.column_names) == (0, list(FRAME))


@pytest.mark.parametrize(
    "page", ["pages/2_Compare_systems.py", "pages/4_Detection.py", "pages/15_Runs.py"]
)
def test_each_table_of_a_page_is_there_as_csv_and_parquet(open_page, pets, monkeypatch, page):
    files = {}

    def offer(label, content, *, file_name, **_):
        files[file_name] = content

    monkeypatch.setattr(st, "download_button", offer)
    assert not open_page(page, pets, dataset="pets", split="val").exception
    named = [name.removesuffix(".csv") for name in files if name.endswith(".csv")]
    assert named
    for name in named:
        header, *rows = csv.reader(files[f"{name}.csv"]().decode().splitlines())
        typed = opened(files[f"{name}.parquet"]())
        assert typed.column_names == header
        assert typed.num_rows == len(rows)
        for place, column in enumerate(typed.columns):
            if str(column.type) in ("double", "int64"):
                given = [None if row[place] == "" else float(row[place]) for row in rows]
                assert column.to_pylist() == given
