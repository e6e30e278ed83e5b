"""Training of the small SAM: prompts in, masks and their expected quality out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UsageError
from core.structures import Dataset
from training.epochs import run_epochs
from training.schedule import cosine
from training.settings import require_range, setting
from training.stages import sam_small, torch_states
from training.stages.sam_learning import decode_masks, embed_points, iou_of, losses
from training.stages.sam_prompts import (
    TOP_LEFT,
    Prompts,
    Scene,
    augmented,
    box_prompts,
    centre_prompts,
    draw_prompts,
    scenes,
)
from training.stages.sam_small import STRIDE
from training.stages.torch_device import find_device
from training.trainable import FitOptions, Report, TrainingData

WARM_UP_STEPS = 100
LARGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class SamFitSettings:
    """All that changes the training, but epochs and seed."""

    batch: int = setting(8, "images a step")
    prompts: int = setting(3, "prompts on each image of a step")
    side: int = setting(160, "side of the square that the network sees, in pixels")
    learning_rate: float = setting(0.0015, "the highest of the schedule")
    weight_decay: float = setting(0.01, "of AdamW")
    bfloat16: bool = setting(default=False, meaning="compute in 16 bits where that is safe")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("batch", self.batch, 1, 1024)
        require_range("prompts", self.prompts, 1, 256)
        require_range("side", self.side, 32, 1024)
        require_range("learning_rate", self.learning_rate, 0, 1)
        require_range("weight_decay", self.weight_decay, 0, 1)
        if self.side % 16:
            raise UsageError(f"--side is {self.side}; expected a multiple of 16.")


def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
    """Train a small SAM on the masks of a data set; its classes do not matter.

    Raises:
        UsageError: the data set has no masks, or the device is not there.
    """
    _require_masks(data.train)
    _require_masks(data.val)
    run_epochs(_Trainer(data, options), options, report)


class SamTraining:
    """The small SAM as `python -m training fit sam` trains it."""

    title = "a small SAM, stage of yolov8-sam, retinanet-sam and sam-clip"
    packages = ("torch", "segment_anything")
    fit_settings_type = SamFitSettings
    fit_goal = "val_box_iou"
    checkpoint_suffix = ".safetensors"
    fit = staticmethod(fit)


class _Trainer:
    """The network with its optimiser, and how far they are."""

    def __init__(self, data: TrainingData, options: FitOptions) -> None:
        import torch

        self._settings: SamFitSettings = options.settings
        self._data, self._options = data, options
        self._device = find_device(options.device)
        torch.manual_seed(options.seed)
        self._shape = sam_small.SmallSam(side=self._settings.side)
        self._network = sam_small.build(self._shape).to(self._device)
        self._network.image_encoder.to(memory_format=torch.channels_last)
        # only while it learns: where anything is at all teaches an encoder faster than prompts
        self._foreground = torch.nn.Conv2d(self._shape.channels, STRIDE**2, 1).to(self._device)
        self._optimiser = torch.optim.AdamW(
            self._learnt(),
            lr=self._settings.learning_rate,
            weight_decay=self._settings.weight_decay,
            betas=(0.9, 0.98),
        )
        self._steps_an_epoch = math.ceil(len(data.train.images) / self._settings.batch)
        self._steps = 0

    def save(self, path: Path) -> None:
        """Write the network as it is now."""
        sam_small.save(self._network, self._shape, path)

    def keep(self, path: Path, number: int) -> None:
        """Write what is needed to go on after an epoch."""
        torch_states.keep(path, number, self._parts)

    def restore(self, path: Path) -> int:
        """Go back to a state that `keep` wrote, and return its epoch."""
        number = int(torch_states.restore(path, self._device, self._parts)["epoch"])
        self._steps = number * self._steps_an_epoch
        return number

    @property
    def _parts(self) -> dict[str, Any]:
        return {
            "network": self._network,
            "foreground": self._foreground,
            "optimiser": self._optimiser,
        }

    def epoch(self, number: int) -> dict[str, float]:
        """Pass once over the images, and return the values of the epoch."""
        return {**self.learn(number), **self.measure()}

    def learn(self, number: int) -> dict[str, float]:
        """Pass once over the images; return the means of the losses."""
        dataset, rng = self._data.train, np.random.default_rng([self._options.seed, number])
        self._network.train()
        order = rng.permutation(len(dataset.images))
        sums: dict[str, list[float]] = {}
        done = 0
        for batch in _batches(dataset, self._settings.side, self._settings.batch, order):
            batch = [augmented(scene, rng) for scene in batch]
            prompts = draw_prompts(batch, self._settings.prompts, self._settings.side, rng)
            for name, value in self._step(batch, prompts).items():
                sums.setdefault(name, []).append(value)
            done += len(batch)
            self._options.step(done, len(order))
        # images that cannot be learnt from leave a shorter epoch; the schedule does not mind
        self._steps = number * self._steps_an_epoch
        return {name: float(np.mean(values)) for name, values in sums.items()}

    def measure(self) -> dict[str, float]:
        """Return how well exact boxes, and innermost points, are answered with masks."""
        import torch

        self._network.eval()
        boxes: list[Any] = []
        points: list[Any] = []
        dataset = self._data.val
        order = np.arange(len(dataset.images))
        with torch.inference_mode():
            for batch in _batches(dataset, self._settings.side, self._settings.batch, order):
                embeddings = self._embed(batch)
                for prompts, found in (
                    (box_prompts(batch, self._settings.side), boxes),
                    (centre_prompts(batch, self._settings.side), points),
                ):
                    logits, quality, targets = self._answer(embeddings, prompts)
                    found.append((iou_of(logits, targets), quality))
        box_iou = torch.cat([iou[:, 0] for iou, _ in boxes])
        best = [
            iou[:, 1:].gather(1, quality[:, 1:].argmax(1, keepdim=True)) for iou, quality in points
        ]
        return {
            "val_box_iou": float(box_iou.mean()),
            "val_point_iou": float(torch.cat(best).mean()),
        }

    def _step(self, batch: list[Scene], prompts: Prompts) -> dict[str, float]:
        import torch

        total = self._options.epochs * self._steps_an_epoch
        rate = cosine(self._settings.learning_rate, self._steps, total, WARM_UP_STEPS)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._settings.bfloat16):
            embeddings = self._embed(batch)
            logits, quality, targets = self._answer(embeddings, prompts)
            foreground = torch.nn.functional.pixel_shuffle(self._foreground(embeddings), STRIDE)
        boxes = torch.from_numpy(prompts.labels[:, 0] == TOP_LEFT).to(self._device)
        parts = {
            **losses(logits, quality, targets, boxes),
            "foreground_loss": torch.nn.functional.binary_cross_entropy_with_logits(
                foreground[:, 0].float(), self._covered(batch)
            ),
        }
        self._optimiser.zero_grad()
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(self._learnt(), LARGEST_GRADIENT)
        self._optimiser.step()
        self._steps += 1
        return {name: value.item() for name, value in parts.items()}

    def _covered(self, batch: list[Scene]) -> Any:  # noqa: ANN401 - a torch tensor
        """Return (B, side, side), 1 where any object is."""
        import torch

        covered = torch.zeros((len(batch), self._settings.side, self._settings.side))
        for image, scene in zip(covered, batch, strict=True):
            height, width = scene.masks.shape[1:]
            image[:height, :width] = torch.from_numpy(scene.masks.max(axis=0))
        return covered.to(self._device)

    def _learnt(self) -> list[Any]:
        return [*self._network.parameters(), *self._foreground.parameters()]

    def _embed(self, batch: list[Scene]) -> Any:  # noqa: ANN401 - a torch tensor
        import torch

        side = self._settings.side
        squares = torch.zeros((len(batch), 3, side, side), device=self._device)
        for square, scene in zip(squares, batch, strict=True):
            pixels = torch.tensor(scene.pixels, device=self._device).permute(2, 0, 1)
            height, width = scene.pixels.shape[:2]
            square[:, :height, :width] = (
                pixels - self._network.pixel_mean
            ) / self._network.pixel_std
        return self._network.image_encoder(squares.to(memory_format=torch.channels_last))

    def _answer(self, embeddings: Any, prompts: Prompts) -> tuple[Any, Any, Any]:  # noqa: ANN401
        """Return logits (P, 4, h, w), qualities (P, 4) and targets (P, h, w) in [0, 1]."""
        import torch

        points, labels, images, targets = (
            torch.from_numpy(each).to(self._device)
            for each in (prompts.points, prompts.labels, prompts.images, prompts.targets)
        )
        sparse = embed_points(self._network, points, labels)
        logits, quality = decode_masks(self._network, embeddings[images], sparse)
        stride = self._settings.side // logits.shape[-1]
        targets = torch.nn.functional.avg_pool2d(targets.float(), stride)
        return logits.float(), quality.float(), targets


def _batches(dataset: Dataset, side: int, size: int, order: Any) -> Iterator[list[Scene]]:  # noqa: ANN401
    batch: list[Scene] = []
    for scene in scenes(dataset, side, order):
        batch.append(scene)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _require_masks(dataset: Dataset) -> None:
    for image in dataset.images:
        objects = dataset.annotations[image.id].objects
        if objects is not None and len(objects) and objects.masks is not None:
            return
    raise UsageError(
        f"The split {dataset.split!r} of {dataset.name!r} has no object with a mask; SAM learns "
        "from masks. Choose a data set with segmentations."
    )
