"""Training of the U-Net: cross-entropy and Dice, AdamW, one cycle of the learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.metrics import pixel
from core.structures import void_of
from training import batches
from training.augmentation import augmentation_of
from training.batches import Samples
from training.epochs import run_epochs
from training.schedule import one_cycle
from training.stages import torch_states, unet_torch
from training.stages.torch_device import find_device
from training.stages.unet_torch import Architecture, UNet, as_input, choose, logits_of
from training.trainable import FitOptions, Report, TrainingData

IGNORED = -1


def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
    """Train from the start, or from a state, and report each epoch.

    Raises:
        UsageError: an image cannot be learnt from, or the device is not there.
    """
    torch.manual_seed(options.seed)
    run_epochs(_begin(data, options), options, report)


@dataclass(eq=False)
class Training:
    """A network on its way.

    Attributes:
        network: being trained.
        architecture: of the network.
        optimizer: of its weights.
        samples: to learn from.
        counts: (N, L) pixels of each class in each sample.
        shares: (N,) how often each sample is to be drawn, summing to 1.
        val: samples to choose the best epoch by.
        options: as given.
        device: where the network is.
    """

    network: UNet
    architecture: Architecture
    optimizer: torch.optim.Optimizer
    samples: Samples
    counts: NDArray[np.int64]
    shares: NDArray[np.float64]
    val: Samples
    options: FitOptions
    device: torch.device

    def epoch(self, number: int) -> dict[str, float]:
        """Learn from as many images as there are, and return the values of the epoch."""
        generator = np.random.default_rng([self.options.seed, number])
        learnt = self.learn(batches.draw(self.shares, generator), generator, number)
        return {**learnt, **self.validate()}

    def learn(
        self, order: NDArray[np.int64], generator: np.random.Generator, number: int
    ) -> dict[str, float]:
        """Learn from images in the order given; return the mean loss and the last rate."""
        settings, total, done, rate = self.options.settings, 0.0, 0, 0.0
        weights = self._class_weights()
        self.network.train()
        changes = augmentation_of(settings)
        for pixels, labels in batches.batches(
            self.samples, order, settings.batch, settings.crop, changes, generator
        ):
            rate = settings.lr * one_cycle((number - 1 + done / len(order)) / self.options.epochs)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            with torch.autocast(self.device.type, torch.bfloat16, enabled=settings.bfloat16):
                logits = self.network(as_input(torch.from_numpy(pixels).to(self.device)))
            targets = self._targets(labels)
            loss = cross_entropy(logits.float(), targets, weights)
            loss = loss + settings.dice * dice_loss(logits.float(), targets)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            done += len(pixels)
            total += float(loss.detach()) * len(pixels)
            self.options.step(done, len(order))
        return {"loss": total / max(done, 1), "learning_rate": rate}

    def validate(self) -> dict[str, float]:
        """Return scores on the images of `val`, at the size at which the network sees them."""
        self.network.eval()
        names, counted = self.architecture.names, []
        for index in range(len(self.val)):
            sample = self.val[index]
            logits = logits_of(self.network, self.architecture, sample.pixels)
            labels, _ = choose(logits, self.architecture, 0.5)
            predicted = labels.cpu().numpy().astype(sample.label_map.dtype)
            counted.append(pixel.count_pixels(sample.label_map, predicted, len(names)))
        tally = pixel.tally(pixel.PixelCounts.sum(counted), len(names))
        return {
            "val_miou": float(pixel.mean_iou(tally)),
            "val_pixel_accuracy": float(pixel.pixel_accuracy(tally)),
        }

    def save(self, path: Path) -> None:
        """Write the network as it is now."""
        unet_torch.save(self.network, self.architecture, path)

    def keep(self, path: Path, number: int) -> None:
        """Write what is needed to go on after an epoch."""
        torch_states.keep(path, number, self._parts)

    def restore(self, path: Path) -> int:
        """Go back to a state that `keep` wrote, and return its epoch."""
        return int(torch_states.restore(path, self.device, self._parts)["epoch"])

    @property
    def _parts(self) -> dict[str, Any]:
        return {"network": self.network, "optimizer": self.optimizer}

    def _class_weights(self) -> Tensor:
        """Return what an error in each class costs, (L,), 1 on average over the pixels."""
        pixels = np.maximum(self.counts.sum(axis=0), 1).astype(np.float64)
        weights = pixels**-self.options.settings.class_weights
        weights *= pixels.sum() / (weights * pixels).sum()
        return torch.tensor(weights, dtype=torch.float32, device=self.device)

    def _targets(self, labels: NDArray[Any]) -> Tensor:
        """Return (N, H, W) int64 classes; in a binary network 1 is the class, 0 background."""
        targets = labels.astype(np.int64)
        if self.architecture.binary:
            targets = (targets != self.architecture.background).astype(np.int64)
        targets[labels == void_of(labels)] = IGNORED
        return torch.from_numpy(targets).to(self.device)


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Return the mean cross-entropy over labelled pixels; binary with logits for one channel.

    Args:
        logits: (N, L, H, W), or (N, 1, H, W) of a binary network.
        targets: (N, H, W) class indices, `IGNORED` where nothing is to be learnt.
        weights: (L,) of the classes; a binary network is not weighted.
    """
    if logits.shape[1] > 1:
        labelled = (targets != IGNORED).sum().clamp(min=1)
        summed = functional.cross_entropy(
            logits, targets, weights, ignore_index=IGNORED, reduction="sum"
        )
        return summed / labelled
    known = targets != IGNORED
    costs = functional.binary_cross_entropy_with_logits(
        logits[:, 0], targets.clamp(min=0).float(), reduction="none"
    )
    return (costs * known).sum() / known.sum().clamp(min=1)


def dice_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return 1 minus the mean soft Dice (Milletari et al. 2016) of the classes in the batch."""
    known = (targets != IGNORED).unsqueeze(1)
    if logits.shape[1] > 1:
        probabilities = logits.softmax(dim=1)
        truth = functional.one_hot(targets.clamp(min=0), logits.shape[1]).permute(0, 3, 1, 2)
    else:
        probabilities = logits.sigmoid()
        truth = targets.unsqueeze(1).clamp(min=0)
    truth, probabilities = truth * known, probabilities * known
    axes = (0, 2, 3)
    shared = (probabilities * truth).sum(axes)
    both = probabilities.sum(axes) + truth.sum(axes)
    present = truth.sum(axes) > 0
    losses = (1 - (2 * shared + 1) / (both + 1)) * present
    return losses.sum() / present.sum().clamp(min=1)


def _begin(data: TrainingData, options: FitOptions) -> Training:
    settings, device = options.settings, find_device(options.device)
    names, background = batches.label_names(data.train)
    architecture = Architecture(
        names=names,
        background=-1 if background is None else background,
        width=settings.width,
        depth=settings.depth,
        widest=settings.widest,
        scale=settings.scale,
    )
    samples = Samples(data.train, settings.scale)
    counts = batches.count_labels(samples, len(names))
    shares = batches.sampling_weights(counts, settings.balance)
    options.sampling(counts, shares)
    network = UNet(architecture).to(device, memory_format=torch.channels_last)
    return Training(
        network=network,
        architecture=architecture,
        optimizer=torch.optim.AdamW(network.parameters(), weight_decay=settings.weight_decay),
        samples=samples,
        counts=counts,
        shares=shares,
        val=Samples(data.val, settings.scale),
        options=options,
        device=device,
    )
