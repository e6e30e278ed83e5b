"""YOLOv8 networks that were trained here: of any width, kept as numbers without code.

ultralytics' own checkpoints are pickles, which run code when they are loaded. These are
safetensors: the numbers, and beside them the few facts from which the network is built again.
ultralytics evaluates parts of a network's description as code, so none of it is kept: it comes from
the library's own yolov8.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import UsageError
from training.settings import require_range

FORMAT = "overlook yolov8 1"
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Architecture:
    """All that a network is built from.

    Attributes:
        names: of its classes.
        depth: how many blocks a stage has, as a fraction of YOLOv8l's.
        width: how many channels, as a fraction of YOLOv8l's; 0.25 is YOLOv8n.
        widest: channels of a layer, before `width`, at most.
        imgsz: side of the square that it was trained on, in pixels.
    """

    names: tuple[str, ...]
    depth: float
    width: float
    widest: int
    imgsz: int


def build(architecture: Architecture) -> Any:  # noqa: ANN401 - an ultralytics DetectionModel
    """Return the network with random weights."""
    from ultralytics.nn.tasks import DetectionModel, yaml_model_load

    description: Any = yaml_model_load("yolov8n.yaml")
    sizes = [architecture.depth, architecture.width, architecture.widest]
    description.update(scales={"custom": sizes}, scale="custom", nc=len(architecture.names))
    network: Any = DetectionModel(description, ch=3, nc=len(architecture.names), verbose=False)
    network.names = dict(enumerate(architecture.names))
    network.task = "detect"
    return network


def save(network: Any, architecture: Architecture, path: Path) -> None:  # noqa: ANN401
    """Write a network as numbers of 16 bits, which is what ultralytics keeps as well."""
    from safetensors.torch import save_file

    numbers = {
        name: (value.half() if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    # one entry, because safetensors writes several in random order
    save_file(numbers, path, metadata={FORMAT: json.dumps(asdict(architecture))})


def load(path: Path) -> tuple[Any, Architecture]:
    """Read what `save` wrote; the network is ready to predict.

    Raises:
        UsageError: the file is not one of this network.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            architecture = _architecture(file.metadata() or {}, path)
            numbers = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - no dict
    except (SafetensorError, OSError) as error:
        raise _unusable(path, str(error)) from error
    network = build(architecture)
    try:
        network.load_state_dict(numbers)
    except RuntimeError as error:
        raise _unusable(path, "its weights are not those of the network it names") from error
    return network.eval(), architecture


def _architecture(described: Mapping[str, str], path: Path) -> Architecture:
    if FORMAT not in described:
        raise _unusable(path, f"it says nothing of {FORMAT}")
    try:
        told: dict[str, Any] = json.loads(described[FORMAT])
        architecture = Architecture(**{**told, "names": tuple(map(str, told["names"]))})
        require_range("depth", architecture.depth, 0.01, 10)
        require_range("width", architecture.width, 0.01, 10)
        require_range("widest", architecture.widest, 8, 8192)
        require_range("imgsz", architecture.imgsz, 32, 8192)
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise _unusable(path, f"it does not say what network it is of ({error})") from error
    return architecture


def _unusable(path: Path, reason: str) -> UsageError:
    return UsageError(
        f"{path} cannot be loaded as a checkpoint of YOLOv8: {reason}. Expected a {SUFFIX} file "
        "that `python -m training fit yolov8` wrote, or a .pt file of ultralytics."
    )


def other_shape(path: Path, shape: Architecture) -> UsageError:
    """Return the error of a network that another one cannot take over."""
    return UsageError(
        f"{path} is a YOLOv8 of depth {shape.depth}, width {shape.width} and widest "
        f"{shape.widest}, which the network to train cannot take over. Set the same depth, width "
        "and widest."
    )
