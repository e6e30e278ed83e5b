"""RetinaNet by itself: boxes from one dense pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.protocol import Outputs, WeightsNeed
from training.systems.torchvision_detector import ADDRESS, TorchvisionDetector

if TYPE_CHECKING:
    from training.stages.detector_networks import Family

WEIGHTS = WeightsNeed(
    stage="retinanet",
    default="retinanet_resnet50_fpn_v2_coco-5905b1c5.pth",
    known=(
        "retinanet_resnet50_fpn_v2_coco-5905b1c5.pth",
        "retinanet_resnet50_fpn_coco-eeacb38b.pth",
        "retinanet-demo.safetensors",
    ),
    address=ADDRESS,
)


class RetinaNetSystem(TorchvisionDetector):
    """Detection in one dense pass."""

    title = "RetinaNet: boxes"
    stages = ("retinanet",)
    weights = (WEIGHTS,)
    outputs = Outputs(boxes=True)
    fit_goal = "val_box_ap"

    @staticmethod
    def family() -> Family:
        """Return RetinaNet in torchvision."""
        from training.stages.retinanet import FAMILY

        return FAMILY
