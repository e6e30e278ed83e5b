"""Rows and columns of a confusion matrix: groups, what is opened, what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from pages.ui.confusion_rows import (
    ALIKE,
    CONFUSED,
    EVERY,
    GIVEN,
    GROUPS,
    MOST,
    Entry,
    entries_of,
    groups_of,
    modes,
    ordered,
)

NAMES = ("cat", "dog", "animal", "bus", "background")
SUPER = ("animal", "animal", "", "vehicle")
GROUPED = groups_of(NAMES, SUPER)


def counts(cells, classes=5):
    matrix = np.zeros((classes + 1, classes + 1), np.int64)
    for (truth, predicted), amount in cells.items():
        matrix[truth, predicted] = amount
    return matrix


def test_every_class_is_in_one_group():
    assert sorted(index for own in GROUPED.values() for index in own) == [0, 1, 2, 3, 4]
    assert GROUPED["animal"] == [0, 1]  # not the class of that name, which has no group
    assert GROUPED["vehicle"] == [3]


def test_few_classes_are_shown_at_once_and_many_in_groups():
    assert modes(GROUPED, 5) == [EVERY, GROUPS, "in animal"]
    assert modes(GROUPED, 31)[0] == GROUPS
    assert modes(groups_of(["x"] * 31, []), 31)[0] == MOST


@pytest.mark.parametrize("mode", [EVERY, GROUPS, MOST, "in animal"])
@pytest.mark.parametrize("around", [None, 3])
def test_all_classes_stand_in_the_rows_once_under_different_names(mode, around):
    matrix = counts({(3, 0): 5, (0, 3): 1, (1, 2): 9})
    entries = entries_of(mode, NAMES, GROUPED, matrix, around)
    assert sorted(index for entry in entries for index in entry.classes) == [0, 1, 2, 3, 4]
    assert len({entry.label for entry in entries}) == len(entries)


def test_a_group_called_as_a_class_is_told_apart():
    entries = entries_of(GROUPS, NAMES, GROUPED, counts({}))
    assert Entry("animal (group)", (0, 1), "in animal") in entries
    assert Entry("animal", (2,)) in entries


def test_an_opened_group_comes_first_class_by_class():
    entries = entries_of("in animal", NAMES, GROUPED, counts({}))
    assert [entry.label for entry in entries][:2] == ["cat", "dog"]


def test_around_a_class_stand_those_it_is_confused_with_the_most_first():
    matrix = counts({(3, 0): 2, (1, 3): 5, (3, 3): 50, (0, 4): 99})
    entries = entries_of(EVERY, NAMES, GROUPED, matrix, around=3)
    assert [entry.label for entry in entries] == ["bus", "dog", "cat", "other classes"]
    assert entries[-1].classes == (2, 4)


def test_order_and_what_is_not_there():
    matrix = counts({(0, 3): 7, (1, 1): 4, (3, 5): 1, (5, 4): 1})
    entries = entries_of(EVERY, NAMES, GROUPED, matrix)
    labels = {
        order: [entry.label for entry in ordered(entries, order, matrix)]
        for order in (GIVEN, ALIKE, CONFUSED)
    }
    # nothing is annotated or predicted as the class "animal"
    assert labels[GIVEN] == ["cat", "dog", "bus", "background"]
    assert labels[CONFUSED] == ["cat", "bus", "dog", "background"]
    places = [labels[ALIKE].index(name) for name in ("cat", "bus")]
    assert abs(places[0] - places[1]) == 1
