"""States of trainings in PyTorch: networks, optimisers and the epoch, to go on from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def keep(path: Path, epoch: int, parts: Mapping[str, Any], **more: int) -> None:
    """Write the state after an epoch.

    Args:
        path: of the file.
        epoch: its number.
        parts: networks and optimisers by their names in the file.
        more: numbers that belong to it.
    """
    import torch

    states = {name: part.state_dict() for name, part in parts.items()}
    torch.save({**states, **more, "epoch": epoch}, path)


def restore(path: Path, device: Any, parts: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a torch.device
    """Put networks and optimisers back to what `keep` wrote, and return all that it wrote."""
    import torch

    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return state
