"""Training of torchvision's detectors: AdamW, one cycle of the learning rate, averaged weights."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import UsageError
from core.structures import Dataset
from training.augmentation import augmentation_of
from training.batches import draw, sampling_weights
from training.detection_scores import pixels_of, score
from training.detector_samples import DetectionSample, DetectionSamples, augment, count_objects
from training.epochs import run_epochs
from training.protocol import WeightsNeed
from training.schedule import one_cycle
from training.stages import detector_networks, torch_states
from training.stages.detections import objects_of
from training.stages.detector import Limits, as_tensor, detect, set_limits
from training.stages.detector_networks import Architecture, Family
from training.stages.detector_start import begin, learnt_groups
from training.stages.torch_device import find_device
from training.stages.yolov8 import prepare_library
from training.trainable import FitOptions, Report, TrainingData

WARM_UP = 0.1  # share of the training in which the learning rate rises
LARGEST_GRADIENT = 5.0  # norm, above which a step is shortened
AVERAGED = 0.995  # share of the average that stays at each step, once there are enough
VALIDATION = Limits(least_score=0.02, iou=0.5, most=100)


def fit(
    data: TrainingData, options: FitOptions, report: Report, family: Family, need: WeightsNeed
) -> None:
    """Train from the start, or from a state, and report each epoch.

    Args:
        data: to learn from.
        options: how; `settings` is a `DetectorFitSettings`.
        report: as the frame gives it.
        family: what to train.
        need: names the files that `settings.start` may be.

    Raises:
        UsageError: the data cannot be learnt from, or the device is not there.
    """
    prepare_library()
    torch.manual_seed(options.seed)
    run_epochs(_begin(data, options, family, need), options, report)


@dataclass(eq=False)
class Training:
    """A network on its way.

    Attributes:
        network: being trained.
        average: the same, its weights a moving average: this one is kept and validated.
        family: what it is.
        architecture: of both.
        optimizer: of the weights that are learnt.
        samples: to learn from.
        shares: (N,) how often each of them is drawn, summing to 1.
        val: images to choose the best epoch by.
        options: as given.
        device: where the networks are.
        steps: taken so far.
    """

    network: Any
    average: Any
    family: Family
    architecture: Architecture
    optimizer: torch.optim.Optimizer
    samples: DetectionSamples
    shares: NDArray[np.float64]
    val: Dataset
    options: FitOptions
    device: torch.device
    steps: int = 0

    def epoch(self, number: int) -> dict[str, float]:
        """Learn from as many images as there are, and return the values of the epoch."""
        generator = np.random.default_rng([self.options.seed, number])
        # torchvision draws regions from PyTorch's state
        torch.manual_seed(int(generator.integers(2**31)))
        losses = self.learn(draw(self.shares, generator), generator, number)
        return {**losses, **self.validate()}

    def learn(
        self, order: NDArray[np.int64], generator: np.random.Generator, number: int
    ) -> dict[str, float]:
        """Learn from images in the order given; return the mean losses and the last rate."""
        settings, done, totals = self.options.settings, 0, dict[str, float]()
        self._into_training()
        for samples in self._batches(order, generator):
            progress = (number - 1 + done / len(order)) / self.options.epochs
            for group in self.optimizer.param_groups:
                group["lr"] = group["share"] * settings.lr * one_cycle(progress, WARM_UP)
            losses = self._step(samples)
            done += len(samples)
            for name, value in losses.items():
                totals[name] = totals.get(name, 0.0) + value * len(samples)
            self.options.step(done, len(order))
        means = {name: value / max(done, 1) for name, value in totals.items()}
        rate = float(self.optimizer.param_groups[-1]["lr"])
        return {"loss": sum(means.values()), **means, "learning_rate": rate}

    def validate(self) -> dict[str, float]:
        """Return COCO's figures of the averaged network on the images of `val`."""
        network, first = self.average.eval(), self.family.first_label
        set_limits(network, VALIDATION)
        places = np.maximum(np.arange(len(self.architecture.names) + first) - first, -1)
        found = []
        for (pixels,) in pixels_of(self.val, 1):
            detections = detect(network, pixels, places)
            found.append(objects_of(detections, detections.classes.astype(np.int32)))
        kinds = ("box", "mask") if found[0].masks is not None else ("box",)
        return {
            f"val_{kind}_{name}": value
            for kind in kinds
            for name, value in score(self.val, found, kind).items()
        }

    def save(self, path: Path) -> None:
        """Write the averaged network as it is now."""
        detector_networks.save(self.average, self.family, self.architecture, path)

    def keep(self, path: Path, number: int) -> None:
        """Write what is needed to go on after an epoch."""
        torch_states.keep(path, number, self._parts, steps=self.steps)

    def restore(self, path: Path) -> int:
        """Go back to a state that `keep` wrote, and return its epoch."""
        state = torch_states.restore(path, self.device, self._parts)
        self.steps = state["steps"]
        return int(state["epoch"])

    @property
    def _parts(self) -> dict[str, Any]:
        return {"network": self.network, "average": self.average, "optimizer": self.optimizer}

    def _batches(
        self, order: NDArray[np.int64], generator: np.random.Generator
    ) -> Iterator[list[DetectionSample]]:
        batch, changes = self.options.settings.batch, augmentation_of(self.options.settings)
        for start in range(0, len(order), batch):
            places = order[start : start + batch].tolist()
            yield [augment(self.samples[place], changes, generator) for place in places]

    def _step(self, samples: list[DetectionSample]) -> dict[str, float]:
        images = [as_tensor(sample.pixels).to(self.device) for sample in samples]
        targets = [target_of(sample, self.family.first_label, self.device) for sample in samples]
        with torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.options.settings.bfloat16
        ):
            losses: dict[str, Tensor] = self.network(images, targets)
        self.optimizer.zero_grad(set_to_none=True)
        torch.stack([each.float() for each in losses.values()]).sum().backward()
        learnt = [each for group in self.optimizer.param_groups for each in group["params"]]
        torch.nn.utils.clip_grad_norm_(learnt, LARGEST_GRADIENT)
        self.optimizer.step()
        self._take_into_average()
        return {_plain(name): float(value.detach()) for name, value in losses.items()}

    @torch.no_grad()
    def _take_into_average(self) -> None:
        self.steps += 1
        stays = min(AVERAGED, self.steps / (self.steps + 10))
        averaged = self.average.state_dict()
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                averaged[name].lerp_(value, 1 - stays)
            else:
                averaged[name].copy_(value)

    def _into_training(self) -> None:
        """Let the network learn; what is frozen keeps its statistics, too."""
        self.network.train()
        for module in self.network.modules():
            own = list(module.parameters(recurse=False))
            if own and not any(each.requires_grad for each in own):
                module.eval()


