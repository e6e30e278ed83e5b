"""Weak slices: a planted weakness comes first, and where there is none nothing is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import UsageError
from core.evaluate import evaluate_run
from core.metrics.significance import LEVEL
from core.scoring import FEW_IMAGES, score_runs
from core.scoring.properties import image_properties, images_within
from core.scoring.slices import begin_slices, bins, weak_slices
from core.store.connection import Store
from core.store.image_properties import put_properties
from core.structures import Prediction
from tests.factories import make_dataset
from tests.filling import put, put_run

IMAGES = range(1, 121)


def moved(prediction_objects, wrong: bool):
    """Return the annotation as a prediction; where it is wrong every box lies elsewhere."""
    boxes = prediction_objects.boxes.copy()
    boxes[:, 0] += 1000 * wrong
    scores = np.linspace(0.9, 0.5, len(boxes))
    return replace(prediction_objects, boxes=boxes, scores=scores, masks=None,
                   crowd=np.zeros(len(boxes), bool))  # fmt: skip


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Store:
    """One run is wrong on images both dark and of many objects, another on any third of them."""
    store = Store.at(tmp_path_factory.mktemp("planted") / "evaluation.duckdb")
    dataset = make_dataset("d", "val", image_ids=IMAGES, classes=("a", "b"), masks=False)
    put(store, dataset)
    with store.write() as cursor:
        dark = np.random.default_rng(3).permutation(len(IMAGES)) % 3 == 0
        rows = cursor.execute("SELECT image_id FROM image ORDER BY image_id").fetchall()
        figures = {
            key: (20.0 + index % 7 if dark[index] else 150.0 + index % 9, 40.0 + index % 11)
            for index, (key,) in enumerate(rows)
        }
        put_properties(cursor, figures)
    with store.read() as cursor:
        properties = image_properties(cursor, 1, "val")
    low, _ = bins(properties["object_count"].to_numpy())[-1]
    many = (properties["object_count"] >= low).to_numpy()
    chance = np.random.default_rng(8).random(len(IMAGES)) < 0.3
    for name, wrong in (("weak", dark & many), ("even", chance)):
        predictions = [
            Prediction(image, 0.1, moved(dataset.annotations[image.id].objects, bool(fails)))
            for image, fails in zip(dataset.images, wrong, strict=True)
        ]
        put_run(store, dataset, predictions, name, has_masks=False)
        evaluate_run(store, name)
    return store


@pytest.fixture(scope="module")
def found(planted):
    with planted.read() as cursor:
        return weak_slices(cursor, "weak", "box_ap")


def test_a_planted_weakness_comes_first(found):
    assert [each.name for each in found.conditions[0]] == ["brightness", "object_count"]
    assert found.conditions[0][0].high < 30
    first = found.rows.iloc[0]
    assert first["finding"]
    assert first["difference"] == found.rows["difference"].min()


def test_slices_are_scored_exactly_as_the_filter_they_lead_to(planted, found):
    with planted.read() as cursor:
        properties = image_properties(cursor, 1, "val")
        for index in (0, 1, len(found.rows) - 1):
            ranges = {each.name: (each.low, each.high) for each in found.conditions[index]}
            inside = images_within(properties, ranges)
            rest = sorted(set(properties["image_id"]) - set(inside))
            row = found.rows.iloc[index]
            assert row["images"] == len(inside)
            for images, name in ((inside, "score"), (rest, "rest")):
                (scores,) = score_runs(cursor, ["weak"], images=images)
                assert row[name] == pytest.approx(scores.scores["box_ap"], abs=1e-12)


def test_where_chance_fails_nothing_is_found(planted):
    with planted.read() as cursor:
        even = weak_slices(cursor, "even", "box_ap")
    assert len(even.rows) > 20
    assert not even.rows["finding"].any()
    assert even.rows["p"].is_monotonic_increasing
    assert (even.rows["p"] < LEVEL).mean() < 0.2


def test_no_slice_is_of_few_images_and_none_has_more_than_two_properties(found):
    assert found.rows["images"].between(FEW_IMAGES, len(IMAGES) - FEW_IMAGES).all()
    assert {len(each) for each in found.conditions} == {1, 2}
    assert all(len({part.name for part in each if part.name}) == sum(bool(p.name) for p in each)
               for each in found.conditions)  # fmt: skip


def test_few_images_have_no_slices(planted):
    with planted.read() as cursor:
        none = weak_slices(cursor, "weak", "box_ap", images=range(1, 15))
        assert none.conditions == ()
        assert none.images == 14
        with pytest.raises(UsageError, match="weak has no mask_ap"):
            weak_slices(cursor, "weak", "mask_ap")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3, 1, 2, 4, 6, 5], [(1, 2), (3, 4), (5, 6)]),
        ([0, 0, 0, 0, 0, 1], [(0, 0), (1, 1)]),
        ([0, 0, 0, 1, 2, 2], [(0, 0), (1, 1), (2, 2)]),
        ([5, 5, 5], []),
        ([np.nan, 1, np.nan, 2, 3], [(1, 1), (2, 2), (3, 3)]),
        ([np.nan], []),
    ],
)
def test_bins_are_equal_where_values_allow(values, expected):
    assert bins(np.array(values, float)) == expected


def test_slices_drawn_step_by_step_are_those_drawn_at_once(planted, found):
    with planted.read() as cursor:
        trial = begin_slices(cursor, "weak", "box_ap")
    seen = []
    while not trial.complete:
        part = trial.slices().rows
        assert not part["finding"].any()
        assert part["p_adjusted"].isna().all()
        seen.append(int(part["p"].notna().sum()))
        trial = trial.extended(trial.done + 1, threads=1)
    assert seen[0] == 0
    assert seen == sorted(set(seen))
    assert trial.slices().conditions == found.conditions
    pd.testing.assert_frame_equal(trial.slices().rows, found.rows)
