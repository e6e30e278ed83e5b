"""Checkpoints of Keras networks as safetensors: numbers and a description, no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from core.errors import UsageError

Numbers = Mapping[str, NDArray[Any]]


def save(model: Any, description: Mapping[str, object], path: Path, system: str) -> None:  # noqa: ANN401 - a keras.Model
    """Write a checkpoint: numbers as float16, which is finer than what training settles.

    Args:
        model: the network.
        description: all that it is built from, as JSON.
        path: of the file.
        system: name of the system it belongs to.
    """
    numbers = {
        variable.path: _half(np.asarray(variable.value, np.float32)) for variable in model.weights
    }
    # one entry, because safetensors writes several in random order
    save_file(numbers, path, metadata={_format(system): json.dumps(dict(description))})


def load(path: Path, system: str) -> tuple[dict[str, Any], Numbers]:
    """Read a checkpoint: its description and its numbers as float32.

    Raises:
        UsageError: the file is not one of this system.
    """
    try:
        with safe_open(path, framework="np") as file:
            described = (file.metadata() or {}).get(_format(system))
            numbers = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    except (SafetensorError, OSError) as error:
        raise unusable(path, system, str(error)) from error
    if described is None:
        raise unusable(path, system, f"it says nothing of {_format(system)}")
    try:
        description = json.loads(described)
    except ValueError as error:
        raise unusable(path, system, f"its description is no JSON ({error})") from error
    return description, {name: value.astype(np.float32) for name, value in numbers.items()}


def fill(model: Any, numbers: Numbers, path: Path, system: str) -> None:  # noqa: ANN401 - a keras.Model
    """Put the numbers of a checkpoint into the network they are of.

    Raises:
        UsageError: they are of another network.
    """
    expected = {variable.path: tuple(variable.shape) for variable in model.weights}
    if expected != {name: value.shape for name, value in numbers.items()}:
        raise unusable(path, system, "its weights are not those of the network it names")
    for variable in model.weights:
        variable.assign(numbers[variable.path])


def keep(model: Any, optimizer: Any, epoch: int, path: Path) -> None:  # noqa: ANN401 - Keras' own
    """Write all that is needed to go on after an epoch, the state of what is random included."""
    # by position: Keras counts on in the names of what is random
    numbers = {
        f"model {index}": np.asarray(each.value) for index, each in enumerate(model.variables)
    }
    numbers |= {
        f"optimizer {index}": np.asarray(each.value)
        for index, each in enumerate(optimizer.variables)
    }
    save_file({**numbers, "epoch": np.array([epoch])}, path)


def restore(model: Any, path: Path) -> tuple[int, list[NDArray[Any]]]:  # noqa: ANN401 - a keras.Model
    """Put a network back to what `keep` wrote; return the epoch and the optimizer's variables."""
    numbers = load_file(path)
    for index, variable in enumerate(model.variables):
        variable.assign(numbers[f"model {index}"])
    count = sum(name.startswith("optimizer ") for name in numbers)
    return int(numbers["epoch"][0]), [numbers[f"optimizer {index}"] for index in range(count)]


def unusable(path: Path, system: str, reason: str) -> UsageError:
    """Return the error that a file is no checkpoint of a system."""
    return UsageError(
        f"{path} cannot be loaded as a checkpoint of {system}: {reason}. Expected a .safetensors "
        f"file that `python -m training fit {system}` wrote; name one with --weights."
    )


def _half(value: NDArray[np.float32]) -> NDArray[Any]:
    """Return float16, but float32 where a number is too large for it."""
    largest = float(np.abs(value).max(initial=0))
    return value.astype(np.float16) if largest < np.finfo(np.float16).max else value


def _format(system: str) -> str:
    return f"overlook {system} 1"