def target_of(sample: DetectionSample, first_label: int, device: Any) -> dict[str, Tensor]:  # noqa: ANN401
    """Return the objects of a sample as torchvision's detectors take them."""
    labels = torch.from_numpy(sample.classes.astype(np.int64) + first_label)
    target = {
        "boxes": torch.from_numpy(sample.corners.astype(np.float32).reshape(-1, 4)).to(device),
        "labels": labels.to(device),
    }
    if sample.masks is not None:
        target["masks"] = torch.from_numpy(sample.masks).to(device)
    return target


def _begin(data: TrainingData, options: FitOptions, family: Family, need: WeightsNeed) -> Training:
    settings, device = options.settings, find_device(options.device)
    learns = sum(len(each.objects or ()) for each in data.train.annotations.values())
    if not learns:
        raise UsageError(
            f"{data.train.name} · {data.train.split} has no objects, so no detection can be learnt."
        )
    names = tuple(category.name for category in data.train.categories)
    network, architecture = begin(family, need, settings, names)
    network = network.to(device)
    counts = count_objects(data.train)
    shares = sampling_weights(counts, settings.balance)
    options.sampling(counts, shares)
    return Training(
        network=network,
        average=deepcopy(network),
        family=family,
        architecture=architecture,
        optimizer=torch.optim.AdamW(
            learnt_groups(network, settings), weight_decay=settings.weight_decay
        ),
        samples=DetectionSamples(
            data.train, architecture.side, with_masks=hasattr(network, "roi_heads")
        ),
        shares=shares,
        val=data.val,
        options=options,
        device=device,
    )


def _plain(name: str) -> str:
    """Return torchvision's name of a loss as the history keeps it."""
    return f"{name.removeprefix('loss_')}_loss"
