"""Votes on label maps against a count pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fusion.shares import shares_of
from core.fusion.voting import vote
from core.geometry import confidence

VOID = 255


def plain_vote(maps, certainties, shares):
    height, width = maps[0].shape
    labels = shares.shape[1]
    elected = np.full((height, width), VOID)
    agreement = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            votes, given_by = {}, []
            for member, label_map in enumerate(maps):
                label = int(label_map[row, column])
                if label == VOID:
                    continue
                steps = certainties[member]
                sure = 255 if steps is None else int(steps[row // 4, column // 4])
                votes[label] = votes.get(label, 0.0) + shares[member, label] * sure
                given_by.append(label)
            if not votes:
                continue
            most = max(votes.values())
            elected[row, column] = next(label for label in given_by if votes[label] == most)
            total = sum(votes.values())
            agreement[row, column] = most / total if total else 0
    assert elected[elected != VOID].max(initial=0) < labels
    return elected, agreement


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 9), st.integers(1, 9))
def test_votes_are_counted_as_one_would_by_hand(seed, members, height, width):
    rng = np.random.default_rng(seed)
    labels = int(rng.integers(1, 5))
    maps = rng.integers(0, labels, (members, height, width)).astype(np.uint8)
    maps[rng.random(maps.shape) < 0.3] = VOID
    cells = confidence.cells_of(height, width)
    certainties = [
        None if rng.random() < 0.3 else rng.choice([0, 51, 255], cells).astype(np.uint8)
        for _ in range(members)
    ]
    shares = shares_of(rng.choice([0, 0.5, 1.0], (members, labels)), 1.0, 0.1)
    elected, agreement = vote(list(maps), certainties, shares)
    expected, share = plain_vote(maps, certainties, shares)
    np.testing.assert_array_equal(elected, expected)
    np.testing.assert_array_equal(agreement, confidence.quantise(np.minimum(share, 1)))


def test_one_member_alone_gets_its_map_back():
    rng = np.random.default_rng(0)
    label_map = rng.integers(0, 3, (9, 7)).astype(np.uint8)
    label_map[4, 4] = VOID
    elected, agreement = vote([label_map], [None], np.ones((1, 3)))
    np.testing.assert_array_equal(elected, label_map)
    assert agreement[0, 0] == 255


def test_of_equal_votes_the_first_member_decides():
    one, other = np.full((4, 4), 2, np.uint8), np.full((4, 4), 1, np.uint8)
    shares = np.full((2, 3), 0.5)
    assert (vote([one, other], [None, None], shares)[0] == 2).all()
    assert (vote([other, one], [None, None], shares)[0] == 1).all()


def test_where_nobody_has_a_share_the_first_member_decides_and_is_not_certain():
    one, other = np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint8)
    elected, agreement = vote([one, other], [None, None], np.array([[0, 1.0], [1.0, 0]]))
    assert (elected == 0).all()
    assert (agreement == 0).all()


def test_void_stays_void_between_maps_of_8_and_16_bits():
    small = np.array([[0, 255]], np.uint8)
    large = np.array([[65535, 65535]], np.uint16)
    shares = np.full((2, 300), 0.5)
    elected, _ = vote([small, large], [None, None], shares)
    assert elected.dtype == np.uint16
    assert elected.tolist() == [[0, 65535]]
    elected, _ = vote([small, large], [None, None], shares[:, :4])
    assert elected.dtype == np.uint8
    assert elected.tolist() == [[0, 255]]


def test_labels_that_there_are_not_and_wrong_sizes_are_refused():
    label_map = np.full((4, 4), 3, np.uint8)
    with pytest.raises(ValueError, match="the label 3, but there are 3 labels"):
        vote([label_map], [None], np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"\(2, 2\) cells, expected \(1, 1\)"):
        vote([label_map], [np.zeros((2, 2), np.uint8)], np.ones((1, 4)))
    with pytest.raises(ValueError, match="shape"):
        vote([label_map, label_map[:2]], [None, None], np.ones((2, 4)) / 2)
