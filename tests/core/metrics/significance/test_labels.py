"""Image labels of multisets of images, against scikit-learn on the multisets themselves."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from core.metrics.image_labels import ImageLabels
from core.metrics.significance import LabelPrecision, calibration_measure

IMAGES, CLASSES = 30, 4


def labels(seed: int) -> ImageLabels:
    """Return labels with ties, a class that is never shown and pairs that nobody knows."""
    rng = np.random.default_rng(seed)
    shown = rng.random((IMAGES, CLASSES)) < [0.5, 0.1, 0.9, 0.0]
    probabilities = (0.8 * rng.random(shown.shape) + 0.2 * shown).round(1)
    return ImageLabels(shown, probabilities, rng.random(shown.shape) < 0.7)


def plain(parts: list[ImageLabels], copies: np.ndarray) -> list[float]:
    """Return the average precision of each class of the images, each as often as it is there."""
    shown, probabilities, known = (
        np.repeat(np.vstack([getattr(part, name) for part in parts]), copies, axis=0)
        for name in ("shown", "probabilities", "known")
    )
    return [
        reference.average_precision_score(shown[kept, index], probabilities[kept, index])
        if (shown[:, index] & kept).any()
        else np.nan
        for index, kept in enumerate(known.T)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_precision_of_a_multiset_is_that_of_scikit_learn(seed):
    own = labels(seed)
    copies = np.random.default_rng(seed).integers(0, 4, IMAGES)
    scores = LabelPrecision(own, (0, 2)).scores(copies[np.newaxis])[0]
    classes = plain([own], copies)
    assert scores[1:] == pytest.approx(classes, abs=1e-12, nan_ok=True)
    assert scores[0] == pytest.approx(np.mean([classes[0], classes[2]]))


def test_images_may_take_their_labels_from_another_run():
    first, second = labels(1), labels(2)
    both = LabelPrecision(first, (0, 1, 2)).joined(LabelPrecision(second, (0, 1, 2)))
    kept = np.random.default_rng(3).integers(0, 2, IMAGES)
    copies = np.concatenate([kept, 1 - kept])
    scores = both.scores(copies[np.newaxis])[0]
    assert scores[1:] == pytest.approx(plain([first, second], copies), abs=1e-12, nan_ok=True)


def test_calibration_error_of_a_multiset_is_its_definition():
    rng = np.random.default_rng(4)
    places = np.sort(rng.integers(0, 8, 60))
    probabilities, right = rng.random(60), rng.random(60) < 0.4
    probabilities[:3] = 0, 1, 1 / 15
    copies = rng.integers(0, 3, 8)
    measure = calibration_measure(8, places, probabilities, right)
    said, true = (np.repeat(part, copies[places]) for part in (probabilities, right))
    error = 0.0
    for number in range(15):
        inside = (said > number / 15) & (said <= (number + 1) / 15) | (number == 0) & (said == 0)
        error += abs(true[inside].sum() - said[inside].sum()) / len(said)
    assert measure.scores(copies[np.newaxis])[0] == pytest.approx([error])
