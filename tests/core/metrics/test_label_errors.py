"""Label errors on hostile scenes, held against dense matrices and plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.metrics.label_errors import (
    Suspicion,
    agreeing_predictions,
    contradicted,
    unseen,
)
from core.metrics.label_map_errors import contradicted_classes
from core.structures import ObjectTable
from tests.core.metrics.reference import overlap_matrix

RUNS = 4


def table(images, boxes, categories, scores=None, crowd=None) -> ObjectTable:
    order = np.argsort(images, kind="stable")
    count = len(order)
    boxes = np.asarray(boxes, np.float64).reshape(count, 4)[order]
    return ObjectTable(
        images=np.asarray(images, np.int64)[order],
        indices=np.arange(count, dtype=np.int32),
        categories=np.asarray(categories, np.int32)[order],
        boxes=boxes,
        areas=boxes[:, 2] * boxes[:, 3],
        crowd=np.zeros(count, bool) if crowd is None else np.asarray(crowd, bool)[order],
        scores=None if scores is None else np.asarray(scores, np.float64)[order],
        masks=None,
        heights=np.full(count, 40, np.int32),
    )


def scene(seed: int) -> tuple[ObjectTable, ObjectTable, np.ndarray]:
    """Crowded images: shifted copies of few boxes, few classes, scores that tie."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 20, (6, 4)) + np.array([0, 0, 6, 6])
    truth = rng.integers(0, 6, 14)
    found = rng.integers(0, 6, 90)
    shifts = rng.integers(-2, 3, (90, 4)) * (rng.random((90, 1)) < 0.7)
    return (
        table(rng.integers(1, 4, 14), places[truth], rng.integers(0, 3, 14), None, truth == 1),
        table(
            rng.integers(1, 5, 90),
            places[found] + shifts,
            rng.integers(0, 3, 90),
            rng.choice([0.2, 0.5, 0.5, 0.8, 0.9], 90),
        ),
        rng.integers(0, RUNS, 90),
    )


def plain_groups(predicted, runs, least_runs):
    """Gather by score, from a dense matrix of overlaps."""
    overlaps = overlap_matrix(predicted, predicted, "box")
    agree = overlaps >= 0.5
    agree &= predicted.categories[:, None] == predicted.categories[None, :]
    free, groups = set(range(len(predicted))), []
    for seed in sorted(free, key=lambda row: (-predicted.scores[row], row)):
        if seed not in free:
            continue
        group = [seed]
        others = [row for row in free if agree[seed, row] and runs[row] != runs[seed]]
        for row in sorted(others, key=lambda row: (-overlaps[seed, row], row)):
            if all(agree[row, member] and runs[row] != runs[member] for member in group):
                group.append(row)
        if len(group) >= least_runs:
            free -= set(group)
            groups.append(tuple(group))
    return groups


def plain_suspects(truth, predicted, runs, least_runs):
    overlaps = overlap_matrix(truth, predicted, "box")
    # crowd regions speak of their own class only
    other = truth.crowd[None, :] & (truth.categories[None, :] != predicted.categories[:, None])
    overlaps[other] = 0
    expected = []
    for group in plain_groups(predicted, runs, least_runs):
        own = overlaps[list(group)]
        confidence = predicted.scores[list(group)].mean()
        same = truth.categories == predicted.categories[group[0]]
        if not (own > 0.1).any():
            expected.append((Suspicion.MISSING, group, -1, confidence))
        elif not (own[:, same] >= 0.5).any():
            over = own >= 0.5
            voices = [
                (n, total, -row)
                for row, (n, total) in enumerate(
                    zip(over.sum(axis=0), (own * over).sum(axis=0), strict=True)
                )
                if n >= least_runs
            ]
            if voices:
                expected.append((Suspicion.WRONG_CLASS, group, -max(voices)[2], confidence))
    return sorted(expected, key=lambda each: -each[3])


@pytest.mark.parametrize("least_runs", [2, 3, 4])
@pytest.mark.parametrize("seed", range(6))
def test_groups_are_those_of_a_plain_loop(seed, least_runs):
    _, predicted, runs = scene(seed)
    groups = agreeing_predictions(predicted, runs, "box", least_runs)
    assert groups == plain_groups(predicted, runs, least_runs)
    assert groups or least_runs > 2
    assert len({row for group in groups for row in group}) == sum(map(len, groups))


@pytest.mark.parametrize("least_runs", [2, 3])
@pytest.mark.parametrize("seed", range(6))
def test_suspects_are_those_of_a_plain_loop(seed, least_runs):
    truth, predicted, runs = scene(seed)
    found = contradicted(truth, predicted, runs, "box", least_runs)
    expected = plain_suspects(truth, predicted, runs, least_runs)
    assert [(each.kind, each.members, each.annotation) for each in found] == [
        each[:3] for each in expected
    ]
    assert [each.confidence for each in found] == pytest.approx([each[3] for each in expected])


