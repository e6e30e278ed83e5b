"""The start page: all that the store holds, the newest first."""

from __future__ import annotations

import shutil

import duckdb


def test_every_split_stands_there_the_newest_first(open_page, full, tmp_path):
    copy = tmp_path / "store.duckdb"
    shutil.copy(full, copy)
    with duckdb.connect(copy) as store:
        names = [
            f"{a} · {b}"
            for a, b in store.execute(
                "SELECT name, split FROM split JOIN dataset USING (dataset_id) ORDER BY ALL"
            ).fetchall()
        ]
        store.execute("UPDATE split SET imported = imported - INTERVAL 3 DAY WHERE split <> 'test'")
    app = open_page("Home.py", copy)
    (table,) = [each.value for each in app.dataframe if "imported" in each.value.columns]
    shown = list(table["data set"])
    assert sorted(shown) == names
    assert shown[0].endswith("test")
    assert not shown[-1].endswith("test")
