"""A data set that says which class an image shows, but not where: classes are scored alone."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.metrics.classification import joint_outcomes
from core.scoring import score_runs
from core.scoring.single import single_answers
from core.store import rows
from core.store.connection import Store
from core.store.queries import catalogue, counts
from tests.core.scoring.test_single import made_up
from tests.factories import make_dataset


@pytest.fixture(scope="module")
def unplaced(tmp_path_factory):
    """The thirty images of one object, once with places and once without."""
    store = Store.at(tmp_path_factory.mktemp("unplaced") / "store.duckdb")
    run, _, table = made_up(store)
    with store.write() as cursor:
        cursor.execute("UPDATE split SET located = false")
    told = evaluate_run(store, "net")
    assert told.startswith("no boxes, masks or label maps to compare, on 30 images")
    return store, run, table


def test_classes_are_scored_and_places_are_not(unplaced):
    store, _, table = unplaced
    with store.read() as cursor:
        (found,) = score_runs(cursor, ["net"])
    assert found.scores["top1"] == np.mean([row[0] == row[1] for row in table])
    given = {name for name, score in found.scores.items() if score is not None}
    labels = {name for name in given if name.startswith("derived_label_")}
    assert given - labels == {"top1", "macro_f1", "ece"}
    assert found.protocol == "one object an image, answered by the surest prediction"


def test_no_boxes_are_matched_and_no_overlap_is_claimed(unplaced):
    store, run, _ = unplaced
    with store.read() as cursor:
        assert counts.match_rows(cursor, run, "box").empty
        assert counts.annotation_areas(cursor, 1, "val").empty
        answers = single_answers(cursor, run)
    assert answers["iou"].isna().all()
    assert len(answers) == 30


@pytest.mark.parametrize("located", [True, False])
def test_the_store_keeps_whether_places_are_known(tmp_path, located):
    store = Store.at(tmp_path / "store.duckdb")
    dataset = replace(make_dataset(), located=located)
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset)
    assert rows.load_dataset(store, dataset.name, dataset.split).located is located
    with store.read() as cursor:
        assert bool(catalogue.datasets(cursor)["located"].iloc[0]) is located


def test_an_iou_of_an_unknown_place_is_no_outcome():
    with pytest.raises(ValueError, match="an IoU is NaN"):
        joint_outcomes(np.zeros(1, int), np.zeros(1, int), np.array([math.nan]))