def test_the_scenes_hold_every_kind():
    kinds = [
        kind
        for seed in range(6)
        for truth, predicted, runs in [scene(seed)]
        for kind, *_ in plain_suspects(truth, predicted, runs, 2)
    ]
    assert set(kinds) == {Suspicion.MISSING, Suspicion.WRONG_CLASS}
    assert min(kinds.count(kind) for kind in set(kinds)) > 2


@pytest.mark.parametrize("seed", range(4))
def test_unseen_annotations_are_overlapped_by_nothing(seed):
    truth, predicted, runs = scene(seed)
    few = predicted.where(predicted.categories == 0)
    owners = runs[predicted.categories == 0]
    tables = [few.where(owners == run) for run in range(2)]
    seen = np.zeros(len(truth), bool)
    for each in tables:
        own = overlap_matrix(truth, each, "box")
        own[:, truth.crowd] = 0
        seen |= (own >= 0.5).any(axis=0)
    rows = unseen(truth, tables, "box")
    assert set(rows) == set(np.flatnonzero(~seen & ~truth.crowd))
    assert (np.diff(truth.areas[rows]) <= 0).all()
    assert len(rows)


def test_a_prediction_let_go_may_join_another_group():
    # the surest overlaps two others of which one alone fits the rest
    boxes = [[0, 0, 20, 10], [8, 0, 20, 10], [-4, 0, 20, 10], [-5, 0, 20, 10]]
    predicted = table([1] * 4, boxes, [0] * 4, [0.9, 0.8, 0.7, 0.6])
    predicted = replace(predicted, boxes=np.array([[0, 0, 20, 10], *boxes[2:], [6, 0, 20, 10]]))
    runs = np.array([0, 1, 2, 3])
    assert agreeing_predictions(predicted, runs, "box", 3) == [(0, 1, 2)]
    assert agreeing_predictions(predicted, runs, "box", 4) == []


def test_no_predictions_contradict_nothing():
    truth, predicted, runs = scene(0)
    none = predicted.where(np.zeros(len(predicted), bool))
    assert contradicted(truth, none, runs[:0], "box", 2) == []
    assert len(unseen(truth, [], "box")) == (~truth.crowd).sum()


def pixel_counts(*runs: dict[tuple[int, int], int]) -> np.ndarray:
    """[run, truth, prediction] of four classes, and no answer as -1."""
    counts = np.zeros((len(runs), 4, 5), np.int64)
    for place, pairs in enumerate(runs):
        for (truth, predicted), pixels in pairs.items():
            counts[place, truth, predicted] = pixels
    return counts


def told(counts, least_runs=2, background=0):
    found = contradicted_classes(counts, least_runs, background)
    return [(each.kind, each.annotated, each.suggested, each.runs) for each in found]


def test_another_class_for_most_of_the_pixels_is_wrong():
    counts = pixel_counts(
        {(1, 2): 60, (1, 1): 40, (0, 0): 100},
        {(1, 2): 90, (1, 1): 10, (0, 0): 100},
        {(1, 2): 50, (1, 1): 50, (0, 0): 100},  # half is not most
    )
    assert told(counts) == [(Suspicion.WRONG_CLASS, 1, 2, 2)]
    assert contradicted_classes(counts, 2, 0)[0].confidence == pytest.approx(0.75)
    assert told(counts, 3) == [(Suspicion.MISSING, -1, 2, 3)]


def test_background_is_never_suggested():
    counts = pixel_counts({(1, 0): 95, (1, 1): 5}, {(1, 0): 100})
    assert told(counts) == []
    assert told(counts, background=None) == [(Suspicion.WRONG_CLASS, 1, 0, 2)]
    nobody = pixel_counts({(1, 0): 95, (1, -1): 5}, {(1, 0): 100})
    assert told(nobody) == [(Suspicion.SPURIOUS, 1, -1, 2)]


def test_few_pixels_show_no_class():
    enough = pixel_counts({(0, 3): 16, (0, 0): 84}, {(0, 3): 20, (0, 0): 80})
    assert told(enough) == [(Suspicion.MISSING, -1, 3, 2)]
    assert contradicted_classes(enough, 2, 0)[0].confidence == pytest.approx(0.18)
    few = pixel_counts({(0, 3): 15, (0, 0): 85}, {(0, 3): 20, (0, 0): 80})
    assert told(few) == []
    small = pixel_counts({(1, 0): 15, (0, 0): 85}, {(1, 0): 15, (0, 0): 85})
    assert told(small) == []
