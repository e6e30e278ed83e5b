"""Class against class from a store, held against counting object by object."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as sklearn_matrix

from core import fusion
from core.metrics import matching, overlap
from core.metrics.matching import AREA_RANGES
from core.scoring.confusion import (
    assigned_objects,
    confused_objects,
    object_confusion,
    pixel_confusion,
)
from core.store.queries import counts
from core.structures import void_of
from tests.core.metrics.test_confusion import assigned
from tests.core.scoring.conftest import some_of

SIZES = {"all": AREA_RANGES[0], "small": AREA_RANGES[1], "large": AREA_RANGES[3]}


def plain(tables, geometry, threshold, least, size="all"):
    """Count (truth, predicted) of each object that only the predictions above a score answer."""
    truth, predicted = tables
    predicted = predicted.where(predicted.scores >= least)
    taken = assigned(truth, predicted, geometry, threshold)
    ignored = matching.match_objects(truth, predicted, geometry).ignored
    step = round((threshold - 0.5) / 0.05)
    low, high = SIZES[size]
    counted = Counter()
    for row, annotation in enumerate(taken):
        excused = int(ignored[row]) >> step & 1
        area = predicted.areas[row] if annotation < 0 else truth.areas[annotation]
        if low <= area <= high and not (annotation < 0 and excused):
            category = truth.categories[annotation] if annotation >= 0 else -1
            counted[int(category), int(predicted.categories[row])] += 1
    for row in set(np.flatnonzero(~truth.crowd)) - set(taken):
        if low <= truth.areas[row] <= high:
            counted[int(truth.categories[row]), -1] += 1
    return counted


def as_counter(matrix):
    places = [*range(len(matrix) - 1), -1]
    return Counter({(places[a], places[b]): n for (a, b), n in np.ndenumerate(matrix) if n})


@pytest.mark.parametrize("geometry", ["box", "mask"])
@pytest.mark.parametrize(("step", "least"), [(0, 0.0), (0, 0.5), (5, 0.3), (9, 0.95)])
def test_matrix_counts_every_object_once(erring, geometry, step, least):
    with erring.store.read() as cursor:
        found = assigned_objects(cursor, erring.run, geometry, step)
    threshold = float(matching.IOU_THRESHOLDS[step])
    matrix = object_confusion(found.objects(least), 4)
    expected = plain(erring.tables(), geometry, threshold, least)
    assert as_counter(matrix) == expected
    truth, _ = erring.tables()
    annotated = np.bincount(truth.categories[~truth.crowd], minlength=4)
    assert matrix[:4].sum(axis=1).tolist() == annotated.tolist()


@pytest.mark.parametrize("size", ["small", "large"])
def test_size_is_that_of_the_annotation_else_of_the_prediction(erring, size):
    with erring.store.read() as cursor:
        found = assigned_objects(cursor, erring.run, "box", 0)
    matrix = object_confusion(found.objects(0.3, size), 4)
    assert as_counter(matrix) == plain(erring.tables(), "box", 0.5, 0.3, size)


def test_images_can_be_chosen(erring):
    places = [0, 6, 13, 20]
    with erring.store.read() as cursor:
        keys = [place + 1 for place in places]
        found = assigned_objects(cursor, erring.run, "mask", 1, images=keys)
        images, _ = pixel_confusion(cursor, erring.run, 4, images=keys)
    expected = plain(some_of(erring, places), "mask", 0.55, 0.3)
    assert as_counter(object_confusion(found.objects(0.3), 4)) == expected
    assert found.images == images == 4


def objects_of_cell(filled, least, **cell):
    with filled.store.read() as cursor:
        found = {1: assigned_objects(cursor, filled.run, "box", 0)}
    return confused_objects(found, least, **cell)


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [((0,), (0,)), ((3,), (2,)), ((2,), (-1,)), ((-1,), (2,)), ((1,), None), (None, (-1, 0))],
)
def test_objects_of_cells_are_those_that_they_count(erring, truth, predicted):
    found = objects_of_cell(erring, 0.3, truth=truth, predicted=predicted)
    counted = plain(erring.tables(), "box", 0.5, 0.3)
    inside = {
        cell: n
        for cell, n in counted.items()
        if (truth is None or cell[0] in truth) and (predicted is None or cell[1] in predicted)
    }
    assert len(found) == sum(inside.values()) > 0
    assert set(found["run_id"]) == {1}
    named = Counter(b if b != -1 else a for (a, b), n in inside.items() for _ in range(n))
    assert Counter(found["class"].tolist()) == named


def test_objects_of_several_runs_stand_together(erring):
    with erring.store.read() as cursor:
        found = assigned_objects(cursor, erring.run, "box", 0)
    one = confused_objects({1: found}, 0.3, size="small")
    both = confused_objects({1: found, 7: found}, 0.3, size="small")
    assert len(both) == 2 * len(one) > 0
    assert both["run_id"].value_counts().to_dict() == {1: len(one), 7: len(one)}


def test_objects_of_a_cell_name_the_annotation_they_take(erring):
    truth, predicted = erring.tables()
    pairs = overlap.overlapping_pairs(truth, predicted, "box")
    found = objects_of_cell(erring, 0.0, truth=(3,), predicted=(2,))
    assert len(found) >= 2
    for row in found.itertuples():
        (place,) = np.flatnonzero((truth.images == row.image_id) & (truth.indices == row.nearest))
        (own,) = np.flatnonzero(
            (predicted.images == row.image_id) & (predicted.indices == row.object_index)
        )
        (pair,) = np.flatnonzero((pairs.rows == place) & (pairs.predictions == own))
        assert row.nearest_class == truth.categories[place] == 3
        assert row.nearest_iou == pairs.overlaps[pair] >= 0.5
        assert row.area == truth.areas[place]
        assert not truth.crowd[place]


def test_unsure_and_missed_objects_come_last(erring):
    found = objects_of_cell(erring, 0.3)
    scores = found["score"].to_numpy()
    sure = scores[~np.isnan(scores)]
    assert (np.diff(sure) <= 0).all()
    assert np.isnan(scores[len(sure) :]).all()
    assert set(found["kind"][len(sure) :]) == {"missed"}


@pytest.mark.parametrize("places", [range(30), [1, 4, 20]])
def test_pixel_matrix_is_that_of_scikit_learn(erring, places):
    truths, answers = [], []
    for place in places:
        image = erring.dataset.images[place]
        truth = erring.dataset.annotations[image.id].label_map
        objects = erring.predictions[place].objects
        painted = fusion.paint(objects, image.height, image.width, 4, threshold=0.5)
        labelled = truth != void_of(truth)
        truths.append(truth[labelled])
        answers.append(painted[labelled])
    # without a class that means nothing, 4 stands for pixels that nothing was painted on
    expected = sklearn_matrix(np.concatenate(truths), np.concatenate(answers), labels=range(5))
    with erring.store.read() as cursor:
        keys = [place + 1 for place in places]
        images, matrix = pixel_confusion(cursor, erring.run, 4, images=keys)
    assert images == len(places)
    assert np.array_equal(matrix, expected)


def test_pixels_are_those_that_were_counted(erring):
    with erring.store.read() as cursor:
        images, matrix = pixel_confusion(cursor, erring.run, 4)
        total = cursor.execute("SELECT sum(pixels) FROM pixel_count").fetchone()[0]
        one = cursor.execute(
            "SELECT sum(pixels) FROM pixel_count WHERE truth = 1 AND predicted = -1"
        ).fetchone()[0]
    assert images == 30
    assert matrix.sum() == total
    assert matrix[1, -1] == one


@pytest.mark.parametrize(
    ("truth", "predicted"), [((0,), (1,)), ((1, 2), (-1,)), (None, (0, 3)), ((3,), None)]
)
def test_pixels_of_cells_are_found_on_their_images(erring, truth, predicted):
    keys = (2, 5, 11, 20)
    with erring.store.read() as cursor:
        found = counts.confused_pixels(cursor, (1,), truth, predicted, keys)
        rows = counts.pixel_rows(cursor, 1)
    expected = Counter()
    for row in rows.itertuples():
        if (
            row.image_id in keys
            and (truth is None or row.truth in truth)
            and (predicted is None or row.predicted in predicted)
        ):
            expected[row.image_id] += row.pixels
    assert dict(zip(found["image_id"], found["pixels"], strict=True)) == expected
    assert len(expected) > 0
