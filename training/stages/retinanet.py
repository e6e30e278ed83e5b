"""RetinaNet (Lin et al. 2017) as torchvision has it: boxes from one dense pass."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn
from torchvision.models.detection.anchor_utils import (  # type: ignore[import-untyped]
    AnchorGenerator,
)
from torchvision.models.detection.retinanet import (  # type: ignore[import-untyped]
    RetinaNet,
    RetinaNetHead,
)

from training.stages.detector_networks import Architecture, Family, set_side
from training.stages.small_trunk import SmallTrunk
from training.stages.yolov8_weights import Architecture as TrunkShape

STRIDES = (8, 16, 32)
# Sides of anchors of each stride, in pixels, and what their height is to their width.
ANCHORS = tuple(
    tuple(round(stride * 2.2 * 2 ** (step / 3)) for step in range(3)) for stride in STRIDES
)
RATIOS = (1.0, 1.8)
CONVOLUTIONS = 2  # of a head, where torchvision has four: small networks learn them faster
GROUPS = 8


def build_small(architecture: Architecture) -> Any:  # noqa: ANN401 - a torch module
    """Return torchvision's RetinaNet on a small trunk, with a small head."""
    classes = len(architecture.names)
    shape = TrunkShape(
        architecture.names, architecture.depth, architecture.width, architecture.widest, 32
    )
    anchors = AnchorGenerator(ANCHORS, (RATIOS,) * len(STRIDES))
    trunk = SmallTrunk(shape, architecture.channels, STRIDES)
    network: Any = RetinaNet(
        trunk,
        classes,
        anchor_generator=anchors,
        head=_head(trunk.out_channels, len(ANCHORS[0]) * len(RATIOS), classes),
        # as YOLOv8, whose trunk it is, sees pixels: from 0 to 1
        image_mean=(0.0,) * 3,
        image_std=(1.0,) * 3,
    )
    set_side(network, architecture.side or 640)
    return network


def replace_head(network: Any, classes: int) -> None:  # noqa: ANN401 - torchvision's RetinaNet
    """Give an official network an untrained head."""
    anchors = network.anchor_generator.num_anchors_per_location()[0]
    norm = partial(nn.GroupNorm, 32)
    network.head = RetinaNetHead(network.backbone.out_channels, anchors, classes, norm_layer=norm)


FAMILY = Family(
    system="retinanet",
    build_small=build_small,
    replace_head=replace_head,
    first_label=0,
    official={
        "retinanet_resnet50_fpn_v2_coco-5905b1c5.pth": "retinanet_resnet50_fpn_v2",
        "retinanet_resnet50_fpn_coco-eeacb38b.pth": "retinanet_resnet50_fpn",
    },
)


def _head(channels: int, anchors: int, classes: int) -> Any:  # noqa: ANN401 - a torch module
    head = RetinaNetHead(channels, anchors, classes, norm_layer=partial(nn.GroupNorm, GROUPS))
    for branch in (head.classification_head, head.regression_head):
        branch.conv = nn.Sequential(*list(branch.conv)[:CONVOLUTIONS])
    return head
