"""Shares, and recipes as files."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from core.fusion.combine import combine
from core.fusion.painting import paint
from core.fusion.recipe import (
    Fitted,
    MapVoting,
    Member,
    ObjectFusion,
    Recipe,
    read_recipe,
)
from core.fusion.shares import EXPONENTS, shares_of
from core.structures import Prediction
from tests.factories import CLASS_NAMES, make_image, make_label_map, make_objects

NAN = float("nan")


def member(name, threshold=None):
    return Member(name, name, "f" * 64, {"conf": 0.1, "size": [4, 4]}, threshold)


def make_recipe(**changes):
    halves = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    made = Recipe(
        classes=CLASS_NAMES,
        background=None,
        members=(member("one", 0.3), member("two")),
        objects=ObjectFusion(True, 0.5, "best", halves),
        maps=MapVoting(False, False, 1.0, ((0.5,) * 4, (0.5,) * 4)),
        fitted=Fitted("shapes", "val", "0" * 64, 5, {"one": {"box_ap": 0.5}}, {}),
    )
    return replace(made, **changes)


def write(tmp_path, content):
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_shares_sum_to_one_and_follow_scores(exponent):
    scores = np.array([[0.8, 0.05, NAN, 0.0], [0.4, 0.9, NAN, 0.05], [0.2, NAN, NAN, NAN]])
    shares = shares_of(scores, exponent, floor=0.1)
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    assert shares[:, 1].tolist() == [0, 1, 0]  # below the floor, and without a score
    np.testing.assert_allclose(shares[:, 2:], 1 / 3)  # nobody is known to be any good
    first = shares[:, 0]
    expected = {0.0: [1, 1, 1], 1.0: [4, 2, 1], 2.0: [16, 4, 1], 4.0: [256, 16, 1]}
    strengths = np.array(expected.get(exponent, [1, 0, 0]), float)
    np.testing.assert_allclose(first, strengths / strengths.sum())


def test_of_equally_good_members_the_first_is_the_best():
    assert shares_of(np.array([[0.5], [0.5]]), float("inf"), 0.0).tolist() == [[1], [0]]


def test_small_scores_keep_their_shares():
    shares = shares_of(np.array([[1e-200], [2e-200]]), 4.0, 0.0)
    np.testing.assert_allclose(shares[:, 0], [1 / 17, 16 / 17])


def test_a_recipe_survives_its_file(tmp_path):
    recipe = make_recipe()
    assert read_recipe(write(tmp_path, recipe.content())) == recipe


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": "something else"}, 'no "format"'),
        ({"members": []}, "0 members"),
        ({"members": [{"run": "one"}]}, "missing"),
        ({"background": 7}, "the background is class 7"),
        ({"classes": ["cat"]}, "2 rows of 1 numbers"),
        ({"objects": None, "maps": None}, "neither objects nor label maps"),
        ({"fitted": None}, "mapping"),
        ({"fitted": {"\n\n": 1}}, "keyword argument ' '"),
        (
            {"maps": {"certainty": True, "blank": False, "exponent": 1, "shares": [[1] * 4]}},
            "2 rows of 4 numbers",
        ),
        (
            {"maps": {"certainty": True, "blank": False, "exponent": 1, "shares": [[1] * 4] * 2}},
            "sum to 1",
        ),
        (
            {
                "maps": {
                    "certainty": True,
                    "blank": False,
                    "exponent": 1,
                    "shares": [[2] * 4, [-1] * 4],
                }
            },
            "numbers from 0 on",
        ),
        (
            {"maps": {"certainty": True, "blank": False, "exponent": 1, "shares": [[NAN] * 4] * 2}},
            "sum to 1",
        ),
        (
            {"objects": {"masks": 1, "least_iou": 2, "exponent": 1, "shares": [[0.5] * 3] * 2}},
            "least_iou is 2",
        ),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_with_the_reason(tmp_path, changes, told):
    path = write(tmp_path, {**make_recipe().content(), **changes})
    with pytest.raises(UsageError) as error:
        read_recipe(path)
    assert told in str(error.value)
    assert "fit ensemble" in str(error.value)


@pytest.mark.parametrize("text", ["", "[1]", "{", '"x"', "[" * 9000])
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "recipe.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be used as the recipe"):
        read_recipe(path)
    with pytest.raises(UsageError, match="cannot be used as the recipe"):
        read_recipe(tmp_path / "absent.json")


def answers():
    """A detector with masks, and a network that gives a label map."""
    rng = np.random.default_rng(5)
    image = make_image(1)
    found = make_objects(image, 6, 3, rng, scored=True, masked=True)
    label_map = make_label_map(image, 4, rng, void=False)
    return image, Prediction(image, objects=found), Prediction(image, label_map=label_map)


def test_masks_and_maps_of_different_members_become_one_prediction():
    image, detector, network = answers()
    only_first = ((1.0,) * 3, (0.0,) * 3)
    recipe = make_recipe(
        objects=ObjectFusion(True, 0.5, 0.0, only_first),
        maps=MapVoting(False, False, 0.0, ((0.0, 1.0, 0.0, 1.0), (1.0, 0.0, 1.0, 0.0))),
    )
    combined = combine(recipe, image, [detector, network])
    order = np.argsort(-detector.objects.scores)
    assert combined.objects.masks == tuple(detector.objects.masks[index] for index in order)
    painted = paint(detector.objects, image.height, image.width, 3, threshold=0.3)
    # who has the only share in what it says wins; if both have, the first
    first = np.isin(painted, [1, 3])
    second = ~first & np.isin(network.label_map, [0, 2])
    np.testing.assert_array_equal(combined.label_map[first], painted[first])
    np.testing.assert_array_equal(combined.label_map[second], network.label_map[second])
    assert combined.confidence is not None


@pytest.mark.parametrize("certainty", [False, True])
def test_who_is_not_certain_counts_less_if_the_recipe_says_so(certainty):
    image, detector, network = answers()
    doubtful = replace(network, confidence=np.full((3, 5), 50, np.uint8))
    shares = ((0.4,) * 4, (0.6,) * 4)
    recipe = make_recipe(maps=MapVoting(certainty, False, 0.0, shares))
    combined = combine(recipe, image, [detector, doubtful])
    painted = paint(detector.objects, image.height, image.width, 3, threshold=0.3)
    assert not np.array_equal(painted, network.label_map)
    np.testing.assert_array_equal(combined.label_map, painted if certainty else network.label_map)


def test_where_a_member_paints_nothing_it_does_not_vote_if_no_class_means_nothing():
    image, detector, network = answers()
    label_map = np.minimum(network.label_map, 2)
    painted = paint(detector.objects, image.height, image.width, 3, threshold=0.3)
    assert (painted == 3).any()
    shares = ((0.9,) * 4, (0.1,) * 4)
    recipe = make_recipe(maps=MapVoting(False, True, 0.0, shares))
    combined = combine(recipe, image, [detector, replace(network, label_map=label_map)])
    expected = np.where(painted == 3, label_map, painted)
    np.testing.assert_array_equal(combined.label_map, expected)


def test_a_recipe_without_maps_gives_none():
    image, detector, network = answers()
    combined = combine(make_recipe(maps=None), image, [detector, network])
    assert combined.label_map is None
    assert len(combined.objects)


def test_a_recipe_without_objects_gives_none():
    image, detector, network = answers()
    combined = combine(make_recipe(objects=None), image, [detector, network])
    assert combined.objects is None
    assert combined.label_map.shape == (image.height, image.width)


def test_a_member_that_has_a_share_but_nothing_to_vote_with_is_refused():
    image, detector, network = answers()
    silent = make_recipe(members=(member("one"), member("two")))
    with pytest.raises(ValueError, match="neither label maps nor masks"):
        combine(silent, image, [detector, network])
