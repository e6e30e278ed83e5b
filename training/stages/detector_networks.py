"""torchvision's RetinaNet and Mask R-CNN: small ones, the official ones, and their checkpoints.

PyTorch is imported with this module: systems import it late.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from core.errors import UsageError, WorkFailedError
from training.settings import require_range

SMALL = "small"
SUFFIX = ".safetensors"
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
    """Write a checkpoint: numbers as float16, which is finer than what training settles."""
    numbers = {
        name: (value.half() if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    # one entry, because safetensors writes several in random order
    save_file(numbers, path, metadata={_format(family): json.dumps(asdict(architecture))})


def load(family: Family, path: Path) -> Loaded:
    """Read a checkpoint of this program, or official weights; neither can run code.

    Raises:
        UsageError: the file is not one of this network.
    """
    if path.suffix != SUFFIX:
        return _load_official(family, path)
    try:
        with safe_open(path, framework="pt") as file:
            architecture = _architecture(family, file.metadata() or {}, path)
            numbers = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    except (SafetensorError, OSError) as error:
        raise _unusable(family, path, str(error)) from error
    network = build(family, architecture)
    try:
        network.load_state_dict(
            {
                name: value.float() if value.is_floating_point() else value
                for name, value in numbers.items()
            }
        )
    except RuntimeError as error:
        reason = "its weights are not those of the network it names"
        raise _unusable(family, path, reason) from error
    places = np.arange(len(architecture.names) + family.first_label) - family.first_label
    return Loaded(network.eval(), architecture.names, np.maximum(places, -1), architecture)


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
        raise _unusable(family, path, f"only {known} are known among files of that kind")
    name = family.official[path.name]
    network = official_network(name)
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:
        first_line = (str(error).splitlines() or ["no reason given"])[0]
        raise _unusable(family, path, f"{type(error).__name__}: {first_line}") from error
    labels = list(get_model_weights(name).COCO_V1.meta["categories"])
    names = tuple(each for each in labels if each not in ("__background__", "N/A"))
    places = np.array([names.index(each) if each in names else -1 for each in labels])
    return Loaded(network.eval(), names, places, None)


def _format(family: Family) -> str:
    return f"overlook {family.system} 1"


def _architecture(family: Family, described: Mapping[str, str], path: Path) -> Architecture:
    if _format(family) not in described:
        raise _unusable(family, path, f"it says nothing of {_format(family)}")
    try:
        told: dict[str, Any] = json.loads(described[_format(family)])
        architecture = Architecture(**{**told, "names": tuple(map(str, told["names"]))})
        require_range("channels", architecture.channels, 8, 4096)
        require_range("side", architecture.side, 0, 8192)
        if architecture.base not in (SMALL, *family.official.values()):
            raise ValueError(f"{architecture.base} is no network that is known here")
    except (KeyError, TypeError, ValueError, UsageError) as error:
        reason = f"it does not say what network it is of ({error})"
        raise _unusable(family, path, reason) from error
    return architecture


def _unusable(family: Family, path: Path, reason: str) -> UsageError:
    return UsageError(
        f"{path} cannot be loaded as a checkpoint of {family.system}: {reason}. Expected a "
        f"{SUFFIX} file that `python -m training fit {family.system}` wrote, or official weights "
        f"such as {next(iter(family.official))}."
    )
