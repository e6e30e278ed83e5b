"""Trainings whose epochs are kept, for the tests of systems that learn."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.structures import Dataset
from training.images import read_photograph
from training.protocol import Photograph
from training.trainable import Epoch, FitOptions, TrainingData


@dataclass
class Course:
    """A training whose epochs are kept.

    Attributes:
        folder: of its weights and states.
        stop_after: epoch after which it is told to stop.
        values: of each epoch.
        steps: images done, and of how many, after each batch.
        sampled: how much of each class each image shows, and how probable its draw is.
    """

    folder: Path
    stop_after: int = 10**6
    values: list[dict[str, float]] = field(default_factory=list)
    steps: list[tuple[int, int]] = field(default_factory=list)
    sampled: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

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


def train(kind: Any, folder: Path, dataset: Dataset, settings: Any, epochs: int, **more) -> Course:
    """Train on all images of a data set, and choose by the same."""
    folder.mkdir(exist_ok=True)
    course = Course(folder, stop_after=more.pop("stop_after", 10**6))
    options = FitOptions(
        settings,
        epochs,
        more.pop("seed", 3),
        "cpu",
        folder,
        step=lambda done, total: course.steps.append((done, total)),
        sampling=lambda counts, weights: course.sampled.append((counts, weights)),
        **more,
    )
    kind.fit(TrainingData(dataset, dataset), options, course.report)
    return course


def photographs(dataset: Dataset) -> list[Photograph]:
    found = [read_photograph(dataset.images_folder, record) for record in dataset.images]
    assert all(isinstance(each, Photograph) for each in found)
    return found
