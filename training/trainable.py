"""What a system that can be trained is: data in, checkpoints out, an epoch at a time.

The frame around it (`training.fit`) keeps the best epoch, stops early, writes the history and the
card of the checkpoint, goes on after a stop and halves the batch where memory runs out. A system
only trains, and says after each epoch how far it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from core.structures import Dataset

Step = Callable[[int, int], None]
Sampling = Callable[[NDArray[np.int64], NDArray[np.float64]], None]
Save = Callable[[Path], None]


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a system learns from.

    Attributes:
        train: images to learn from; read them with `training.images`.
        val: images by which the best epoch is chosen; of the same classes.
    """

    train: Dataset
    val: Dataset


def no_step(done: int, total: int) -> None:
    """Watch no progress."""


def no_sampling(counts: NDArray[np.int64], weights: NDArray[np.float64]) -> None:
    """Keep nothing of how images are drawn."""


@dataclass(frozen=True, eq=False)
class FitOptions:
    """How to train.

    Attributes:
        settings: an instance of the system's `fit_settings_type`.
        epochs: passes over the training images, which the schedule is made for.
        seed: of all that is random.
        device: "auto", "cpu", "cuda:0".
        folder: of this training alone; whatever the system writes while it trains goes there.
        resume: what `Epoch.save_state` wrote: go on after that epoch. None starts anew.
        step: to be called after each batch with the images done, and of how many, in this epoch.
            It may raise to end the training; let it pass.
        sampling: to be called before the first epoch, by a system that draws images by their
            classes, with how much of each class each image shows, (N, L), and the probabilities
            that an image is drawn, (N,).
    """

    settings: Any
    epochs: int
    seed: int
    device: str
    folder: Path
    resume: Path | None = None
    step: Step = no_step
    sampling: Sampling = no_sampling


@dataclass(frozen=True, eq=False)
class Epoch:
    """Where a training stands after an epoch.

    Attributes:
        number: from 1.
        values: name to number, such as "loss", "val_loss", "val_miou"; scores are fractions.
        save: writes the network as it is now, as the system loads it; called, if at all, before
            `report` returns.
        save_state: writes all that is needed to go on after this epoch, or None if the system
            cannot go on.
    """

    number: int
    values: Mapping[str, float]
    save: Save
    save_state: Save | None = None


# False: stop now
Report = Callable[[Epoch], bool]


class Trainable(Protocol):
    """What the class of a system has, besides `training.protocol.System`, if it can be trained.

    Attributes:
        fit_settings_type: a frozen dataclass of all that changes the training but epochs and
            seed, made as `settings_type` is; `batch` is among them.
        fit_goal: the name in `Epoch.values` by which the best epoch is chosen: the lowest if it
            ends in "loss", else the highest.
        checkpoint_suffix: of the files that `Epoch.save` writes, such as ".safetensors"; loading
            one may not run code that is in it.
    """

    fit_settings_type: ClassVar[type[Any]]
    fit_goal: ClassVar[str]
    checkpoint_suffix: ClassVar[str]

    @staticmethod
    def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
        """Train, from `options.resume` on, until the last epoch or until `report` says stop.

        If memory runs out, let the framework's error pass: the frame starts again with half the
        batch, after the last epoch that has a state.

        Raises:
            UsageError: the data cannot be learnt from, or the device is not there.
        """
