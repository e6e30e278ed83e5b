"""The device that PyTorch computes on."""

from __future__ import annotations

from typing import Any

from core.errors import UsageError


def find_device(name: str) -> Any:  # noqa: ANN401 - a torch.device
    """Return the device of a name; "auto" is the first GPU, or else the processor.

    Raises:
        UsageError: it is not there.
    """
    import torch

    if name == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        first_line = str(error).splitlines()[0]
        raise UsageError(
            f"The device {name!r} cannot be used ({first_line}). Expected auto, cpu, or cuda:0 "
            "where PyTorch finds a GPU."
        ) from error
    return device


def described(device: Any) -> str:  # noqa: ANN401
    """Return the device with the name of its chip."""
    import torch

    if device.type != "cuda":
        return str(device)
    return f"{device} {torch.cuda.get_device_name(device)}"
