"""Training of the two branches on VGG19, in two phases.

With published weights the branches learn first on the frozen base, then all of it is tuned. From
random weights all learns all the time, but first on views that close in on the object, because
sixteen layers do not find a digit in a photograph before they know what digits look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics import localization
from training.epochs import run_epochs
from training.schedule import one_cycle
from training.single_objects import SingleObjects, Variation, as_square, make_batch
from training.stages import keras_checkpoints, vgg19_digits
from training.stages.keras_start import find_device, import_keras
from training.stages.keras_steps import make_answer, make_optimizer, make_step
from training.stages.vgg19_digits import Architecture
from training.trainable import FitOptions, Report, TrainingData

VALIDATION_BATCH = 100
FIRST, SECOND = 1, 2
EARLY_WEIGHT = 0.5  # of the guess halfway


def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
    """Train from the start, or from a state, and report each epoch.

    Raises:
        UsageError: an image cannot be learnt from, or the device is not there.
    """
    tf, keras = import_keras()
    keras.utils.set_random_seed(options.seed)
    with tf.device(find_device(options.device)):
        run_epochs(_begin(data, options), options, report)


@dataclass(eq=False)
class Training:
    """A network on its way.

    Attributes:
        model: being trained.
        architecture: of the network.
        train: images to learn from.
        val: images to choose the best epoch by.
        options: as given.
        phase: 1 or 2, 0 before the first epoch.
    """

    model: Any
    architecture: Architecture
    train: SingleObjects
    val: SingleObjects
    options: FitOptions
    phase: int = 0
    optimizer: Any = None
    _kept: Sequence[NDArray[Any]] = field(default=(), repr=False)

    def epoch(self, number: int) -> dict[str, float]:
        """Learn from all images once, and return the values of the epoch."""
        self.enter(number)
        return {**self.learn(number), **self.validate(), "phase": self.phase}

    def enter(self, number: int) -> None:
        """Begin the phase of an epoch, if it is another one."""
        phase = FIRST if number <= self._first_epochs else SECOND
        if phase == self.phase:
            return
        self.phase = phase
        frozen = phase == FIRST and bool(self.options.settings.base)
        for layer in vgg19_digits.base_layers(self.model):
            layer.trainable = not frozen
        # from random weights the optimizer goes on: only the views change
        if self.optimizer is None or self.options.settings.base:
            decay = self.options.settings.weight_decay
            self.optimizer = make_optimizer(self.model, decay, self._kept)
            self._kept = ()
        self._step = make_step(self.model, self.optimizer, self._losses)
        self._answer = make_answer(self.model)

    def learn(self, number: int) -> dict[str, float]:
        """Learn from all images once; return the mean losses and the last rate."""
        settings = self.options.settings
        generator = np.random.default_rng([self.options.seed, number])
        order = generator.permutation(len(self.train))
        totals: dict[str, float] = {}
        done = 0
        for start in range(0, len(order), settings.batch):
            progress = number - 1 + done / len(order)
            self.optimizer.learning_rate = self._rate(progress)
            chosen = order[start : start + settings.batch]
            pixels, labels, boxes = make_batch(
                self.train, chosen, settings.side, self._variation(progress), generator
            )
            inputs = vgg19_digits.as_input(pixels, self.architecture)
            for name, value in self._step(inputs, labels, boxes).items():
                totals[name] = totals.get(name, 0.0) + float(value) * len(chosen)
            done += len(chosen)
            self.options.step(done, len(order))
        means = {name: total / done for name, total in totals.items()}
        return {**means, "learning_rate": self._rate(number)}

    def validate(self) -> dict[str, float]:
        """Return scores on the images of `val`, unchanged."""
        logits, boxes = [], []
        for start in range(0, len(self.val), VALIDATION_BATCH):
            squares = np.stack(
                [
                    as_square(pixels, self.architecture.side)
                    for pixels in self.val.pixels[start : start + VALIDATION_BATCH]
                ]
            )
            answer = self._answer(vgg19_digits.as_input(squares, self.architecture))
            logits.append(answer[0].numpy())
            boxes.append(answer[1].numpy())
        sizes = np.array([pixels.shape[1::-1] * 2 for pixels in self.val.pixels], np.float64)
        overlaps = localization.box_ious(self.val.boxes, np.concatenate(boxes) * sizes)
        right = np.concatenate(logits).argmax(axis=1) == self.val.labels
        return {
            "val_top1": float(right.mean()),
            "val_box_iou": float(overlaps.mean()),
            "val_score": float((right * overlaps).mean()),
        }

    def save(self, path: Path) -> None:
        """Write the network as it is now."""
        vgg19_digits.save(self.model, self.architecture, path)

    def keep(self, path: Path, number: int) -> None:
        """Write what is needed to go on after an epoch."""
        keras_checkpoints.keep(self.model, self.optimizer, number, path)

    def restore(self, path: Path) -> int:
        """Go back to a state that `keep` wrote, and return its epoch."""
        number, self._kept = keras_checkpoints.restore(self.model, path)
        self.enter(number)
        return number

    @property
    def _first_epochs(self) -> int:
        return round(self.options.epochs * self.options.settings.first_phase)

    def _rate(self, progress: float) -> float:
        settings, epochs = self.options.settings, self.options.epochs
        if not settings.base:
            return float(settings.lr * one_cycle(progress / epochs))
        if self.phase == FIRST:
            return float(settings.lr * one_cycle(progress / self._first_epochs))
        tuned = (progress - self._first_epochs) / (epochs - self._first_epochs)
        return float(settings.tuning_lr * one_cycle(tuned))

    def _variation(self, progress: float) -> Variation:
        settings = self.options.settings
        closing = self.phase == FIRST and not settings.base
        return Variation(
            crop=1.0 if closing else settings.crop,
            least_crop=1 - progress / self._first_epochs if closing else 0.0,
            zoom=settings.zoom,
            shift=settings.shift,
            brightness=settings.brightness,
            contrast=settings.contrast,
            shuffle_colours=settings.shuffle_colours,
        )

    def _losses(self, outputs: Any, labels: Any, boxes: Any) -> dict[str, Any]:  # noqa: ANN401 - tensors
        tf, _ = import_keras()
        logits, found, *early = outputs
        costs = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        distance = tf.reduce_mean(tf.abs(boxes - found), axis=1)
        apart = 1 - _overlap(boxes, found)
        weight = self.options.settings.box_weight
        losses = {
            "class_loss": tf.reduce_mean(costs),
            "box_loss": weight * tf.reduce_mean(apart + 4 * distance),
        }
        for guess in early:
            costs = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, guess)
            losses["early_loss"] = EARLY_WEIGHT * tf.reduce_mean(costs)
        return losses


def _overlap(boxes: Any, others: Any) -> Any:  # noqa: ANN401 - tensors
    """Return the IoU of each pair of boxes x, y, width, height, (N,)."""
    tf, _ = import_keras()
    ends = tf.minimum(boxes[:, :2] + boxes[:, 2:], others[:, :2] + others[:, 2:])
    sides = tf.maximum(ends - tf.maximum(boxes[:, :2], others[:, :2]), 0)
    shared = sides[:, 0] * sides[:, 1]
    both = boxes[:, 2] * boxes[:, 3] + others[:, 2] * others[:, 3] - shared
    return shared / tf.maximum(both, 1e-6)


def _begin(data: TrainingData, options: FitOptions) -> Training:
    settings = options.settings
    architecture = Architecture(
        names=tuple(category.name for category in data.train.categories),
        side=settings.side,
        width=settings.width,
        dense=settings.dense,
    )
    base = Path(settings.base).expanduser() if settings.base else None
    return Training(
        model=vgg19_digits.build(architecture, base),
        architecture=architecture,
        train=SingleObjects.of(data.train),
        val=SingleObjects.of(data.val),
        options=options,
    )
