"""Weighted box fusion against a plain one, pixel majorities against dense masks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from core.fusion.boxes import fuse_objects, majority_mask
from core.fusion.shares import shares_of
from core.geometry import rle
from core.structures import Objects, Rle

CLASSES = 3
SIDE = 12


def objects_of(boxes, categories, scores, masks=None):
    boxes = np.array(boxes, np.float64).reshape(-1, 4)
    return Objects(
        boxes=boxes,
        categories=np.array(categories, np.int32),
        areas=boxes[:, 2] * boxes[:, 3],
        crowd=np.zeros(len(boxes), bool),
        scores=np.array(scores, np.float64),
        masks=None if masks is None else tuple(map(rle.encode, masks)),
    )


def plain_iou(one, other):
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right = min(one[0] + one[2], other[0] + other[2])
    bottom = min(one[1] + one[3], other[1] + other[3])
    if right <= left or bottom <= top:
        return 0.0
    shared = (right - left) * (bottom - top)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def plain_mean_box(rows):
    total = sum(row["votes"] for row in rows)
    return [sum(row["votes"] * row["box"][side] for row in rows) / total for side in range(4)]


def plain_clusters(members, shares, least_iou):
    """The algorithm as the paper tells it, list by list; a cluster takes one object a member."""
    rows = [
        {
            "member": number,
            "class": int(member.categories[index]),
            "box": member.boxes[index].tolist(),
            "votes": shares[number][member.categories[index]] * member.scores[index],
            "mask": None if member.masks is None else rle.decode(member.masks[index]),
        }
        for number, member in enumerate(members)
        for index in range(len(member))
    ]
    clusters = []
    for row in sorted((row for row in rows if row["votes"] > 0), key=lambda row: -row["votes"]):
        overlaps = [
            -1.0
            if cluster[0]["class"] != row["class"]
            or row["member"] in {each["member"] for each in cluster}
            else round(plain_iou(row["box"], plain_mean_box(cluster)), 12)
            for cluster in clusters
        ]
        if overlaps and max(overlaps) > least_iou:
            clusters[overlaps.index(max(overlaps))].append(row)
        else:
            clusters.append([row])
    return sorted(clusters, key=lambda cluster: -sum(row["votes"] for row in cluster))


def plain_majority(rows):
    drawn = [row for row in rows if row["mask"] is not None]
    half = sum(row["votes"] for row in drawn) / 2
    votes = sum(row["votes"] * row["mask"] for row in drawn)
    return votes > half if (votes > half).any() else drawn[0]["mask"]


def draw_member(rng, count, masked):
    """Make objects of few kinds, so that many are the very same and many overlap; some are flat."""
    kinds = np.random.default_rng(0).random((6, 4)) * [4, 4, 6, 6]
    kinds[5, 2:] = 0
    boxes = kinds[rng.integers(0, 6, count)]
    boxes[:, 2:] *= rng.choice([1.0, rng.random()], (count, 1))
    masks = rng.random((count, SIDE, SIDE)) < rng.random((count, 1, 1)) if masked else None
    scores = rng.choice([0.0, 0.25, 0.5, 1.0, 0.3, 0.9], count)
    return objects_of(boxes, rng.integers(0, CLASSES, count), scores, masks)


@st.composite
def scenes(draw):
    """Members with many ties of score, some of them empty or without masks, and their shares."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 4))
    members = [
        draw_member(rng, int(rng.integers(0, 8)), bool(rng.random() < 0.7)) for _ in range(count)
    ]
    qualities = rng.choice([0.0, 0.25, 0.5, 1.0], (count, CLASSES))
    exponent = draw(st.sampled_from([0.0, 1.0, 2.0, float("inf")]))
    return members, shares_of(qualities, exponent, 0.3), draw(st.sampled_from([0.0321, 0.4, 0.6]))


