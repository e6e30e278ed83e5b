"""Shares of wrong pixels by kind as scores, held against the masks that they are counted of."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from core.metrics import PIXEL_PROTOCOLS
from core.metrics.pixel_errors import KINDS
from core.metrics.significance import CORRECTIONS
from core.scoring import Choice, begin_trial, differences, score_runs
from core.scoring.loss_gains import WHOLE, begin_losses, loss_gains
from core.scoring.measures import run_measure
from core.store.queries import catalogue
from tests.core.evaluate.street_scene import CLASSES, street_maps, street_run, street_store
from tests.core.metrics.maps import VOID
from tests.core.metrics.test_pixel_errors import plain_kinds

NAMES = [f"{kind}_error" for kind in KINDS]


@pytest.fixture(scope="module")
def maps():
    """The third image is without class 2, and the last prediction invents class 0."""
    *first, third, (truth, predicted) = street_maps()
    third = tuple(np.where(labels == 2, 1, labels) for labels in third)
    return [*first, third, (np.where(truth == 0, 1, truth), predicted)]


@pytest.fixture(scope="module")
def store(tmp_path_factory, maps):
    return street_store(tmp_path_factory.mktemp("streets"), maps)


def plain_counts(truth, predicted):
    """Return (C, 5): pixels wrong by kind, the union, and the annotated pixels of each class."""
    missed, added = plain_kinds(truth, predicted, CLASSES)
    table = np.zeros((CLASSES, 5))
    for each in range(CLASSES):
        true, seen = truth == each, (predicted == each) & (truth != VOID)
        for place in range(3):
            wrong = (true & (missed == place + 1)).sum() + (seen & (added == place + 1)).sum()
            table[each, place] = wrong
        table[each, 3:] = (true | seen).sum(), true.sum()
    return table


def plain_shares(maps, protocol="mmseg", classes=range(CLASSES)):
    """Return (3, 1 + C): of each kind its mean share over the classes, then those of classes."""
    with np.errstate(invalid="ignore"):
        each = np.array([plain_counts(*pair) for pair in maps])
        if protocol == "per-image":
            shares = each[..., :3] / each[..., 3:4]
            means = mean_of(mean_of(shares[:, classes], 1), 0)
            return np.column_stack([means, mean_of(shares, 0).T])
        total = each.sum(axis=0)
        shares = total[:, :3] / total[:, 3:4]
        there = [c for c in classes if protocol == "mmseg" or total[c, 4]]
        return np.column_stack([mean_of(shares[there], 0), shares.T])


def mean_of(shares, axis):
    """Return the mean of those there are, NaN of none."""
    with warnings.catch_warnings(action="ignore"):
        return np.nanmean(shares, axis=axis)


def scored(store, **how):
    with store.read() as cursor:
        (one,) = score_runs(cursor, ["net"], **how)
    return one


@pytest.mark.parametrize("protocol", PIXEL_PROTOCOLS)
@pytest.mark.parametrize("images", [None, [3], [1, 4], [4]])
@pytest.mark.parametrize("classes", [None, (0, 2)])
def test_scores_are_those_of_the_masks(store, maps, protocol, images, classes):
    choice = Choice(protocol=protocol, classes=classes)
    one = scored(store, images=images, choice=choice)
    chosen = maps if images is None else [maps[key - 1] for key in images]
    meant = range(CLASSES) if classes is None else classes
    for name, expected in zip(NAMES, plain_shares(chosen, protocol, meant), strict=True):
        assert one.scores[name] == pytest.approx(expected[0], abs=1e-15)
        ours = one.classes[name].to_numpy()
        np.testing.assert_allclose(ours, expected[1:][list(meant)], rtol=0, atol=1e-15)


@pytest.mark.parametrize("protocol", PIXEL_PROTOCOLS)
def test_errors_and_the_iou_make_one_by_every_protocol(store, protocol):
    one = scored(store, choice=Choice(protocol=protocol))
    assert sum(one.scores[name] for name in ["miou", *NAMES]) == pytest.approx(1, abs=1e-15)
    np.testing.assert_allclose(one.classes[["miou", *NAMES]].sum(axis=1), 1, atol=1e-15)


@pytest.mark.parametrize("protocol", PIXEL_PROTOCOLS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("classes", [None, (0, 2)])
def test_measures_are_the_scores_of_the_images_that_are_drawn(store, maps, protocol, name, classes):
    choice = Choice(protocol=protocol, classes=classes)
    with store.read() as cursor:
        (run,) = catalogue.runs(cursor).itertuples(index=False)
        measure = run_measure(cursor, run, name, np.arange(1, 5), choice)
    weights = np.array([[1, 1, 1, 1], [0, 2, 1, 1], [4, 0, 0, 0], [0, 0, 1, 3], [0, 0, 0, 2]])
    for drawn, ours in zip(weights, measure.scores(weights), strict=True):
        repeated = [maps[place] for place in np.repeat(np.arange(4), drawn)]
        expected = plain_shares(repeated, protocol, classes or range(CLASSES))[NAMES.index(name)]
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)


@pytest.fixture(scope="module")
def pair(tmp_path_factory, maps):
    """The runs "net", and "better", which is right on the first two images."""
    store = street_store(tmp_path_factory.mktemp("pair"), maps)
    right = [(truth, np.where(truth == VOID, 0, truth)) for truth, _ in maps]
    street_run(store, right[:2] + maps[2:], "better")
    return store


def test_what_is_gained_in_iou_is_lost_of_errors(pair):
    with pair.read() as cursor:
        trial = begin_losses(cursor, ["net", "better"]).extended(200)
        alone = [begin_trial(cursor, ["net", "better"], name) for name in ["miou", *NAMES]]
    assert (trial.done, trial.complete) == (200, False)
    found = pd.concat([loss_gains(trial, only=only) for only in (-1, 0, 1, 2)])
    gains = found.pivot_table(index="class", columns="part", values="difference")
    assert list(gains.index) == [-1, 0, 1, 2]
    assert gains.loc[-1, WHOLE] > 0.01
    np.testing.assert_allclose(gains[[*KINDS]].sum(axis=1), gains[WHOLE], rtol=0, atol=1e-12)
    for part, each in zip([WHOLE, *KINDS], alone, strict=True):
        expected = differences(each.extended(200))
        ends = expected[["low", "difference", "high"]].to_numpy()
        own = found[found["part"] == part]
        meant = ends if part == WHOLE else -ends[:, ::-1]
        np.testing.assert_array_equal(own[["low", "difference", "high"]], meant)
        assert own["p"].tolist() == expected["p"].tolist()


@pytest.mark.parametrize("names", [None, {"class 0", "class 2"}])
def test_kinds_are_corrected_over_all_that_are_looked_at(pair, names, monkeypatch):
    monkeypatch.setitem(CORRECTIONS, "counting", lambda p: p + 10 * len(p))
    with pair.read() as cursor:
        trial = begin_losses(cursor, ["net", "better"]).extended(50)
    classes = 3 if names is None else 2
    for only, expected in (
        (-1, [0, 30, 30, 30]),
        (0, [10 * classes, *[30 * classes] * 3]),
        (2, [10 * classes, *[30 * classes] * 3]),
    ):
        found = loss_gains(trial, "counting", names, only=only)
        assert found["part"].tolist() == [WHOLE, *KINDS]
        assert found["class"].tolist() == [only] * 4
        assert (found["p_adjusted"] - found["p"]).tolist() == pytest.approx(expected)
    assert loss_gains(trial, "counting", names, only=7).empty


def test_where_nothing_is_wrong_the_errors_are_none(tmp_path, maps):
    right = [(truth, np.where(truth == VOID, 0, truth)) for truth, _ in maps]
    one = scored(street_store(tmp_path, right))
    assert [one.scores[name] for name in ["miou", *NAMES]] == [1, 0, 0, 0]


def test_kinds_that_were_not_counted_are_no_score(tmp_path, maps):
    store = street_store(tmp_path, maps)
    with store.write() as cursor:
        cursor.execute("DELETE FROM pixel_error_count")
    one = scored(store)
    assert [one.scores[name] for name in NAMES] == [None] * 3
    assert not set(NAMES) & set(one.classes.columns)
    assert one.scores["miou"] is not None
