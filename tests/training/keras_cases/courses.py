"""A training whose epochs are kept, for the systems in Keras."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.structures import Dataset
from training.images import read_photograph
from training.protocol import Photograph
from training.trainable import Epoch, FitOptions, TrainingData


@dataclass
class Course:
    folder: Path
    values: list[dict[str, float]] = field(default_factory=list)
    stop_after: int = 10**6

    def report(self, epoch: Epoch) -> bool:
        self.values.append(dict(epoch.values))
        epoch.save(self.weights)
        epoch.save_state(self.state(epoch.number))
        return epoch.number < self.stop_after

    @property
    def weights(self) -> Path:
        return self.folder / "w.safetensors"

    def state(self, number: int) -> Path:
        return self.folder / f"state-{number}"


def train(kind: Any, folder: Path, dataset: Dataset, settings: Any, epochs: int, **more) -> Course:
    folder.mkdir(exist_ok=True)
    course = Course(folder, stop_after=more.pop("stop_after", 10**6))
    options = FitOptions(settings, epochs, 3, "cpu", folder, **more)
    kind.fit(TrainingData(dataset, dataset), options, course.report)
    return course


def photographs(dataset: Dataset) -> list[Photograph]:
    found = [read_photograph(dataset.images_folder, record) for record in dataset.images]
    assert all(isinstance(each, Photograph) for each in found)
    return found
