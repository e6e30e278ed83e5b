"""Classification, localisation and calibration against scikit-learn, torchvision and by hand."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from core.metrics import METRICS, calibration, classification, localization

CASES = tuple(itertools.product((1, 2, 10, 300), (1, 5, 400), range(2)))


def draw(classes: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return classes of images, and answers that are often right; some classes stay unused."""
    generator = np.random.default_rng([classes, count, seed])
    truth = (classes * generator.random(count) ** 2).astype(np.int64)
    guessed = (classes * generator.random(count) ** 3).astype(np.int64)
    return truth, np.where(generator.random(count) < 0.6, truth, guessed)


@pytest.mark.parametrize(("classes", "count", "seed"), CASES)
def test_scores_of_one_class_an_image_are_those_of_scikit_learn(classes, count, seed):
    truth, predicted = draw(classes, count, seed)
    table = classification.confusion(truth, predicted, classes)
    everything = np.arange(classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of classes without images
        expected = reference.confusion_matrix(truth, predicted, labels=everything)
        f1 = reference.f1_score(truth, predicted, average="macro", zero_division=0)
    np.testing.assert_array_equal(table, expected)
    assert classification.top1(table) == reference.accuracy_score(truth, predicted)
    assert classification.macro_f1(table) == pytest.approx(f1, abs=1e-12)


def test_f1_of_each_class_is_scikit_learns_and_unknown_for_unused_classes():
    truth, predicted = np.array([0, 0, 1, 3]), np.array([0, 1, 1, 0])
    found = classification.class_f1(classification.confusion(truth, predicted, 5))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = reference.f1_score(truth, predicted, average=None, labels=range(5))
    assert np.isnan(found[[2, 4]]).all()
    np.testing.assert_allclose(found[[0, 1, 3]], expected[[0, 1, 3]])


def test_outcomes_of_class_and_place_are_counted_one_by_one():
    generator = np.random.default_rng(5)
    truth = generator.integers(0, 3, 200)
    predicted = generator.integers(-1, 3, 200)
    ious = np.where(generator.random(200) < 0.2, 0.5, generator.random(200))

    def told(one, other, iou):
        if other < 0:
            return "no answer"
        place = "right" if iou >= 0.5 else "wrong"
        return f"{'right' if one == other else 'wrong'} class, {place} place"

    found = classification.joint_outcomes(truth, predicted, ious)
    assert [classification.JOINT_OUTCOMES[each] for each in found] == list(
        map(told, truth, predicted, ious)
    )
    assert len(set(found)) == len(classification.JOINT_OUTCOMES)
    with pytest.raises(ValueError, match="3 true, 2 predicted classes, 3 IoUs"):
        classification.joint_outcomes(truth[:3], predicted[:2], ious[:3])


def test_joint_accuracy_needs_the_class_and_the_place():
    truth, predicted = np.array([1, 1, 2, 2]), np.array([1, 1, 2, 0])
    ious = np.array([0.5, 0.4999, 0.9, 0.9])
    assert classification.joint_accuracy(truth, predicted, ious) == 0.5
    assert classification.joint_accuracy(truth, predicted, ious, least=0.95) == 0


def test_nothing_scores_nan():
    none = np.empty(0, np.int64)
    table = classification.confusion(none, none, 3)
    assert math.isnan(classification.top1(table))
    assert math.isnan(classification.macro_f1(table))
    assert math.isnan(classification.joint_accuracy(none, none, np.empty(0)))
    assert math.isnan(localization.mean_iou(np.empty(0)))
    assert math.isnan(localization.share_localized(np.empty(0)))
    assert math.isnan(calibration.ece(calibration.reliability(np.empty(0), none.astype(bool))))


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [([0, 3], [0, 0]), ([0, -1], [0, 0]), ([0], [0, 0]), ([0.0], [0.0]), ([[0]], [[0]])],
)
def test_classes_out_of_place_are_refused(truth, predicted):
    with pytest.raises(ValueError, match="classes"):
        classification.confusion(np.array(truth), np.array(predicted), 3)


