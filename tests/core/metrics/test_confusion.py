"""Which prediction takes which object when classes are ignored, and the matrices made of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import confusion_matrix as sklearn_matrix

from core.metrics import confusion, matching, overlap
from core.metrics.confusion import NOTHING, WHOLES, confusion_matrix, merged, shares
from tests.core.metrics import reference
from tests.core.metrics.coco_tables import tables
from tests.core.metrics.scenes import CATEGORIES, crowded_scene, drawn, scene, scenes

OBJECT = [0, 0, 20, 20]
FIRST, SECOND = CATEGORIES[:2]


def assigned(truth, predicted, geometry="box", threshold=0.5):
    pairs = overlap.overlapping_pairs(truth, predicted, geometry)
    _, rank = matching.rank_predictions(predicted)
    taken = confusion.assign_objects(truth, predicted, pairs, threshold, rank < 100)
    return np.append(pairs.rows, -1)[taken]


def plain(truth, predicted, geometry, threshold):
    """Take the free annotation of the highest overlap, prediction by prediction."""
    overlaps = reference.overlap_matrix(truth, predicted, geometry)
    taken, found = set(), np.full(len(predicted), -1)
    for i in np.argsort(-predicted.scores, kind="stable"):
        free = [
            j
            for j in np.flatnonzero(truth.images == predicted.images[i])
            if j not in taken and not truth.crowd[j] and overlaps[i, j] >= threshold
        ]
        if free and reference.rank(predicted, i) < 100:
            same = truth.categories == predicted.categories[i]
            found[i] = max(free, key=lambda j: (overlaps[i, j], same[j], j))
            taken.add(found[i])
    return found


@pytest.mark.parametrize("geometry", ["box", "mask"])
@settings(max_examples=40, deadline=None)
@given(drawn_scene=scenes())
def test_any_scene_is_assigned_by_the_rule(geometry, drawn_scene):
    truth, predicted = tables(*drawn_scene, geometry)
    for threshold in (0.5, 0.75):
        ours = assigned(truth, predicted, geometry, threshold)
        assert ours.tolist() == plain(truth, predicted, geometry, threshold).tolist()


@pytest.mark.parametrize("seed", range(2))
def test_crowded_scenes_are_assigned_by_the_rule(seed):
    truth, predicted = tables(*crowded_scene(seed))
    assert assigned(truth, predicted).tolist() == plain(truth, predicted, "box", 0.5).tolist()


def test_leaving_out_unsure_predictions_changes_nothing_for_the_others():
    truth, predictions = crowded_scene(seed=5)
    of_truth, of_predicted = tables(truth, predictions)
    above = of_predicted.scores >= 0.3
    only = tables(truth, [one for one in predictions if one["score"] >= 0.3])
    assert assigned(of_truth, of_predicted)[above].tolist() == assigned(*only).tolist()


def test_the_class_decides_between_two_objects_with_one_box():
    truth = [drawn(OBJECT, category=c, area=400, iscrowd=0) for c in (FIRST, SECOND)]
    for category, row in ((FIRST, 0), (SECOND, 1), (CATEGORIES[2], 1)):
        pair = tables(*scene(truth, [drawn(OBJECT, category=category, score=0.5)]))
        assert assigned(*pair).tolist() == [row]


def test_the_surer_prediction_takes_the_object_whatever_its_class():
    truth = [drawn(OBJECT, area=400, iscrowd=0)]
    predictions = [drawn(OBJECT, score=0.5), drawn(OBJECT, category=SECOND, score=0.6)]
    assert assigned(*tables(*scene(truth, predictions))).tolist() == [-1, 0]


def test_matrix_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    truth, predicted = rng.integers(0, 6, (2, 500))
    ours = confusion_matrix(truth, predicted, np.ones(500, int), 6)
    assert np.array_equal(ours[:6, :6], sklearn_matrix(truth, predicted))
    assert ours[6].sum() == ours[:, 6].sum() == 0


def test_nothing_is_the_last_row_and_column():
    matrix = confusion_matrix([0, NOTHING, 1], [NOTHING, 1, 1], [2, 3, 2**40], 2)
    assert matrix.tolist() == [[0, 0, 2], [0, 2**40, 0], [0, 3, 0]]


def test_class_indices_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"predicted holds class indices 0\.\.2, but there are 2"):
        confusion_matrix([0, 1], [0, 2], [1, 1], 2)
    with pytest.raises(ValueError, match=r"truth holds class indices -2\.\.1, but there are 2"):
        confusion_matrix([-2, 1], [0, 1], [1, 1], 2)


@pytest.mark.parametrize(
    ("whole", "normalize"),
    [("annotated", "true"), ("predicted", "pred"), ("everything", "all")],
)
def test_shares_are_those_of_scikit_learn(whole, normalize):
    rng = np.random.default_rng(2)
    truth, predicted = rng.integers(0, 5, (2, 300))
    ours = shares(confusion_matrix(truth, predicted, np.ones(300, int), 5)[:5, :5], whole)
    assert np.array_equal(ours, sklearn_matrix(truth, predicted, normalize=normalize))


def test_a_share_of_nothing_does_not_exist():
    matrix = np.array([[3, 1, 0], [0, 0, 0], [2, 0, 0]])
    of_rows, of_columns, of_all = (shares(matrix, whole) for whole in WHOLES)
    assert of_rows[0].tolist() == [0.75, 0.25, 0]
    assert np.isnan(of_rows[1]).all()
    assert np.isnan(of_columns[:, 2]).all()
    assert of_columns[:, 0].tolist() == [0.6, 0, 0.4]
    assert not np.isnan(of_all).any()
    assert np.isnan(shares(np.zeros((2, 2), np.int64), WHOLES[2])).all()


def test_merged_classes_are_counted_as_if_they_were_one():
    rng = np.random.default_rng(3)
    groups = [[4], [0, 3], [1, 2, 5]]
    of_class = {index: place for place, group in enumerate(groups) for index in group}
    of_class[NOTHING] = NOTHING
    truth, predicted = rng.integers(-1, 6, (2, 200))
    amounts = rng.integers(1, 2**40, 200)
    ours = merged(confusion_matrix(truth, predicted, amounts, 6), groups)
    renamed = ([of_class[int(index)] for index in side] for side in (truth, predicted))
    assert np.array_equal(ours, confusion_matrix(*renamed, amounts, 3))


def blocks(order, confused):
    """Return a matrix in which the pairs of `confused` are taken for each other."""
    matrix = np.diag([20] * len(order)).astype(np.int64)
    for a, b in confused:
        matrix[a, b] += 8
        matrix[b, a] += 6
    return np.pad(matrix, (0, 1))


@pytest.mark.parametrize("seed", range(4))
def test_classes_that_are_confused_stand_together(seed):
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(40).tolist()
    groups = [shuffled[start : start + 4] for start in range(0, 24, 4)]  # and 16 by themselves
    pairs = [(g[i], g[i + 1]) for g in groups for i in range(3)]
    places = np.argsort(confusion.similar_order(blocks(range(40), pairs)))
    for group in groups:
        own = sorted(places[group])
        assert own[-1] - own[0] == len(group) - 1


def test_the_ends_that_are_most_alike_meet():
    order = confusion.similar_order(blocks(range(5), [(0, 4), (4, 2), (0, 4)])).tolist()
    assert order in ([0, 4, 2, 1, 3], [2, 4, 0, 1, 3])


def test_every_class_keeps_a_place_in_each_order():
    for matrix in (
        np.zeros((1, 1), np.int64),
        np.zeros((2, 2), np.int64),
        np.zeros((6, 6), np.int64),
        blocks(range(5), []),
        blocks(range(5), [(0, 4)]),
    ):
        classes = list(range(len(matrix) - 1))
        assert sorted(confusion.similar_order(matrix)) == classes
        assert sorted(confusion.most_confused_order(matrix)) == classes


def test_most_confused_class_comes_first_whatever_is_missed():
    matrix = blocks(range(4), [(2, 3), (2, 1)])
    matrix[0, -1] = 1000
    assert confusion.most_confused_order(matrix).tolist() == [2, 1, 3, 0]
