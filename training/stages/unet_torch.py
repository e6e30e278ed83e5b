"""U-Net (Ronneberger, Fischer, Brox 2015) in PyTorch: the network, and its checkpoints.

    pixels --> DoubleConv ------------------ skip ------------------> DoubleConv --> logits
                  | halve                                                ^ double
                  +--> DoubleConv ---------- skip ------> DoubleConv ----+
                          | halve                            ^ double
                          +-------------> DoubleConv --------+

Unlike in the paper convolutions are padded, so the logits are of the size of the input, and
normalised by batch. With one output channel the network is binary.

PyTorch is imported with this module: systems import it late.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.stages import torch_checkpoints
from training.stages.torch_checkpoints import CheckpointKind

KIND = CheckpointKind("unet-torch")


@dataclass(frozen=True)
class Architecture:
    """All that the network is built from, kept with its weights.

    Attributes:
        names: of the classes the network tells apart, background among them.
        background: index in `names` of what means "nothing", or -1 if none does.
        width: channels of the first level; each level below has twice as many.
        depth: how often the size is halved.
        widest: channels of a level, at most.
        scale: size at which the network sees an image, as a fraction of the image's own.
    """

    names: tuple[str, ...]
    background: int
    width: int
    depth: int
    widest: int
    scale: float

    @property
    def binary(self) -> bool:
        """Return whether one channel tells an object from background."""
        return len(self.names) == 2 and self.background >= 0

    @property
    def outputs(self) -> int:
        """Return the number of output channels."""
        return 1 if self.binary else len(self.names)

    @property
    def stride(self) -> int:
        """Return what the sides of an input must be multiples of, in pixels."""
        return int(2**self.depth)


class DoubleConv(nn.Sequential):
    """Twice: 3 x 3 convolution, batch normalisation, ReLU."""

    def __init__(self, channels_in: int, channels: int) -> None:
        """Map (N, channels_in, H, W) to (N, channels, H, W)."""
        super().__init__(*_conv(channels_in, channels), *_conv(channels, channels))


class UNet(nn.Module):
    """The network: (N, 3, H, W) pixels to (N, outputs, H, W) logits."""

    def __init__(self, architecture: Architecture) -> None:
        """Build it with random weights."""
        super().__init__()
        widths = [
            min(architecture.width * 2**level, architecture.widest)
            for level in range(architecture.depth + 1)
        ]
        steps = list(itertools.pairwise(widths))
        self.first = DoubleConv(3, widths[0])
        self.down = nn.ModuleList([DoubleConv(above, below) for above, below in steps])
        self.enlarge = nn.ModuleList(
            [nn.ConvTranspose2d(below, above, 2, stride=2) for above, below in reversed(steps)]
        )
        self.up = nn.ModuleList([DoubleConv(2 * above, above) for above, _ in reversed(steps)])
        self.classify = nn.Conv2d(widths[0], architecture.outputs, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits; H and W are multiples of the architecture's stride."""
        levels = [self.first(pixels)]
        for down in self.down:
            levels.append(down(functional.max_pool2d(levels[-1], 2)))
        features = levels.pop()
        for enlarge, up in zip(self.enlarge, self.up, strict=True):
            features = up(torch.cat([levels.pop(), enlarge(features)], dim=1))
        logits: Tensor = self.classify(features)
        return logits


def as_input(pixels: Tensor) -> Tensor:
    """Return uint8 pixels (N, H, W, 3) as the network takes them: (N, 3, H, W), -1 to 1.

    The memory stays in the order of pixels, in which CPUs convolve fastest.
    """
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def logits_of(network: UNet, architecture: Architecture, pixels: NDArray[np.uint8]) -> Tensor:
    """Return the (outputs, H, W) logits of one image at the size at which the network sees it.

    One image a pass: then its answer cannot depend on others, not in the last bit.

    Args:
        network: ready to predict.
        architecture: of the network.
        pixels: (H, W, 3), already at the network's scale.
    """
    height, width = pixels.shape[:2]
    stride = architecture.stride
    padding = ((0, -height % stride), (0, -width % stride), (0, 0))
    padded = torch.from_numpy(np.pad(pixels, padding, mode="edge"))
    device = next(network.parameters()).device
    with torch.inference_mode():
        logits: Tensor = network(as_input(padded.unsqueeze(0).to(device)))
    return logits[0, :, :height, :width]


def choose(logits: Tensor, architecture: Architecture, threshold: float) -> tuple[Tensor, Tensor]:
    """Return the winning name of each pixel and its probability, both (H, W).

    Args:
        logits: (outputs, H, W).
        architecture: of the network that gave them.
        threshold: probability from which a binary network says that it is the object.
    """
    if not architecture.binary:
        probabilities, labels = logits.softmax(dim=0).max(dim=0)
        return labels, probabilities
    probability = logits[0].sigmoid()
    found = probability >= threshold
    labels = torch.where(found, 1 - architecture.background, architecture.background)
    return labels, torch.where(found, probability, 1 - probability)


def save(network: UNet, architecture: Architecture, path: Path) -> None:
    """Write a checkpoint."""
    torch_checkpoints.save(network, asdict(architecture), path, KIND)


def load(path: Path) -> tuple[UNet, Architecture]:
    """Read a checkpoint; the network is ready to predict.

    Raises:
        UsageError: the file is not one of this network.
    """
    architecture, numbers = torch_checkpoints.load(path, KIND, Architecture)
    network = UNet(architecture)
    torch_checkpoints.fill(network, numbers, path, KIND)
    return network, architecture


def _conv(channels_in: int, channels: int) -> list[nn.Module]:
    return [
        nn.Conv2d(channels_in, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    ]
