"""YOLOv8 networks that were trained here: of any width, kept as numbers without code.

ultralytics' own checkpoints are pickles, which run code when they are loaded. These are
safetensors: the numbers, and beside them the few facts from which the network is built again.
ultralytics evaluates parts of a network's description as code, so none of it is kept: it comes from
the library's own yolov8.yaml.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import UsageError
from training.settings import require_range
from training.stages import torch_checkpoints
from training.stages.torch_checkpoints import CheckpointKind

KIND = CheckpointKind("yolov8", others=", or a .pt file of ultralytics")


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
    torch_checkpoints.save(network, asdict(architecture), path, KIND)


def load(path: Path) -> tuple[Any, Architecture]:
    """Read what `save` wrote; the network is ready to predict.

    Raises:
        UsageError: the file is not one of this network.
    """
    architecture, numbers = torch_checkpoints.load(path, KIND, _checked)
    network = build(architecture)
    torch_checkpoints.fill(network, numbers, path, KIND)
    return network, architecture


def _checked(**described: Any) -> Architecture:  # noqa: ANN401 - whatever a file says
    architecture = Architecture(**described)
    require_range("depth", architecture.depth, 0.01, 10)
    require_range("width", architecture.width, 0.01, 10)
    require_range("widest", architecture.widest, 8, 8192)
    require_range("imgsz", architecture.imgsz, 32, 8192)
    return architecture


def other_shape(path: Path, shape: Architecture) -> UsageError:
    """Return the error of a network that another one cannot take over."""
    return UsageError(
        f"{path} is a YOLOv8 of depth {shape.depth}, width {shape.width} and widest "
        f"{shape.widest}, which the network to train cannot take over. Set the same depth, width "
        "and widest."
    )
