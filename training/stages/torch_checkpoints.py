"""Checkpoints of PyTorch networks as safetensors: numbers and a description, no code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core.errors import UsageError

SUFFIX = ".safetensors"
Shape = TypeVar("Shape")


@dataclass(frozen=True)
class CheckpointKind:
    """What a checkpoint is of.

    Attributes:
        system: name of the system, which stands in the file.
        others: what else may be loaded in its place, for messages; begins with a comma.
    """

    system: str
    others: str = "; name one with --weights"

    @property
    def format(self) -> str:
        """Return the name of the one entry in the header of the file."""
        return f"overlook {self.system} 1"

    def unusable(self, path: Path, reason: str) -> UsageError:
        """Return the error that a file is no checkpoint of this kind."""
        return UsageError(
            f"{path} cannot be loaded as a checkpoint of {self.system}: {reason}. Expected a "
            f"{SUFFIX} file that `python -m training fit {self.system}` wrote{self.others}."
        )


def halved(network: Any) -> dict[str, Any]:  # noqa: ANN401 - a torch module
    """Return the numbers of a network as float16, which is finer than what training settles."""
    return {
        name: (value.half() if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in network.state_dict().items()
    }


def save(
    network: Any,  # noqa: ANN401 - a torch module
    description: Mapping[str, object],
    path: Path,
    kind: CheckpointKind,
) -> None:
    """Write a checkpoint.

    Args:
        network: of any size.
        description: all that it is built from, as JSON.
        path: of the file.
        kind: what it is of.
    """
    from safetensors.torch import save_file

    # one entry, because safetensors writes several in random order
    save_file(halved(network), path, metadata={kind.format: json.dumps(dict(description))})


def load(
    path: Path, kind: CheckpointKind, architecture: Callable[..., Shape]
) -> tuple[Shape, dict[str, Any]]:
    """Read a checkpoint, which cannot hold code: its architecture, and its numbers as float32.

    Args:
        path: of the file.
        kind: what it is of.
        architecture: makes it from the description that `save` was given, by name; it refuses
            what is missing, of another type or out of range.

    Raises:
        UsageError: the file is not one of this kind.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            described = (file.metadata() or {}).get(kind.format)
            numbers = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    except (SafetensorError, OSError) as error:
        raise kind.unusable(path, str(error)) from error
    if described is None:
        raise kind.unusable(path, f"it says nothing of {kind.format}")
    try:
        told = json.loads(described)
        shape = architecture(**{**told, "names": tuple(map(str, told["names"]))})
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise kind.unusable(path, f"it does not say what network it is of ({error})") from error
    full = {
        name: value.float() if value.is_floating_point() else value
        for name, value in numbers.items()
    }
    return shape, full


def fill(network: Any, numbers: Mapping[str, Any], path: Path, kind: CheckpointKind) -> None:  # noqa: ANN401
    """Put the numbers of a checkpoint into the network they are of, and make it ready to predict.

    Raises:
        UsageError: they are of another network.
    """
    try:
        network.load_state_dict(numbers)
    except RuntimeError as error:
        reason = "its weights are not those of the network it names"
        raise kind.unusable(path, reason) from error
    network.eval()
