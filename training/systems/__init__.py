"""The systems that can predict: a line here and a file beside this one each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from core.errors import UsageError
from training.protocol import System
from training.trainable import Trainable

# name -> "module:class"; importing the module imports no framework
SYSTEMS = {
    "ensemble": "training.systems.ensemble:EnsembleSystem",
    "mask-rcnn": "training.systems.mask_rcnn:MaskRCNNSystem",
    "retinanet": "training.systems.retinanet:RetinaNetSystem",
    "retinanet-sam": "training.systems.retinanet_sam:RetinaNetSamSystem",
    "sam-clip": "training.systems.sam_clip:SamClipSystem",
    "unet-tf": "training.systems.unet_tf:UNetTfSystem",
    "unet-torch": "training.systems.unet_torch:UNetTorchSystem",
    "unet-two-heads": "training.systems.unet_two_heads:UNetTwoHeadsSystem",
    "vgg19-digits": "training.systems.vgg19_digits:Vgg19DigitsSystem",
    "yolov8": "training.systems.yolov8:YoloV8System",
    "yolov8-sam": "training.systems.yolov8_sam:YoloV8SamSystem",
}
# networks that several systems are made of; they are trained by themselves
STAGES = {
    "clip": "training.stages.clip_fit:ClipTraining",
    "sam": "training.stages.sam_fit:SamTraining",
}


def system_type(name: str) -> type[System]:
    """Return the class of a system.

    Raises:
        UsageError: there is none of that name; the message lists those there are.
    """
    if name not in SYSTEMS:
        raise UsageError(
            f"There is no system named {name!r}. Systems: {', '.join(sorted(SYSTEMS))}."
        )
    found: type[System] = _imported(SYSTEMS[name])
    return found


def trainable_types() -> dict[str, type[Trainable]]:
    """Return what can be trained, by name: systems, and networks that systems share."""
    kinds = {name: _imported(place) for name, place in {**SYSTEMS, **STAGES}.items()}
    return {name: kind for name, kind in sorted(kinds.items()) if hasattr(kind, "fit")}


def fit_commands() -> dict[str, Any]:
    """Return how systems are fitted that are not trained in epochs: name to a module.

    Such a system names the module in its class attribute `fit_command`; it has DESCRIPTION,
    EXAMPLE, NOTES, SETTINGS (the type of its settings), add_options(parser) and run(options).
    """
    kinds = {name: _imported(place) for name, place in SYSTEMS.items()}
    return {
        name: import_module(kind.fit_command)
        for name, kind in sorted(kinds.items())
        if hasattr(kind, "fit_command")
    }


def _imported(place: str) -> Any:  # noqa: ANN401 - a class
    module, class_name = place.split(":")
    return getattr(import_module(module), class_name)
