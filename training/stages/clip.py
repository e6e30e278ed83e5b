"""CLIP as open_clip has it: regions of an image named by captions that it has never seen paired."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import UsageError, WorkFailedError
from training.protocol import WeightsNeed
from training.stages import clip_small
from training.stages.torch_device import described, find_device

SEPARATOR = "--"  # between the configuration and the tag in an official name
PICTURES_A_PASS = 32
WEIGHTS = WeightsNeed(
    stage="clip",
    default="ViT-B-32--laion2b_s34b_b79k.safetensors",
    known=(
        "ViT-B-32--laion2b_s34b_b79k.safetensors",
        "ViT-B-32--datacomp_xl_s13b_b90k.safetensors",
        "ViT-B-16--laion2b_s34b_b88k.safetensors",
        "ViT-L-14--laion2b_s32b_b82k.safetensors",
        "clip-demo.safetensors",
    ),
    # the page that lists them: each file is in a repository of its own
    address="https://github.com/mlfoundations/open_clip/blob/main/docs/PRETRAINED.md",
)


@dataclass(frozen=True)
class Captions:
    """What the classes are called in front of CLIP.

    Attributes:
        classes: (C,) names.
        others: (B,) names of what is no class, such as "background".
        templates: sentences with {} for the name; each name is the mean of all.
    """

    classes: tuple[str, ...]
    others: tuple[str, ...]
    templates: tuple[str, ...]


class Clip:
    """One checkpoint, loaded, with its captions encoded."""

    def __init__(self, weights: Path, device: str, captions: Captions) -> None:
        """Load a checkpoint; no code in it is run.

        Raises:
            UsageError: the file is no CLIP that is known here, or the device is not there.
        """
        import open_clip  # type: ignore[import-untyped]

        self._device = find_device(device)
        self._clip = load(weights)
        self._model: Any = self._clip.model.to(self._device).eval()
        self._texts = open_clip.build_zero_shot_classifier(
            self._model,
            self._clip.tokenizer,
            (*captions.classes, *captions.others),
            captions.templates,
            device=self._device,
        )
        self.probabilities([np.zeros((8, 8, 3), np.uint8)])  # so that no image pays for it

    @property
    def device(self) -> str:
        """Return the device with the name of its chip."""
        return described(self._device)

    def probabilities(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """Return how well each caption fits each picture.

        Args:
            pictures: N of (side, side, 3) red, green, blue, of any sides.

        Returns:
            (N, C + B) shares that sum to 1 for each picture.
        """
        import torch

        rows = [np.empty((0, self._texts.shape[1]))]
        for start in range(0, len(pictures), PICTURES_A_PASS):
            chunk = pictures[start : start + PICTURES_A_PASS]
            batch = torch.stack([self._clip.preprocess(Image.fromarray(each)) for each in chunk])
            with torch.inference_mode():
                images = self._model.encode_image(batch.to(self._device), normalize=True)
                logits = self._model.logit_scale.exp() * images @ self._texts
            rows.append(logits.softmax(dim=1).cpu().numpy().astype(np.float64))
        return np.concatenate(rows)


def load(path: Path) -> clip_small.Clip:
    """Return the model of a file: a small one trained here, or a release of open_clip.

    A release is a file whose name starts with the name of its configuration, such as
    ViT-B-32--laion2b_s34b_b79k.safetensors.

    Raises:
        UsageError: it is neither.
    """
    import open_clip

    if clip_small.shape_of(path) is not None:
        return clip_small.load(path)
    configuration = path.name.split(SEPARATOR)[0]
    if configuration not in open_clip.list_models():
        raise UsageError(
            f"{path} is no small CLIP, and its name does not start with a configuration of "
            f"open_clip and {SEPARATOR!r}. Name the file after its model, such as "
            f"{WEIGHTS.default}."
        )
    try:
        return clip_small.open_model(configuration, str(path), load_weights=True)
    except Exception as error:
        first_line = (str(error).splitlines() or ["no reason given"])[0]
        raise UsageError(
            f"{path} cannot be loaded as a {configuration} of open_clip ({type(error).__name__}: "
            f"{first_line}). Name the file after its model, or download it again."
        ) from error


def download(name: str, folder: Path) -> Path:
    """Fetch a release of open_clip into a folder.

    Raises:
        WorkFailedError: it could not be fetched.
    """
    from open_clip import pretrained

    configuration, _, tag = name.removesuffix(".safetensors").partition(SEPARATOR)
    try:
        release = pretrained.get_pretrained_cfg(configuration, tag)
        fetched = Path(pretrained.download_pretrained(release, cache_dir=str(folder / "hub")))
        if fetched.suffix != ".safetensors":
            raise OSError(f"the release is {fetched.name}, not a .safetensors file")
        shutil.copyfile(fetched, folder / name)
    except Exception as error:
        raise WorkFailedError(str(error)) from error
    return folder / name
