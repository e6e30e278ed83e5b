"""Trainings of detectors on a handful of painted scenes, and what their tests ask of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.geometry import rle
from core.structures import Dataset, Prediction
from training.detection_scores import score
from training.images import read_photograph
from training.protocol import Photograph
from training.trainable import Epoch, FitOptions, TrainingData


@dataclass
class Course:
    """A training whose epochs are kept."""

    folder: Path
    stop_after: int = 10**6
    values: list[dict[str, float]] = field(default_factory=list)
    steps: list[tuple[int, int]] = field(default_factory=list)

    def report(self, epoch: Epoch) -> bool:
        assert all(np.isfinite(value) for value in epoch.values.values())
        self.values.append(dict(epoch.values))
        epoch.save(self.weights)
        epoch.save_state(self.state(epoch.number))
        return epoch.number < self.stop_after

    def state(self, number: int) -> Path:
        return self.folder / f"state-{number}"

    @property
    def weights(self) -> Path:
        return self.folder / "w.safetensors"

    @property
    def losses(self) -> list[float]:
        return [each["loss"] for each in self.values]


def train(kind, folder: Path, dataset: Dataset, settings, epochs: int, **more) -> Course:
    folder.mkdir(exist_ok=True)
    course = Course(folder, stop_after=more.pop("stop_after", 10**6))
    options = FitOptions(
        settings,
        epochs,
        3,
        "cpu",
        folder,
        step=lambda done, total: course.steps.append((done, total)),
        **more,
    )
    kind.fit(TrainingData(dataset, dataset), options, course.report)
    return course


def photographs(dataset: Dataset) -> list[Photograph]:
    found = [read_photograph(dataset.images_folder, record) for record in dataset.images]
    assert all(isinstance(each, Photograph) for each in found)
    return found


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
