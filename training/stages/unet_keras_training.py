"""Training of the U-Net in Keras: AdamW, one cycle of the learning rate, one or two outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics import image_labels, pixel
from core.metrics.image_labels import ImageLabels
from core.metrics.ratios import mean_of_classes
from core.structures import LabelMap, void_of
from training import batches
from training.augmentation import augmentation_of
from training.batches import Samples
from training.epochs import run_epochs
from training.schedule import one_cycle
from training.stages import keras_checkpoints, unet_keras
from training.stages.keras_start import find_device, import_keras
from training.stages.keras_steps import make_answer, make_optimizer, make_step
from training.stages.unet_keras import Architecture
from training.stages.unet_keras_losses import cross_entropy, dice_loss, label_loss
from training.trainable import FitOptions, Report, TrainingData

Batch = tuple[NDArray[np.uint8], LabelMap]
# epoch to its batches
Feed = Callable[[int], Iterator[Batch]]
MakeFeed = Callable[[Samples, NDArray[np.int64], FitOptions], Feed]
LEAST_PIXELS = 4  # of a class in a view, for it to be shown


def fit(
    data: TrainingData,
    options: FitOptions,
    report: Report,
    architecture: Architecture,
    make_feed: MakeFeed,
) -> None:
    """Train from the start, or from a state, and report each epoch.

    Args:
        data: images with label maps, or masks.
        options: the settings are those of `training.unet_settings`.
        report: is told of each epoch.
        architecture: what to build.
        make_feed: from the samples and their (N, L) pixels of each class to batches.

    Raises:
        UsageError: an image cannot be learnt from, or the device is not there.
    """
    tf, keras = import_keras()
    keras.utils.set_random_seed(options.seed)
    with tf.device(find_device(options.device)):
        run_epochs(_begin(data, options, architecture, make_feed), options, report)


def feed_from_memory(samples: Samples, counts: NDArray[np.int64], options: FitOptions) -> Feed:
    """Return batches that NumPy makes from the samples."""
    settings = options.settings
    weights = batches.sampling_weights(counts, settings.balance)
    options.sampling(counts, weights)

    def feed(number: int) -> Iterator[Batch]:
        generator = np.random.default_rng([options.seed, number])
        order = batches.draw(weights, generator)
        changes = augmentation_of(settings)
        return batches.batches(samples, order, settings.batch, settings.crop, changes, generator)

    return feed


@dataclass(eq=False)
class Training:
    """A network on its way.

    Attributes:
        model: being trained.
        architecture: of the network.
        optimizer: of its weights.
        samples: to learn from.
        counts: (N, L) pixels of each class in each sample.
        feed: makes the batches of an epoch.
        val: samples to choose the best epoch by.
        options: as given.
    """

    model: Any
    architecture: Architecture
    optimizer: Any
    samples: Samples
    counts: NDArray[np.int64]
    feed: Feed
    val: Samples
    options: FitOptions

    def __post_init__(self) -> None:
        """Compile the step and the answer."""
        self._weights = self._class_weights()
        self._step = make_step(self.model, self.optimizer, self._losses)
        self._answer = make_answer(self.model)

    def epoch(self, number: int) -> dict[str, float]:
        """Learn from as many images as there are, and return the values of the epoch."""
        return {**self.learn(number), **self.validate()}

    def learn(self, number: int) -> dict[str, float]:
        """Learn from the batches of an epoch; return the mean losses and the last rate."""
        settings, count = self.options.settings, len(self.samples)
        totals: dict[str, float] = {}
        done, rate = 0, 0.0
        for pixels, label_maps in self.feed(number):
            rate = settings.lr * one_cycle((number - 1 + done / count) / self.options.epochs)
            self.optimizer.learning_rate = rate
            known = (label_maps != void_of(label_maps)).astype(np.float32)
            targets = np.where(known > 0, label_maps, 0).astype(np.int32)
            shown = self._shown(label_maps)
            found = self._step(unet_keras.as_input(pixels), targets, known, shown)
            for name, value in found.items():
                totals[name] = totals.get(name, 0.0) + float(value) * len(pixels)
            done += len(pixels)
            self.options.step(done, count)
        return {**{name: total / done for name, total in totals.items()}, "learning_rate": rate}

    def validate(self) -> dict[str, float]:
        """Return scores on the images of `val`, at the size at which the network sees them."""
        counted, probabilities, shown = [], [], []
        for index in range(len(self.val)):
            sample = self.val[index]
            height, width = sample.label_map.shape
            inputs = unet_keras.padded(sample.pixels, self.architecture.stride)[np.newaxis]
            answer = self._answer(unet_keras.as_input(inputs))
            logits = answer[0] if self.architecture.labels else answer
            predicted = logits.numpy()[0, :height, :width].argmax(axis=2)
            predicted = predicted.astype(sample.label_map.dtype)
            names = self.architecture.names
            counted.append(pixel.count_pixels(sample.label_map, predicted, len(names)))
            if self.architecture.labels:
                probabilities.append(1 / (1 + np.exp(-answer[1].numpy()[0].astype(np.float64))))
                shown.append(self._shown(sample.label_map[np.newaxis])[0] > 0)
        tally = pixel.tally(pixel.PixelCounts.sum(counted), len(names))
        values = {
            "val_miou": float(pixel.mean_iou(tally)),
            "val_pixel_accuracy": float(pixel.pixel_accuracy(tally)),
        }
        if self.architecture.labels:
            labels = ImageLabels.all_known(np.array(shown), np.array(probabilities))
            f1 = image_labels.f1(image_labels.count_labels(labels))
            values["val_label_f1"] = float(mean_of_classes(f1)[0])
            values["val_score"] = (values["val_miou"] + values["val_label_f1"]) / 2
        return values

    def save(self, path: Path) -> None:
        """Write the network as it is now."""
        unet_keras.save(self.model, self.architecture, path)

    def keep(self, path: Path, number: int) -> None:
        """Write what is needed to go on after an epoch."""
        keras_checkpoints.keep(self.model, self.optimizer, number, path)

    def restore(self, path: Path) -> int:
        """Go back to a state that `keep` wrote, and return its epoch."""
        number, variables = keras_checkpoints.restore(self.model, path)
        for variable, value in zip(self.optimizer.variables, variables, strict=True):
            variable.assign(value)
        return number

    def _shown(self, label_maps: LabelMap) -> NDArray[np.float32]:
        """Return which classes, but background, each map shows, (N, K)."""
        indices = self.architecture.label_indices
        amounts = [(label_maps == index).sum(axis=(1, 2)) for index in indices]
        return (np.stack(amounts, axis=1) >= LEAST_PIXELS).astype(np.float32)

    def _class_weights(self) -> NDArray[np.float32]:
        """Return what an error in each class costs, (L,), 1 on average over the pixels."""
        pixels = np.maximum(self.counts.sum(axis=0), 1).astype(np.float64)
        weights = pixels**-self.options.settings.class_weights
        weights *= pixels.sum() / (weights * pixels).sum()
        return weights.astype(np.float32)

    def _losses(self, outputs: Any, targets: Any, known: Any, shown: Any) -> dict[str, Any]:  # noqa: ANN401 - tensors
        settings = self.options.settings
        logits = outputs[0] if self.architecture.labels else outputs
        found = {
            "pixel_loss": cross_entropy(logits, targets, known, self._weights),
            "dice_loss": settings.dice * dice_loss(logits, targets, known),
        }
        if self.architecture.labels:
            found["label_loss"] = settings.label_weight * label_loss(outputs[1], shown)
        return found


def _begin(
    data: TrainingData, options: FitOptions, architecture: Architecture, make_feed: MakeFeed
) -> Training:
    settings = options.settings
    samples = Samples(data.train, settings.scale)
    counts = batches.count_labels(samples, len(architecture.names))
    model = unet_keras.build(architecture)
    if settings.start:
        _start_from(model, architecture, Path(settings.start).expanduser())
    return Training(
        model=model,
        architecture=architecture,
        optimizer=make_optimizer(model, settings.weight_decay),
        samples=samples,
        counts=counts,
        feed=make_feed(samples, counts, options),
        val=Samples(data.val, settings.scale),
        options=options,
    )


def _start_from(model: Any, architecture: Architecture, path: Path) -> None:  # noqa: ANN401 - a keras.Model
    """Take the weights of another checkpoint where names and shapes agree."""
    _, numbers = keras_checkpoints.load(path, architecture.system)
    for variable in model.weights:
        value = numbers.get(variable.path)
        if value is not None and value.shape == tuple(variable.shape):
            variable.assign(value)
