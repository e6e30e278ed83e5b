"""torchvision's RetinaNet and Mask R-CNN: small ones, the official ones, and their checkpoints.

PyTorch is imported with this module: systems import it late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import WorkFailedError
from training.settings import require_range
from training.stages import torch_checkpoints
from training.stages.torch_checkpoints import SUFFIX, CheckpointKind

SMALL = "small"
ADDRESS = "https://download.pytorch.org/models/"


@dataclass(frozen=True)
class Architecture:
    """All that a network is built from, kept with its weights.

    Attributes:
        names: of its classes.
        base: "small", or what torchvision calls the network.
        depth: of a small one's trunk, see `yolov8_weights.Architecture`.
        width: of a small one's trunk.
        widest: of a small one's trunk.
        channels: of a small one's maps.
        side: longest side at which it sees an image, in pixels; 0 as torchvision has it.
    """

    names: tuple[str, ...]
    base: str = SMALL
    depth: float = 0.33
    width: float = 0.125
    widest: int = 1024
    channels: int = 64
    side: int = 0


@dataclass(frozen=True, eq=False)
class Family:
    """A kind of detector.

    Attributes:
        system: its name, in messages and checkpoints.
        build_small: architecture to a small network.
        build_official: name in torchvision and number of classes to that network.
        replace_head: gives an official network an untrained head for a number of classes.
        first_label: what the network calls the first class; smaller labels are background.
        official: file name of official weights -> name in torchvision.
    """

    system: str
    build_small: Callable[[Architecture], Any]
    replace_head: Callable[[Any, int], None]
    first_label: int
    official: Mapping[str, str]

    @property
    def kind(self) -> CheckpointKind:
        """Return what its checkpoints are."""
        others = f", or official weights such as {next(iter(self.official))}"
        return CheckpointKind(self.system, others)


@dataclass(frozen=True, eq=False)
class Loaded:
    """A network with its weights, ready to predict.

    Attributes:
        network: torchvision's.
        names: of its classes.
        places: (L,) index in `names` of each label that it may give, -1 for none.
        architecture: what it was built from, None for official weights.
    """

    network: Any
    names: tuple[str, ...]
    places: NDArray[np.int64]
    architecture: Architecture | None


def build(family: Family, architecture: Architecture) -> Any:  # noqa: ANN401 - a torch module
    """Return the network with random weights."""
    if architecture.base == SMALL:
        return family.build_small(architecture)
    network = official_network(architecture.base)
    family.replace_head(network, len(architecture.names) + family.first_label)
    if architecture.side:
        set_side(network, architecture.side)
    return network


def official_network(name: str) -> Any:  # noqa: ANN401 - a torch module
    """Return a network of torchvision with random weights; nothing is downloaded."""
    from torchvision.models import get_model  # type: ignore[import-untyped]

    return get_model(name, weights=None, weights_backbone=None)


def set_side(network: Any, side: int) -> None:  # noqa: ANN401 - a torch module
    """Let a network see images with their longest side enlarged or reduced to `side` pixels."""
    # the shortest side never decides
    network.transform.min_size = (side,)
    network.transform.max_size = side


def save(network: Any, family: Family, architecture: Architecture, path: Path) -> None:  # noqa: ANN401
    """Write a checkpoint."""
    torch_checkpoints.save(network, asdict(architecture), path, family.kind)


def load(family: Family, path: Path) -> Loaded:
    """Read a checkpoint of this program, or official weights; neither can run code.

    Raises:
        UsageError: the file is not one of this network.
    """
    if path.suffix != SUFFIX:
        return _load_official(family, path)
    architecture, numbers = torch_checkpoints.load(
        path, family.kind, partial(_checked, family=family)
    )
    network = build(family, architecture)
    torch_checkpoints.fill(network, numbers, path, family.kind)
    places = np.arange(len(architecture.names) + family.first_label) - family.first_label
    return Loaded(network, architecture.names, np.maximum(places, -1), architecture)


def download(name: str, folder: Path) -> Path:
    """Fetch official weights into a folder, with a progress bar.

    Raises:
        WorkFailedError: they could not be fetched, or are not what their name says.
    """
    try:
        torch.hub.download_url_to_file(
            f"{ADDRESS}{name}", str(folder / name), hash_prefix=Path(name).stem.rsplit("-", 1)[1]
        )
    except Exception as error:
        raise WorkFailedError(str(error)) from error
    return folder / name


def _load_official(family: Family, path: Path) -> Loaded:
    """Read a file that torchvision publishes; it is known by its name."""
    from torchvision.models import get_model_weights

    if path.name not in family.official:
        known = ", ".join(family.official)
        raise family.kind.unusable(path, f"only {known} are known among files of that kind")
    name = family.official[path.name]
    network = official_network(name)
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:
        first_line = (str(error).splitlines() or ["no reason given"])[0]
        raise family.kind.unusable(path, f"{type(error).__name__}: {first_line}") from error
    labels = list(get_model_weights(name).COCO_V1.meta["categories"])
    names = tuple(each for each in labels if each not in ("__background__", "N/A"))
    places = np.array([names.index(each) if each in names else -1 for each in labels])
    return Loaded(network.eval(), names, places, None)


def _checked(*, family: Family, **described: Any) -> Architecture:  # noqa: ANN401 - whatever a file says
    architecture = Architecture(**described)
    require_range("channels", architecture.channels, 8, 4096)
    require_range("side", architecture.side, 0, 8192)
    if architecture.base not in (SMALL, *family.official.values()):
        raise ValueError(f"{architecture.base} is no network that is known here")
    return architecture
