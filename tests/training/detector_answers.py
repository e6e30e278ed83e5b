"""What the tests of trained detectors ask of their answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.geometry import rle
from core.structures import Dataset, Prediction
from training.detection_scores import score


def load(kind, weights: Path, categories, settings):
    (need,) = kind.weights
    return kind(settings, {need.stage: weights}, categories, "cpu")


def check_predictions(dataset: Dataset, predicted: list[Prediction], *, masks: bool) -> None:
    """Sizes, classes, scores and order are what a prediction promises."""
    assert [each.image for each in predicted] == list(dataset.images)
    assert sum(len(each.objects) > 0 for each in predicted) > len(predicted) / 2
    for each in predicted:
        objects, image = each.objects, each.image
        if not len(objects):
            continue
        assert set(objects.categories.tolist()) <= set(range(len(dataset.categories)))
        assert objects.scores.min() >= 0
        assert objects.scores.max() <= 1
        assert (np.diff(objects.scores) <= 0).all()
        corners = objects.boxes[:, :2] + objects.boxes[:, 2:]
        assert objects.boxes.min() >= 0
        assert (corners <= [image.width + 1e-3, image.height + 1e-3]).all()
        assert (objects.masks is not None) == masks
        for mask in objects.masks or ():
            assert (mask.height, mask.width) == (image.height, image.width)
            assert rle.area(mask) > 0


def same(one: Prediction, other: Prediction) -> None:
    """Bit by bit."""
    for name in ("boxes", "categories", "scores"):
        np.testing.assert_array_equal(getattr(one.objects, name), getattr(other.objects, name))
    assert one.objects.masks == other.objects.masks


def average_precision(dataset: Dataset, predicted: list[Prediction], geometry: str) -> float:
    return score(dataset, [each.objects for each in predicted], geometry)["ap50"]
