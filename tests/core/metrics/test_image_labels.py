"""Image labels against scikit-learn, on drawn and on hostile labels."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from sklearn import metrics as reference

from core.metrics import calibration, image_labels
from core.metrics.image_labels import ImageLabels, LabelCounts
from core.metrics.ratios import mean_of_classes

N, C = 60, 7
NEVER_SHOWN, NEVER_SAID, UNUSED = 4, 5, 6


def draw(seed: int) -> ImageLabels:
    """Labels that are often right, of few distinct probabilities; some classes are odd."""
    generator = np.random.default_rng(seed)
    shown = generator.random((N, C)) < 0.3
    probabilities = np.round(0.6 * generator.random((N, C)) + 0.35 * shown, 1 + seed % 3)
    shown[:, [NEVER_SHOWN, UNUSED]] = False
    shown[:5, NEVER_SAID] = True
    probabilities[:, [NEVER_SAID, UNUSED]] *= 0.4
    return ImageLabels(shown, probabilities, generator.random((N, C)) < 0.9)


@contextmanager
def quietly() -> Iterator[None]:
    """Scikit-learn warns of classes without images."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.61])
def test_precision_recall_and_f1_are_scikit_learns_of_the_known_pairs(seed, threshold):
    labels = draw(seed)
    counts = image_labels.count_labels(labels, [threshold])
    scores = (image_labels.precision, image_labels.recall, image_labels.f1)
    found = np.array([score(counts)[0] for score in scores])
    for index in range(C):
        known = labels.known[:, index]
        truth = labels.shown[known, index]
        said = labels.probabilities[known, index] >= threshold
        if not (truth.any() or said.any()):
            assert np.isnan(found[:, index]).all()
            continue
        with quietly():
            expected = reference.precision_recall_fscore_support(
                truth, said, average="binary", zero_division=0
            )[:3]
        np.testing.assert_allclose(found[:, index], expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_macro_f1_is_scikit_learns_over_classes_that_occur(seed):
    drawn = draw(seed)
    labels = ImageLabels.all_known(drawn.shown, drawn.probabilities)
    said = labels.probabilities >= 0.5
    used = np.flatnonzero(labels.shown.any(axis=0) | said.any(axis=0))
    with quietly():
        expected = reference.f1_score(labels.shown[:, used], said[:, used], average="macro")
    found = mean_of_classes(image_labels.f1(image_labels.count_labels(labels)))
    assert found.tolist() == pytest.approx([expected], abs=1e-12)
    assert UNUSED not in used


@pytest.mark.parametrize("seed", range(6))
def test_average_precision_is_scikit_learns_also_of_equal_probabilities(seed):
    labels = draw(seed)
    found = image_labels.average_precision(labels)
    for index in range(C):
        known = labels.known[:, index]
        truth = labels.shown[known, index]
        if not truth.any():
            assert math.isnan(found[index])
            continue
        expected = reference.average_precision_score(truth, labels.probabilities[known, index])
        assert found[index] == pytest.approx(expected, abs=1e-12)


def test_equal_probabilities_give_the_share_of_images_that_show_the_class():
    shown = np.zeros((8, 1), bool)
    shown[[0, 3], 0] = True
    for order in (shown, shown[::-1]):
        labels = ImageLabels.all_known(order, np.full((8, 1), 0.7))
        assert image_labels.average_precision(labels).tolist() == [0.25]


def test_every_threshold_counts_as_it_does_alone():
    labels = draw(2)
    together = image_labels.count_labels(labels, image_labels.THRESHOLDS)
    for step, threshold in enumerate(image_labels.THRESHOLDS):
        said = (labels.probabilities >= threshold) & labels.known
        truth = labels.shown & labels.known
        np.testing.assert_array_equal(together.tp[step], (said & truth).sum(axis=0))
        np.testing.assert_array_equal(together.fp[step], (said & ~truth).sum(axis=0))
        np.testing.assert_array_equal(together.fn[step], (~said & truth).sum(axis=0))


def test_counts_of_parts_add_up():
    labels = draw(1)

    def part(rows: slice) -> LabelCounts:
        return image_labels.count_labels(
            ImageLabels(labels.shown[rows], labels.probabilities[rows], labels.known[rows])
        )

    added, whole = part(slice(0, 20)) + part(slice(20, N)), image_labels.count_labels(labels)
    for name in ("tp", "fp", "fn"):
        np.testing.assert_array_equal(getattr(added, name), getattr(whole, name))


@pytest.mark.parametrize("seed", range(4))
def test_the_best_threshold_is_the_first_with_the_highest_macro_f1(seed):
    drawn = draw(seed)
    labels = ImageLabels.all_known(drawn.shown, drawn.probabilities)
    macro = []
    for threshold in image_labels.THRESHOLDS:
        said = labels.probabilities >= threshold
        used = np.flatnonzero(labels.shown.any(axis=0) | said.any(axis=0))
        with quietly():
            macro.append(reference.f1_score(labels.shown[:, used], said[:, used], average="macro"))
    best = next(
        threshold
        for threshold, score in zip(image_labels.THRESHOLDS, macro, strict=True)
        if score >= max(macro) - 1e-12
    )
    assert image_labels.best_threshold(labels) == best


def test_calibration_pools_the_known_pairs():
    labels = draw(3)
    pairs = [
        (labels.probabilities[place], labels.shown[place])
        for place in zip(*np.nonzero(labels.known), strict=True)
    ]
    expected = calibration.reliability(*(np.array(column) for column in zip(*pairs, strict=True)))
    found = image_labels.reliability(labels)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.right, expected.right)
    assert found.counts.sum() == labels.known.sum() < N * C


def test_classes_are_chosen():
    labels = draw(0)
    some = labels.of([3, 1])
    np.testing.assert_array_equal(
        image_labels.average_precision(some), image_labels.average_precision(labels)[[3, 1]]
    )


@pytest.mark.parametrize("images", [0, 3])
def test_where_nothing_is_shown_or_said_nothing_has_a_score(images):
    labels = ImageLabels.all_known(np.zeros((images, 2), bool), np.zeros((images, 2)))
    counts = image_labels.count_labels(labels)
    for score in (image_labels.f1, image_labels.precision, image_labels.recall):
        assert np.isnan(score(counts)).all()
        assert np.isnan(mean_of_classes(score(counts))).all()
    assert np.isnan(image_labels.average_precision(labels)).all()
    assert math.isnan(image_labels.best_threshold(labels))


def test_a_pair_that_nobody_knows_counts_nowhere():
    shown = np.array([[True], [True], [False]])
    labels = ImageLabels(shown, np.array([[0.9], [0.1], [0.9]]), ~shown | [[True], [False], [True]])
    counts = image_labels.count_labels(labels)
    assert (counts.tp.item(), counts.fp.item(), counts.fn.item()) == (1, 1, 0)
    unknown = ImageLabels(shown, labels.probabilities, ~shown)
    assert np.isnan(image_labels.average_precision(unknown)).all()


@pytest.mark.parametrize("probability", [np.nan, 1.01, -0.01, np.inf])
def test_what_is_no_probability_is_refused(probability):
    with pytest.raises(ValueError, match="0 to 1"):
        ImageLabels.all_known(np.zeros((1, 1), bool), np.array([[probability]]))


def test_parts_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="shapes"):
        ImageLabels.all_known(np.zeros((2, 3), bool), np.zeros((3, 2)))