@settings(max_examples=300, deadline=None)
@given(scenes())
def test_fused_boxes_are_those_of_the_plain_algorithm(scene):
    members, shares, least_iou = scene
    fused = fuse_objects(members, shares, least_iou, with_masks=False)
    expected = plain_clusters(members, shares, least_iou)
    assert len(fused) == len(expected)
    assert fused.masks is None
    assert not fused.crowd.any()
    for index, cluster in enumerate(expected):
        score = sum(row["votes"] for row in cluster)
        np.testing.assert_allclose(fused.scores[index], score, rtol=1e-12)
    for score in np.unique(fused.scores.round(12)):  # of one score any order is as good
        there = np.flatnonzero(fused.scores.round(12) == score)
        seen = {(int(fused.categories[at]), *fused.boxes[at].round(9) + 0.0) for at in there}
        assert seen == {
            (expected[at][0]["class"], *np.round(plain_mean_box(expected[at]), 9) + 0.0)
            for at in there
        }
    np.testing.assert_array_equal(fused.areas, fused.boxes[:, 2] * fused.boxes[:, 3])


@settings(max_examples=200, deadline=None)
@given(scenes())
def test_fused_masks_are_dense_majorities_and_maskless_clusters_go(scene):
    members, shares, least_iou = scene
    fused = fuse_objects(members, shares, least_iou, with_masks=True)
    expected = [
        cluster
        for cluster in plain_clusters(members, shares, least_iou)
        if any(row["mask"] is not None for row in cluster)
    ]
    found = sorted(rle.decode(mask).tobytes() for mask in fused.masks)
    assert found == sorted(plain_majority(cluster).tobytes() for cluster in expected)
    assert fused.areas.tolist() == [rle.decode(mask).sum() for mask in fused.masks]


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=50, deadline=None)
def test_a_member_alone_stays_what_it_is(seed, masked):
    rng = np.random.default_rng(seed)
    member = draw_member(rng, 8, masked)
    order = np.argsort(-member.scores, kind="stable")
    order = order[member.scores[order] > 0]
    for exponent in (0.0, 1.0, float("inf")):
        shares = shares_of(rng.random((1, CLASSES)), exponent, 0.0)
        fused = fuse_objects([member], shares, 0.5, with_masks=masked)
        np.testing.assert_array_equal(fused.boxes, member.boxes[order])
        np.testing.assert_array_equal(fused.scores, member.scores[order])
        np.testing.assert_array_equal(fused.categories, member.categories[order])
        if masked:
            assert fused.masks == tuple(member.masks[index] for index in order)


def test_a_duplicate_of_a_member_changes_nothing_but_who_votes():
    rng = np.random.default_rng(3)
    boxes = [[5 * index, 0.25, 4, 3] for index in range(8)]
    masks = rng.random((8, SIDE, SIDE)) < 0.5
    member = objects_of(boxes, rng.integers(0, CLASSES, 8), rng.random(8), masks)
    alone = fuse_objects([member], np.ones((1, CLASSES)), 0.5, with_masks=True)
    twice = fuse_objects([member, member], np.full((2, CLASSES), 0.5), 0.5, with_masks=True)
    np.testing.assert_array_equal(twice.boxes, alone.boxes)
    np.testing.assert_array_equal(twice.scores, alone.scores)
    assert twice.masks == alone.masks


def test_an_object_that_one_of_two_sees_scores_half():
    seen = objects_of([[0, 0, 4, 4]], [1], [0.8])
    empty = objects_of([], [], [])
    fused = fuse_objects([seen, empty], np.full((2, CLASSES), 0.5), 0.5, with_masks=False)
    np.testing.assert_allclose(fused.scores, [0.4])


@settings(max_examples=100, deadline=None)
@given(scenes(), st.randoms(use_true_random=False))
def test_the_order_of_members_matters_only_for_ties(scene, random):
    members, shares, least_iou = scene
    rng = np.random.default_rng(random.randrange(2**32))
    members = [  # distinct scores, so that nothing ties
        objects_of(each.boxes, each.categories, rng.random(len(each))) for each in members
    ]
    order = rng.permutation(len(members))
    one = fuse_objects(members, shares, least_iou, with_masks=False)
    other = fuse_objects(
        [members[index] for index in order], shares[order], least_iou, with_masks=False
    )
    np.testing.assert_array_equal(one.boxes, other.boxes)
    np.testing.assert_array_equal(one.scores, other.scores)
    np.testing.assert_array_equal(one.categories, other.categories)


def test_no_objects_at_all_give_none_with_and_without_masks():
    empty = objects_of([], [], [], masks=[])
    for with_masks in (False, True):
        fused = fuse_objects([empty, empty], np.full((2, CLASSES), 0.5), 0.5, with_masks=with_masks)
        assert len(fused) == 0
        assert fused.masks == (() if with_masks else None)


