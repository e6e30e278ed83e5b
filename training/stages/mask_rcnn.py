"""Mask R-CNN (He et al. 2017) as torchvision has it: regions first, then box, class and mask."""

from __future__ import annotations

from typing import Any

from torchvision.models.detection import MaskRCNN  # type: ignore[import-untyped]
from torchvision.models.detection.anchor_utils import (  # type: ignore[import-untyped]
    AnchorGenerator,
)
from torchvision.models.detection.faster_rcnn import (  # type: ignore[import-untyped]
    FastRCNNPredictor,
    TwoMLPHead,
)
from torchvision.models.detection.mask_rcnn import (  # type: ignore[import-untyped]
    MaskRCNNHeads,
    MaskRCNNPredictor,
)
from torchvision.ops import MultiScaleRoIAlign  # type: ignore[import-untyped]

from training.stages.detector_networks import Architecture, Family, set_side
from training.stages.small_trunk import SmallTrunk
from training.stages.yolov8_weights import Architecture as TrunkShape

STRIDES = (4, 8, 16, 32)
ANCHORS = ((14,), (24,), (44,), (80,))  # sides, in pixels, one a stride
RATIOS = (0.6, 1.0, 1.7)
BOX_CELLS, MASK_CELLS = 7, 14  # cells to a side of a region, for the heads
BOX_FEATURES = 256
MASK_LAYERS = 2
# Fewer regions than torchvision takes: small images have few objects.
REGIONS_TRAIN, REGIONS_TEST, SAMPLED = 256, 128, 64


def build_small(architecture: Architecture) -> Any:  # noqa: ANN401 - a torch module
    """Return torchvision's Mask R-CNN on a small trunk, with small heads."""
    labels, channels = len(architecture.names) + 1, architecture.channels
    shape = TrunkShape(
        architecture.names, architecture.depth, architecture.width, architecture.widest, 32
    )
    maps = [str(place) for place in range(len(STRIDES))]
    network: Any = MaskRCNN(
        SmallTrunk(shape, channels, STRIDES),
        rpn_anchor_generator=AnchorGenerator(ANCHORS, (RATIOS,) * len(STRIDES)),
        rpn_pre_nms_top_n_train=2 * REGIONS_TRAIN,
        rpn_pre_nms_top_n_test=2 * REGIONS_TEST,
        rpn_post_nms_top_n_train=REGIONS_TRAIN,
        rpn_post_nms_top_n_test=REGIONS_TEST,
        rpn_batch_size_per_image=SAMPLED,
        box_batch_size_per_image=SAMPLED,
        box_roi_pool=MultiScaleRoIAlign(maps, BOX_CELLS, 2, canonical_scale=56, canonical_level=4),
        box_head=TwoMLPHead(channels * BOX_CELLS**2, BOX_FEATURES),
        box_predictor=FastRCNNPredictor(BOX_FEATURES, labels),
        mask_roi_pool=MultiScaleRoIAlign(
            maps, MASK_CELLS, 2, canonical_scale=112, canonical_level=4
        ),
        mask_head=MaskRCNNHeads(channels, (channels,) * MASK_LAYERS, 1),
        mask_predictor=MaskRCNNPredictor(channels, channels, labels),
        # as YOLOv8, whose trunk it is, sees pixels: from 0 to 1
        image_mean=(0.0,) * 3,
        image_std=(1.0,) * 3,
    )
    set_side(network, architecture.side or 640)
    return network


def replace_head(network: Any, labels: int) -> None:  # noqa: ANN401 - torchvision's MaskRCNN
    """Give an official network untrained predictors of class, box and mask."""
    heads = network.roi_heads
    heads.box_predictor = FastRCNNPredictor(heads.box_predictor.cls_score.in_features, labels)
    mask = heads.mask_predictor
    heads.mask_predictor = MaskRCNNPredictor(
        mask.conv5_mask.in_channels, mask.conv5_mask.out_channels, labels
    )


FAMILY = Family(
    system="mask-rcnn",
    build_small=build_small,
    replace_head=replace_head,
    first_label=1,
    official={
        "maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth": "maskrcnn_resnet50_fpn_v2",
        "maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth": "maskrcnn_resnet50_fpn",
    },
)
