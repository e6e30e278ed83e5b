"""A small trunk for torchvision's detectors: YOLOv8's layers below its head, and a pyramid on them.

YOLOv8's trunk and neck learn fast from scratch, and can be taken over from a YOLOv8 that was
trained already. PyTorch is imported with this module: systems import it late.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork  # type: ignore[import-untyped]

from training.stages import yolov8_weights

# layer of yolov8.yaml -> pixels to a cell of what it gives
STRIDES = {2: 4, 15: 8, 18: 16, 21: 32}


class SmallTrunk(nn.Module):
    """Pixels (N, 3, H, W) to maps of equal channels, by name "0", "1", … from fine to coarse."""

    def __init__(
        self, shape: yolov8_weights.Architecture, channels: int, strides: Sequence[int]
    ) -> None:
        """Build it with random weights.

        Args:
            shape: of the YOLOv8 that the trunk is of.
            channels: of each map that comes out.
            strides: pixels to a cell of each, of those in `STRIDES`.
        """
        super().__init__()
        self.layers = yolov8_weights.build(shape).model[:-1]
        self._taken = [layer for layer, stride in STRIDES.items() if stride in strides]
        self._kept = {place for layer in self.layers for place in _sources(layer) if place >= 0}
        with torch.no_grad():
            widths = [each.shape[1] for each in self._maps(torch.zeros(1, 3, 64, 64))]
        self.pyramid = FeaturePyramidNetwork(widths, channels)
        self.out_channels = channels

    def forward(self, pixels: Tensor) -> Mapping[str, Tensor]:
        """Return the maps; H and W are multiples of 32."""
        named = OrderedDict((str(place), each) for place, each in enumerate(self._maps(pixels)))
        maps: Mapping[str, Tensor] = self.pyramid(named)
        return maps

    def _maps(self, pixels: Tensor) -> list[Tensor]:
        kept: dict[int, Tensor] = {}
        values = pixels
        for place, layer in enumerate(self.layers):
            sources = [values if source == -1 else kept[source] for source in _sources(layer)]
            values = layer(sources if len(sources) > 1 else sources[0])
            if place in self._kept or place in self._taken:
                kept[place] = values
        return [kept[place] for place in self._taken]


def take_over(trunk: SmallTrunk, path: Path) -> None:
    """Give a trunk the weights of a YOLOv8 of its shape that was trained here.

    Raises:
        UsageError: the file is none, or its shape is another.
    """
    network, shape = yolov8_weights.load(path)
    weights = network.model[:-1].state_dict()
    try:
        trunk.layers.load_state_dict(weights)
    except RuntimeError as error:
        raise yolov8_weights.other_shape(path, shape) from error


def _sources(layer: Any) -> list[int]:  # noqa: ANN401 - a layer of ultralytics
    """Return the places of the layers that a layer sees; -1 is the one before it."""
    return [layer.f] if isinstance(layer.f, int) else list(layer.f)