def test_only_the_surest_are_kept_where_there_are_too_many():
    many = objects_of([[9 * index, 0, 4, 4] for index in range(9)], [0] * 9, np.arange(9) / 9)
    fused = fuse_objects([many], np.ones((1, CLASSES)), 0.5, with_masks=False, most=3)
    assert fused.scores.tolist() == [8 / 9, 7 / 9, 6 / 9]


def test_scores_never_pass_one_where_shares_round():
    certain = [objects_of([[0, 0, 4, 4]], [0], [1.0])] * 2
    shares = np.array([[0.6], [0.4 + 1e-10]])
    assert fuse_objects(certain, shares, 0.5, with_masks=False).scores.tolist() == [1.0]


def test_boxes_that_overlap_by_just_the_limit_are_two_objects():
    half = [objects_of([[0, 0, 4, 4]], [0], [0.9]), objects_of([[0, 0, 4, 2]], [0], [0.8])]
    shares = np.full((2, 1), 0.5)
    assert len(fuse_objects(half, shares, 0.5, with_masks=False)) == 2
    assert len(fuse_objects(half, shares, 0.4999, with_masks=False)) == 1


def test_of_clusters_that_overlap_alike_the_earlier_is_joined():
    twins = objects_of([[0, 0, 4, 4], [0, 0, 4, 4]], [0, 0], [0.9, 0.8])
    third = objects_of([[1, 0, 4, 4]], [0], [0.1])
    fused = fuse_objects([twins, third], np.full((2, 1), 0.5), 0.5, with_masks=False)
    np.testing.assert_allclose(fused.scores, [0.5, 0.4])


def test_a_third_box_is_compared_with_the_fused_box_and_not_with_its_seed():
    """The first two fuse to x = 0.9; only from there the third overlaps by more than .35."""
    members = [
        objects_of([[x, 0, 10, 1]], [0], [score]) for x, score in ((0, 0.7), (3, 0.3), (5.5, 0.2))
    ]
    shares = np.full((3, 1), 1 / 3)
    fused = fuse_objects(members, shares, 0.35, with_masks=False)
    assert len(fused) == 1
    farther = [*members[:2], objects_of([[6, 0, 10, 1]], [0], [0.2])]
    assert len(fuse_objects(farther, shares, 0.35, with_masks=False)) == 2


def test_annotations_and_too_many_members_are_refused():
    annotations = objects_of([], [], [])
    object.__setattr__(annotations, "scores", None)
    with pytest.raises(ValueError, match="only predictions can be fused"):
        fuse_objects([annotations], np.ones((1, CLASSES)), 0.5, with_masks=False)
    with pytest.raises(ValueError, match="65 members; at most 64"):
        fuse_objects([objects_of([], [], [])] * 65, np.ones((65, CLASSES)), 0.5, with_masks=False)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 7), st.integers(1, 7))
def test_majorities_of_any_masks_are_dense_ones(seed, count, height, width):
    rng = np.random.default_rng(seed)
    masks = rng.random((count, height, width)) < rng.choice([0, 0.2, 0.5, 1], (count, 1, 1))
    votes = rng.choice([0.1, 0.2, 0.3, 0.7], count)
    half, dense = 0.0, np.zeros((height, width))
    for mask, vote in zip(masks, votes, strict=True):  # one after the other, as floats round
        half += vote
        dense += np.where(mask, vote, 0.0)
    expected = dense > half / 2
    fused = majority_mask([rle.encode(mask) for mask in masks], votes)
    np.testing.assert_array_equal(rle.decode(fused), expected if expected.any() else masks[0])


def test_runs_of_no_pixels_and_a_full_first_mask_are_read_right():
    """A file may hold runs of length 0, which end where they begin."""
    odd = rle.from_runs([0, 2, 0, 3, 1], height=2, width=3)
    full = rle.from_runs([0, 6], height=2, width=3)
    fused = majority_mask([odd, full], np.array([0.6, 0.4]))
    np.testing.assert_array_equal(rle.decode(fused), rle.decode(odd))


def test_a_malformed_mask_is_refused():
    with pytest.raises(UsageError, match="cannot be read"):
        majority_mask([Rle(2, 2, b"9"), Rle(2, 2, b"4")], np.ones(2))
