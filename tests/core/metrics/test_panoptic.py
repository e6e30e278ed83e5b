"""Panoptic quality: segments held against masks compared one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.metrics import panoptic
from core.metrics.panoptic import Segments
from tests.core.metrics.panoptic_reference import counts as reference
from tests.core.metrics.panoptic_reference import qualities

VOID = 255
CLASSES = 3


def rows(counts):
    parts = (counts.classes, counts.tp, counts.fp, counts.fn, counts.iou)
    return {
        each: amounts for each, *amounts in zip(*(part.tolist() for part in parts), strict=True)
    }


def plain(truth, predicted):
    """Return the reference's counts of the segments."""
    ids, answers = (
        np.where(s.places == VOID, -1, s.places.astype(int)) + 1 for s in (truth, predicted)
    )
    names = {
        place + 1: (int(each), bool(crowd))
        for place, (each, crowd) in enumerate(zip(truth.classes, truth.crowd, strict=True))
        if each >= 0
    }
    given_classes = {p + 1: int(c) for p, c in enumerate(predicted.classes) if c >= 0}
    return reference(ids, names, answers, given_classes)


def segments(places, classes, crowd=()):
    crowd = np.isin(np.arange(len(classes)), crowd)
    return Segments(np.array(places, np.uint8), np.array(classes, np.int64), crowd)


def counted(truth, predicted):
    ours = rows(panoptic.count_segments(truth, predicted, CLASSES))
    expected = plain(truth, predicted)
    assert ours.keys() == expected.keys()
    for each, row in ours.items():
        assert row[:3] == expected[each][:3]
        assert row[3] == pytest.approx(expected[each][3], abs=1e-12)
    return ours


@st.composite
def scenes(draw):
    """Draw two images of few pixels and many segments, so that matches are close to .5."""
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 6)))
    numbers = st.sampled_from([0, 0, 1, 1, 2, 3, 4, VOID])
    truth = draw(arrays(np.uint8, shape, elements=numbers))
    copied = draw(arrays(np.bool_, shape, elements=st.sampled_from([True, True, True, False])))
    own = draw(arrays(np.uint8, shape, elements=numbers))
    classes = draw(st.lists(st.integers(-1, CLASSES - 1), min_size=5, max_size=5))
    changed = draw(st.lists(st.integers(0, CLASSES - 1), min_size=5, max_size=5))
    same = draw(st.booleans())
    crowd = draw(st.lists(st.integers(0, 4), max_size=2))
    answers = [max(each, 0) for each in classes] if same else changed
    predicted = segments(np.where(copied, truth, own), answers)
    return segments(truth, classes, crowd), predicted


@settings(deadline=None)
@given(scenes())
def test_hostile_scenes_are_counted_as_by_their_masks(scene):
    counted(*scene)


def test_an_iou_of_exactly_one_half_is_no_match():
    truth = segments([[0, 0, VOID, 1]], [0, 1])
    assert counted(truth, segments([[0, 1, 1, 1]], [0, 2])) == {
        0: [0, 1, 1, 0.0],
        1: [0, 0, 1, 0.0],
        2: [0, 1, 0, 0.0],
    }


def test_void_is_not_part_of_the_union():
    truth = segments([[0, 0, 0, VOID, VOID, VOID, VOID]], [1])
    assert counted(truth, segments([[0, 0, 0, 0, 0, 0, 0]], [1])) == {1: [1, 0, 0, 1.0]}


@pytest.mark.parametrize(("on_void", "extra"), [(2, 1), (3, 0)])
def test_more_than_half_on_void_excuses(on_void, extra):
    places = np.full(4, VOID)
    places[on_void:] = 0
    found = counted(segments([places], [0]), segments([[0, 0, 0, 0]], [1]))
    assert found.get(1, [0, 0, 0, 0.0])[1] == extra


def test_void_and_crowd_of_the_class_excuse_together_and_other_crowd_does_not():
    truth = segments([[VOID, 0, 1, 1]], [0, 1], crowd=[0])
    assert 0 not in counted(truth, segments([[0, 0, 0, VOID]], [0]))
    assert counted(truth, segments([[0, 0, 0, VOID]], [2]))[2] == [0, 1, 0, 0.0]


def test_crowd_is_neither_matched_nor_missed():
    truth = segments([[0, 0]], [0], crowd=[0])
    assert counted(truth, segments([[0, 0]], [0])) == {}
    assert counted(truth, segments([[VOID, VOID]], [0])) == {}


def test_sizes_that_differ_are_refused():
    with pytest.raises(ValueError, match="truth is"):
        panoptic.count_segments(segments([[0, 0]], [0]), segments([[0]], [0]), CLASSES)


def test_annotations_become_segments():
    label_map = np.array([[0, 0, 0, 1], [2, 2, VOID, 3]], np.uint8)
    owners = np.array([[0, 1, 2, 0], [2, 2, 0, 2]], np.uint8)
    things = np.array([True, False, False, False])
    found = panoptic.annotated_segments(
        label_map, owners, np.array([0, 0]), np.array([False, True]), things, 3
    )
    # the third pixel has no object; the fourth's object is another class than the map says
    assert found.places.tolist() == [[0, 1, 2, 3], [4, 4, VOID, 5]]
    assert found.classes.tolist() == [0, 0, 0, 1, 2, -1]
    assert found.crowd.tolist() == [False, True, True, False, False, False]


def test_predictions_become_segments():
    label_map = np.array([[0, 0, 1, 1], [2, VOID, 3, 1]], np.uint8)
    owners = np.array([[0, 3, 2, 3], [3, 3, 3, 1]], np.uint8)
    things = np.array([True, False, False, False])
    categories = np.array([0, 0, 2])
    found = panoptic.predicted_segments(label_map, owners, categories, things, 3)
    # the third object is of stuff, and one with the map's; a thing of the map alone is none
    assert found.places.tolist() == [[0, VOID, 5, 4], [5, VOID, VOID, 1]]
    assert found.classes.tolist() == [0, 0, 2, -1, 1, 2, -1]
    assert not found.crowd.any()
    alone = panoptic.predicted_segments(None, owners, categories, things, 3)
    assert alone.places.tolist() == [[0, VOID, 5, VOID], [VOID, VOID, VOID, 1]]


def test_scores_are_those_of_panopticapi():
    table = [(2, 1, 0, 1.5), (0, 1, 2, 0.0), (0, 0, 0, 0.0), (3, 0, 0, 2.25)]
    keys, tallies = panoptic.tallies([7, 7, 7, 9], [0, 1, 2, 3], table, 4)
    assert keys.tolist() == [7, 9]
    tally = tallies.summed()
    formulas = (
        panoptic.panoptic_quality,
        panoptic.segmentation_quality,
        panoptic.recognition_quality,
    )
    scores = np.array([formula(tally) for formula in formulas])
    for each in (0, 1, 3):
        assert scores[:, each].tolist() == pytest.approx(qualities(table[each]))
    assert np.isnan(scores[:, 2]).all()
    np.testing.assert_allclose(scores[0], scores[1] * scores[2])
