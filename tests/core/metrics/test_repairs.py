"""What each repair brings, held against tidecv 1.0.1 and against the rules written plainly."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings

from core.metrics import matching, overlap, repairs
from core.metrics.detection import match_rows
from core.metrics.errors import Kind
from core.metrics.repairs import Judged, Repair, repaired
from core.structures import ObjectTable
from tests.core.metrics import plain_tide, reference
from tests.core.metrics.coco_tables import real_case, tables
from tests.core.metrics.scenes import CATEGORIES, crowded_scene, drawn, scene, scenes
from tests.golden.tide_scenes import CLASSES, FILE, REAL, SCENES

SHORT = {
    "Cls": Repair.CLASSIFICATION,
    "Loc": Repair.LOCALISATION,
    "Both": Repair.BOTH,
    "Dupe": Repair.DUPLICATE,
    "Bkg": Repair.BACKGROUND,
    "Miss": Repair.MISSED,
    "FalsePos": Repair.FALSE_POSITIVES,
    "FalseNeg": Repair.FALSE_NEGATIVES,
}
GOLDEN = json.loads(FILE.read_text(encoding="utf-8"))
OBJECT = [0, 0, 20, 20]


def judged(truth: ObjectTable, predicted: ObjectTable, geometry: str = "box") -> Judged:
    """Match two tables and find what the errors aim at."""
    matches = matching.match_objects(truth, predicted, geometry)
    pairs = overlap.overlapping_pairs(truth, predicted, geometry)
    same = truth.categories[pairs.rows] == predicted.categories[pairs.predictions]
    targets = repairs.repair_targets(pairs, same, truth.crowd, matches.kind)
    counted = np.flatnonzero(~truth.crowd)
    places = np.full(len(truth) + 1, -1)
    places[counted] = np.arange(len(counted))
    hit = matches.kind == Kind.HIT
    found = {
        (int(image), int(index))
        for image, index in zip(predicted.images[hit], matches.matched[hit], strict=True)
    }
    keys = zip(truth.images[counted].tolist(), truth.indices[counted].tolist(), strict=True)
    return Judged(
        match_rows(predicted, matches),
        matches.kind,
        places[targets],
        truth.categories[counted],
        np.array([key in found for key in keys], bool),
    )


def table(objects: list[dict], *, scored: bool) -> ObjectTable:
    """Return the objects of a golden scene as a table."""
    ordered = sorted(objects, key=lambda one: one["image"])
    images = [one["image"] for one in ordered]
    boxes = np.array([one["box"] for one in ordered], np.float64).reshape(-1, 4)
    return ObjectTable(
        images=np.array(images, np.int64),
        indices=np.array([images[:row].count(image) for row, image in enumerate(images)], np.int32),
        categories=np.array([one["category"] for one in ordered], np.int32),
        boxes=boxes,
        areas=boxes[:, 2] * boxes[:, 3],
        crowd=np.zeros(len(ordered), bool),
        scores=np.array([one["score"] for one in ordered]) if scored else None,
        masks=None,
        heights=np.full(len(ordered), 128, np.int32),
    )


@pytest.mark.parametrize("name", list(SCENES))
def test_repairs_of_made_up_scenes_are_those_of_tidecv(name, monkeypatch):
    # tidecv takes k/100 for the recall points, COCO (and this code) linspace's floats
    monkeypatch.setattr(repairs, "RECALL_POINTS", np.arange(101) / 100)
    annotations, predictions = SCENES[name]
    ours = repaired(
        judged(table(annotations, scored=False), table(predictions, scored=True)), CLASSES
    )
    theirs = GOLDEN[name]
    annotated = [any(a["category"] == c for a in annotations) for c in range(CLASSES)]
    assert_same(ours.before, theirs["before"], annotated)
    for short, repair in SHORT.items():
        assert_same(ours.after[repair], theirs["after"][short], annotated)
    counted = {short: ours.errors[SHORT[short]].sum() for short in theirs["errors"]}
    assert counted == theirs["errors"]


def assert_same(ours, theirs, annotated):
    """Compare class by class; classes never annotated have no AP here and 0 in tidecv."""
    expected = [
        np.nan if score is None or not there else score / 100
        for score, there in zip(theirs, annotated, strict=True)
    ]
    assert ours == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_gains_of_an_ordinary_scene_are_those_of_tidecv():
    annotations, predictions = SCENES["ordinary"]
    ours = repaired(judged(table(annotations, scored=False), table(predictions, scored=True)), 4)
    for short, gain in GOLDEN["ordinary"]["gains"].items():
        # the recall points differ by a rounding error, which moves single points
        assert 100 * ours.gain(SHORT[short]) == pytest.approx(gain, abs=0.6)


def assert_as_plain(drawn_scene, geometry):
    truth, predicted = tables(*drawn_scene, geometry)
    one = judged(truth, predicted, geometry)
    class_count = len(CATEGORIES)
    ours = repaired(one, class_count)
    overlaps = reference.overlap_matrix(truth, predicted, geometry)
    plain = plain_tide.ap50_of(truth, predicted, overlaps, one.kinds.tolist())
    for name, scores in plain.items():
        expected = [scores.get(c) for c in range(class_count)]
        expected = [np.nan if score is None else score for score in expected]
        found = ours.after[Repair(name)] if name else ours.before
        assert found == pytest.approx(expected, abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("geometry", ["box", "mask"])
@settings(max_examples=40, deadline=None)
@given(drawn_scene=scenes())
def test_repairs_of_any_scene_follow_the_rules(geometry, drawn_scene):
    assert_as_plain(drawn_scene, geometry)


@pytest.mark.parametrize("seed", range(2))
def test_repairs_of_a_crowded_scene_follow_the_rules(seed):
    assert_as_plain(crowded_scene(seed), "box")


@pytest.mark.shared
@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_repairs_of_a_real_detector_are_those_of_tidecv(shared_data, geometry):
    truth, predictions, _ = real_case(shared_data, REAL, geometry)
    single = [one for one in truth["annotations"] if not one["iscrowd"]]
    annotated = {one["category_id"] for one in single}
    kept = [one for one in predictions if one["category_id"] in annotated]
    ours = repaired(judged(*tables({**truth, "annotations": single}, kept, geometry), geometry), 80)
    theirs = GOLDEN[f"real {geometry}"]
    counted = {short: ours.errors[SHORT[short]].sum() for short in theirs["errors"]}
    assert counted == theirs["errors"]
    # other recall points, and another order of equal scores
    assert 100 * np.nanmean(ours.before) == pytest.approx(theirs["map"], abs=0.01)
    gains = {short: 100 * ours.gain(SHORT[short]) for short in theirs["gains"]}
    assert gains == pytest.approx(theirs["gains"], abs=0.01)


@pytest.mark.shared
@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_before_any_repair_stands_ap50_of_coco(shared_data, geometry):
    truth, predictions, evaluation = real_case(shared_data, REAL, geometry)
    ours = repaired(judged(*tables(truth, predictions, geometry), geometry), 80)
    assert np.nanmean(ours.before) == pytest.approx(evaluation.stats[1], abs=1e-12)


def test_a_repair_of_the_class_moves_the_prediction_to_the_right_one():
    truth = [drawn(OBJECT, area=400, iscrowd=0)]
    wrong = drawn(OBJECT, category=CATEGORIES[1], score=0.9)
    ours = repaired(judged(*tables(*scene(truth, [wrong]))), 3)
    assert ours.before[0] == 0
    assert ours.after[Repair.CLASSIFICATION][0] == pytest.approx(1)
    assert ours.gain(Repair.CLASSIFICATION) == pytest.approx(1)
    assert ours.gain(Repair.MISSED) == 0
    assert ours.errors[Repair.CLASSIFICATION].tolist() == [0, 1, 0]


def test_only_the_surest_of_two_errors_is_repaired():
    truth = [drawn(OBJECT, area=400, iscrowd=0)]
    predictions = [
        drawn([0, 0, 20, 8], score=0.9),  # the place is wrong
        drawn(OBJECT, category=CATEGORIES[1], score=0.8),  # the class is wrong
    ]
    ours = repaired(judged(*tables(*scene(truth, predictions))), 3)
    assert ours.gain(Repair.LOCALISATION) == pytest.approx(1)
    assert ours.gain(Repair.CLASSIFICATION) == 0


def test_a_class_without_annotations_has_no_gain_of_its_own():
    truth = [drawn(OBJECT, area=400, iscrowd=0)]
    ours = repaired(judged(*tables(*scene(truth, [drawn(OBJECT, score=0.5)]))), 3)
    assert np.isnan(ours.gain(Repair.MISSED, np.array([1, 2])))
    assert all(ours.gain(repair, np.array([0])) == 0 for repair in Repair)


def test_every_object_missed_gains_nothing_by_asking_for_none():
    truth = [drawn(OBJECT, area=400, iscrowd=0)]
    nothing = repaired(judged(*tables(*scene(truth, []))), 3)
    assert np.isnan(nothing.after[Repair.MISSED]).all()
    assert nothing.gain(Repair.MISSED) == 0
    assert nothing.errors[Repair.MISSED].tolist() == [1, 0, 0]


def test_every_repair_is_described_in_a_sentence():
    assert set(repairs.REPAIRS) == set(Repair)
    assert all(text.endswith(".") and len(text) < 120 for text in repairs.REPAIRS.values())
    same = set(Repair) - {Repair.FALSE_POSITIVES, Repair.FALSE_NEGATIVES}
    assert {repair.value for repair in same} == {k.value for k in Kind} - {"hit", "ignored"}
