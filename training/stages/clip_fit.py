"""Training of the small CLIP: pictures of objects beside captions that name their classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import UsageError
from core.structures import BACKGROUND_NAME, Dataset
from training.epochs import run_epochs
from training.schedule import cosine
from training.settings import require_range, setting
from training.stages import clip_small, torch_states
from training.stages.clip_regions import Region, plain_regions, regions
from training.stages.torch_device import find_device
from training.trainable import FitOptions, Report, TrainingData

TEMPLATES = (
    "{}",
    "a {}",
    "the {}",
    "a photo of a {}",
    "a photo of the {}",
    "a picture of a {}",
    "a close-up of the {}",
)
WARM_UP_STEPS = 60
LARGEST_GRADIENT = 1.0
LARGEST_SCALE = math.log(100)  # of the logits, as in CLIP


@dataclass(frozen=True)
class ClipFitSettings:
    """All that changes the training, but epochs and seed."""

    batch: int = setting(24, "images a step; all their objects are cut out")
    backgrounds: float = setting(0.7, "regions without an object for each image, on average")
    learning_rate: float = setting(0.002, "the highest of the schedule")
    weight_decay: float = setting(0.05, "of AdamW")
    bfloat16: bool = setting(default=False, meaning="compute in 16 bits where that is safe")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("batch", self.batch, 1, 4096)
        require_range("backgrounds", self.backgrounds, 0, 100)
        require_range("learning_rate", self.learning_rate, 0, 1)
        require_range("weight_decay", self.weight_decay, 0, 1)


def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
    """Train a small CLIP on the objects of a data set, cut out by their masks.

    Raises:
        UsageError: the data set has no masks, or the device is not there.
    """
    run_epochs(_Trainer(data, options), options, report)


class ClipTraining:
    """The small CLIP as `python -m training fit clip` trains it."""

    title = "a small CLIP, stage of sam-clip"
    packages = ("torch", "open_clip_torch")
    fit_settings_type = ClipFitSettings
    fit_goal = "val_class_mean_top1"
    checkpoint_suffix = ".safetensors"
    fit = staticmethod(fit)


class _Trainer:
    """The network with its optimiser, and how far they are."""

    def __init__(self, data: TrainingData, options: FitOptions) -> None:
        import torch

        self._settings: ClipFitSettings = options.settings
        self._options = options
        self._device = find_device(options.device)
        self._data = data
        self._names = (*(each.name for each in data.train.categories), BACKGROUND_NAME)
        self._weights = torch.from_numpy(_class_weights(data.train)).to(self._device)
        torch.manual_seed(options.seed)
        self._shape = clip_small.SmallClip()
        self._clip = clip_small.build(self._shape)
        self._model = self._clip.model.to(self._device)
        self._optimiser = torch.optim.AdamW(
            self._model.parameters(),
            lr=self._settings.learning_rate,
            weight_decay=self._settings.weight_decay,
            betas=(0.9, 0.98),
        )
        self._steps_an_epoch = math.ceil(len(data.train.images) / self._settings.batch)
        self._steps = 0

    def save(self, path: Path) -> None:
        """Write the network as it is now."""
        clip_small.save(self._model, self._shape, path)

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
        return {"network": self._model, "optimiser": self._optimiser}

    def epoch(self, number: int) -> dict[str, float]:
        """Pass once over the images, and return the values of the epoch."""
        return {**self.learn(number), **self.measure()}

    def learn(self, number: int) -> dict[str, float]:
        """Pass once over the images; return the mean loss."""
        dataset, rng = self._data.train, np.random.default_rng([self._options.seed, number])
        self._model.train()
        order = rng.permutation(len(dataset.images))
        losses = []
        batch: list[Region] = []
        pictures = regions(dataset, order, rng, self._settings.backgrounds)
        for images, found in enumerate(pictures, 1):
            batch += found
            if images % self._settings.batch == 0:
                losses.append(self._step(batch, rng))
                self._options.step(images, len(order))
                batch = []
        if len(batch) > 1:  # batch norm needs two
            losses.append(self._step(batch, rng))
            self._options.step(len(order), len(order))
        self._steps = number * self._steps_an_epoch
        return {"loss": float(np.mean(losses))}

    def measure(self) -> dict[str, float]:
        """Return how many objects, cut out exactly, are given the right name of all classes."""
        import torch

        self._model.eval()
        found: list[NDArray[np.int64]] = []
        true: list[int] = []
        with torch.inference_mode():
            texts = self._encode_texts([f"a photo of a {name}" for name in self._names])
            for batch in plain_regions(self._data.val):
                logits = self._encode_images(batch) @ texts.T
                found.append(logits.argmax(dim=1).cpu().numpy())
                true += [region.label for region in batch]
        right = np.concatenate(found) == np.array(true)
        each = [right[np.array(true) == label].mean() for label in np.unique(true)]
        return {"val_top1": float(right.mean()), "val_class_mean_top1": float(np.mean(each))}

    def _step(self, batch: list[Region], rng: np.random.Generator) -> float:
        import torch

        total = self._options.epochs * self._steps_an_epoch
        rate = cosine(self._settings.learning_rate, self._steps, total, WARM_UP_STEPS)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        captions = [TEMPLATES[rng.integers(len(TEMPLATES))].format(name) for name in self._names]
        labels = torch.tensor([region.label for region in batch], device=self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._settings.bfloat16):
            images, texts = self._encode_images(batch), self._encode_texts(captions)
        logits = self._model.logit_scale.exp() * images.float() @ texts.float().T
        loss = contrastive_loss(logits, labels, self._weights)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), LARGEST_GRADIENT)
        self._optimiser.step()
        with torch.no_grad():
            self._model.logit_scale.clamp_(0, LARGEST_SCALE)
        self._steps += 1
        return float(loss.detach())

    def _encode_images(self, batch: list[Region]) -> Any:  # noqa: ANN401 - a torch tensor
        import torch

        side = (self._shape.side, self._shape.side)
        # as open_clip's preprocessing does it
        resized = [
            np.asarray(Image.fromarray(region.pixels).resize(side, Image.Resampling.BICUBIC))
            for region in batch
        ]
        pixels = torch.from_numpy(np.stack(resized)).to(self._device).permute(0, 3, 1, 2) / 255
        mean, deviation = (
            torch.tensor(each, device=self._device)[:, None, None]
            for each in (clip_small.MEAN, clip_small.DEVIATION)
        )
        return self._model.encode_image((pixels - mean) / deviation, normalize=True)

    def _encode_texts(self, texts: list[str]) -> Any:  # noqa: ANN401 - a torch tensor
        tokens = self._clip.tokenizer(texts).to(self._device)
        return self._model.encode_text(tokens, normalize=True)


def contrastive_loss(logits: Any, labels: Any, weights: Any) -> Any:  # noqa: ANN401 - tensors
    """Return CLIP's loss where several pictures share a caption.

    Each picture picks its caption; each caption that has pictures spreads over them evenly.

    Args:
        logits: (N, C + 1) of pictures and captions.
        labels: (N,) caption of each picture.
        weights: (C + 1,) of the captions, so that rare classes count.
    """
    import torch

    picks = torch.nn.functional.cross_entropy(logits, labels, weight=weights)
    matches = torch.nn.functional.one_hot(labels, logits.shape[1]).float()
    present = matches.sum(dim=0) > 0
    spread = matches / matches.sum(dim=0).clamp(min=1)
    spreads = -(spread * logits.log_softmax(dim=0)).sum(dim=0)[present].mean()
    return picks + 0.2 * spreads


def _class_weights(dataset: Dataset) -> NDArray[np.float32]:
    """Return (C + 1,) the inverse square root of how often each class is there, background 1."""
    counts = np.zeros(len(dataset.categories))
    for image in dataset.images:
        objects = dataset.annotations[image.id].objects
        if objects is not None and objects.masks is not None:
            counts += np.bincount(objects.categories, minlength=len(counts))
    if not counts.any():
        raise UsageError(
            f"The split {dataset.split!r} of {dataset.name!r} has no object with a mask; CLIP "
            "learns from objects cut out by their masks. Choose a data set with segmentations."
        )
    common = counts[counts > 0].mean()
    weights = np.sqrt(common / np.maximum(counts, 1))
    return np.append(weights, 1.0).astype(np.float32)
