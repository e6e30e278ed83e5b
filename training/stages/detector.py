"""A loaded detector of torchvision, RetinaNet or Mask R-CNN, and what it finds in images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.geometry import rle
from training.stages import detector_networks
from training.stages.detections import Detections
from training.stages.detector_networks import Family
from training.stages.torch_device import described, find_device


@dataclass(frozen=True)
class Limits:
    """Which candidates become detections.

    Attributes:
        least_score: candidates must score higher.
        iou: of two boxes of a class that overlap more, the lower score goes.
        most: detections an image, at most.
    """

    least_score: float
    iou: float
    most: int


class Detector:
    """One checkpoint, ready to detect; images are seen one at a time."""

    def __init__(
        self, family: Family, weights: Path, device: str, *, side: int, limits: Limits
    ) -> None:
        """Load a checkpoint; no code in it is run.

        Args:
            family: what the checkpoint is of.
            weights: its file.
            device: "auto", "cpu", "cuda:0".
            side: longest side at which the network sees an image; 0 as it was trained.
            limits: which candidates become detections.

        Raises:
            UsageError: the file is no such checkpoint, or the device is not there.
        """
        self._device = find_device(device)
        loaded = detector_networks.load(family, weights)
        self._network = loaded.network.to(self._device)
        self._places = loaded.places
        self.names = loaded.names
        if side:
            detector_networks.set_side(self._network, side)
        set_limits(self._network, limits)

    @property
    def device(self) -> str:
        """Return the device with the name of its chip."""
        return described(self._device)

    def find_only(self, classes: Sequence[int]) -> None:
        """Leave out what is of none of these classes, indices in `names`."""
        self._places = np.where(np.isin(self._places, classes), self._places, -1)

    def detect(self, images: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Return what is found in each image, (H, W, 3) each, from high score to low."""
        return [detect(self._network, each, self._places) for each in images]


def set_limits(network: Any, limits: Limits) -> None:  # noqa: ANN401 - a network of torchvision
    """Let a network give these candidates."""
    place = getattr(network, "roi_heads", network)
    place.score_thresh, place.nms_thresh = limits.least_score, limits.iou
    place.detections_per_img = limits.most


def detect(
    network: Any,  # noqa: ANN401 - a network of torchvision
    pixels: NDArray[np.uint8],
    places: NDArray[np.int64],
) -> Detections:
    """Return what a network finds in one image, of classes by `places`, see `Loaded`.

    One image a pass: then its answer cannot depend on others, not in the last bit.
    """
    device = next(network.parameters()).device
    tensor = as_tensor(pixels).to(device)
    with torch.inference_mode():
        (found,) = network([tensor])
    numbers = {name: each.cpu().numpy() for name, each in found.items()}
    classes = places[numbers["labels"]]
    kept = np.flatnonzero(classes >= 0)
    masks = None
    if "masks" in numbers:
        masks = tuple(rle.encode(numbers["masks"][place, 0] > 0.5) for place in kept)
        shown = [index for index, mask in enumerate(masks) if rle.area(mask)]
        kept, masks = kept[shown], tuple(masks[index] for index in shown)
    return Detections(
        corners=numbers["boxes"][kept].astype(np.float64),
        classes=classes[kept],
        scores=numbers["scores"][kept].astype(np.float64),
        masks=masks,
    )


def as_tensor(pixels: NDArray[np.uint8]) -> torch.Tensor:
    """Return pixels (H, W, 3) as torchvision's detectors take them: (3, H, W), 0 to 1."""
    return torch.tensor(pixels).permute(2, 0, 1).float() / 255
