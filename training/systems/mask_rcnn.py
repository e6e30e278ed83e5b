"""Mask R-CNN by itself: regions, then box, class and mask of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.protocol import Outputs, WeightsNeed
from training.systems.torchvision_detector import ADDRESS, TorchvisionDetector

if TYPE_CHECKING:
    from training.stages.detector_networks import Family

WEIGHTS = WeightsNeed(
    stage="mask-rcnn",
    default="maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth",
    known=(
        "maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth",
        "maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth",
        "mask-rcnn-demo.safetensors",
    ),
    address=ADDRESS,
)


class MaskRCNNSystem(TorchvisionDetector):
    """Detection and segmentation of regions that the network proposes itself."""

    title = "Mask R-CNN: boxes and masks"
    stages = ("mask-rcnn",)
    weights = (WEIGHTS,)
    outputs = Outputs(boxes=True, masks=True)
    fit_goal = "val_mask_ap"

    @staticmethod
    def family() -> Family:
        """Return MaskRCNN in torchvision."""
        from training.stages.mask_rcnn import FAMILY

        return FAMILY