def test_ious_are_those_of_pycocotools():
    generator = np.random.default_rng(0)
    truth, predicted = generator.uniform(0, 40, (2, 300, 4)).round(1)
    expected = [
        coco_mask.iou([one], [other], [0])[0, 0]
        for one, other in zip(predicted, truth, strict=True)
    ]
    found = localization.box_ious(truth, predicted)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert localization.mean_iou(found) == pytest.approx(np.mean(expected))
    assert localization.share_localized(found) == np.mean(np.array(expected) >= 0.5)


def test_boxes_without_a_size_overlap_nothing():
    empty = np.array([[3.0, 3, 0, 0]])
    assert localization.box_ious(empty, empty).tolist() == [0]


@pytest.mark.parametrize("box", [[0, 0, -1, 2], [0, np.nan, 1, 1], [0, 0, np.inf, 1]])
def test_boxes_that_are_none_are_refused(box):
    with pytest.raises(ValueError, match="predicted holds"):
        localization.box_ious(np.ones((1, 4)), np.array([box], np.float64))


def test_a_share_is_reached_at_its_threshold():
    assert localization.share_localized(np.array([0.5, 0.49])) == 0.5


def ece_by_hand(probabilities: np.ndarray, right: np.ndarray, bins: int) -> float:
    """Return the error as Guo et al. write it: bins open on the left, closed on the right."""
    total = 0.0
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        inside = (probabilities > low) & (probabilities <= high)
        inside |= (probabilities == 0) & (number == 0)
        if inside.any():
            gap = abs(right[inside].mean() - probabilities[inside].mean())
            total += inside.mean() * gap
    return total


@pytest.mark.parametrize("bins", [1, 10, 15])
@pytest.mark.parametrize("seed", range(3))
def test_ece_is_as_it_is_defined(seed, bins):
    generator = np.random.default_rng(seed)
    probabilities = generator.random(500) ** 0.3
    probabilities[:3] = 0, 1, 0.4  # edges
    right = generator.random(500) < probabilities**2
    found = calibration.ece(calibration.reliability(probabilities, right, bins))
    assert found == pytest.approx(ece_by_hand(probabilities, right, bins), abs=1e-12)


def test_bins_are_those_of_scikit_learn():
    generator = np.random.default_rng(5)
    probabilities = generator.random(2000)
    right = generator.random(2000) < 0.5
    found = calibration.reliability(probabilities, right)
    shares, means = calibration_curve(right, probabilities, n_bins=calibration.BINS)
    np.testing.assert_allclose(found.right / found.counts, shares)
    np.testing.assert_allclose(found.certainty / found.counts, means)


def test_bins_are_open_on_the_left_and_closed_on_the_right():
    found = calibration.reliability(np.array([0, 0.5, 0.51, 1]), np.ones(4, bool), bins=2)
    assert found.counts.tolist() == [2, 2]


def test_bins_of_parts_add_up():
    generator = np.random.default_rng(6)
    probabilities, right = generator.random(90), generator.random(90) < 0.5
    parts = [
        calibration.reliability(probabilities[start : start + 30], right[start : start + 30])
        for start in (0, 30, 60)
    ]
    whole = calibration.reliability(probabilities, right)
    assert calibration.ece(parts[0] + parts[1] + parts[2]) == pytest.approx(calibration.ece(whole))


def test_perfect_answers_are_calibrated_and_bluffs_are_not():
    certain = np.ones(8)
    assert calibration.ece(calibration.reliability(certain, np.ones(8, bool))) == 0
    assert calibration.ece(calibration.reliability(certain, np.zeros(8, bool))) == 1


@pytest.mark.parametrize("probability", [1.1, -0.1, np.nan])
def test_probabilities_out_of_range_are_refused(probability):
    with pytest.raises(ValueError, match="0 to 1"):
        calibration.reliability(np.array([probability]), np.array([True]))


def test_the_scores_are_explained():
    for name in ("top1", "macro_f1", "localization_iou", "joint_accuracy", "ece"):
        assert METRICS[name].unit == "fraction"
    assert not METRICS["ece"].higher_is_better
