"""Which runs on other splits may lend their threshold."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.scoring.transfer import same_system

RUN = {
    "run_id": 1,
    "run": "net test",
    "dataset": "demo",
    "split": "test",
    "system": "net",
    "weights_sha256": "ab",
    "settings": json.dumps({"size": 64}),
    "evaluated": pd.Timestamp("2026-01-01"),
    "created": pd.Timestamp("2026-01-01"),
}
OTHER = {**RUN, "run_id": 2, "run": "net val", "split": "val"}


def lenders(*others: dict) -> list[str]:
    runs = pd.DataFrame([RUN, *others])
    return same_system(runs, runs.iloc[0])["run"].tolist()


def test_a_run_of_the_same_system_on_another_split_lends():
    assert lenders(OTHER) == ["net val"]


@pytest.mark.parametrize(
    "change",
    [
        {"split": "test"},
        {"dataset": "other"},
        {"system": "other"},
        {"weights_sha256": "cd"},
        {"settings": json.dumps({"size": 32})},
        {"evaluated": pd.NaT},
    ],
)
def test_a_run_that_differs_lends_nothing(change):
    assert lenders({**OTHER, **change}) == []


def test_where_predictions_were_read_from_is_no_setting():
    read = {"size": 64, "imported_from": "val.json", "format": "coco-results"}
    assert lenders({**OTHER, "settings": json.dumps(read)}) == ["net val"]


def test_which_runs_an_ensemble_is_made_of_is_no_setting():
    read = {"size": 64, "members": {"net val": "2026-01-01"}, "in_sample": True}
    assert lenders({**OTHER, "settings": json.dumps(read)}) == ["net val"]


def test_of_several_runs_on_a_split_the_newest_lends():
    later = {**OTHER, "run_id": 3, "run": "again", "created": pd.Timestamp("2026-01-02")}
    train = {**OTHER, "run_id": 4, "run": "net train", "split": "train"}
    assert lenders(later, OTHER, train) == ["net train", "again"]
