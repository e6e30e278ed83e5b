"""The systems that can predict: a line here and a file beside this one each."""

from __future__ import annotations

from importlib import import_module

from core.errors import UsageError
from training.protocol import System

# name -> "module:class"; importing the module imports no framework
SYSTEMS = {
    "unet-torch": "training.systems.unet_torch:UNetTorchSystem",
    "yolov8": "training.systems.yolov8:YoloV8System",
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
    module, class_name = SYSTEMS[name].split(":")
    found: type[System] = getattr(import_module(module), class_name)
    return found
