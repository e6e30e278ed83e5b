"""Keras with TensorFlow: set up before its first import, and put on a device.

TensorFlow and PyTorch must not be in one process: TensorFlow before torchvision crashes it.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import Any

from core.errors import UsageError
from training.stages.start_noise import without_remarks

LOG_LEVEL, FAULTS = "TF_CPP_MIN_LOG_LEVEL", "2"


def import_keras() -> tuple[Any, Any]:
    """Return the modules `tensorflow` and `keras`, with TensorFlow as Keras' backend.

    Its remarks on processors and cards are kept from stderr, faults are not; with
    TF_CPP_MIN_LOG_LEVEL=0 all are shown.

    Raises:
        UsageError: Keras is already in this process with another backend.
    """
    level = os.environ.setdefault(LOG_LEVEL, FAULTS)
    os.environ["KERAS_BACKEND"] = "tensorflow"
    loaded = "tensorflow" in sys.modules
    with nullcontext() if loaded or level < FAULTS else without_remarks():
        import keras
        import tensorflow as tf

        # the first look for cards has something to say as well
        tf.config.list_physical_devices()
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise UsageError(
            f"Keras runs on {backend} in this process; expected tensorflow. Start this system in a "
            "process of its own."
        )
    return tf, keras


def find_device(name: str) -> str:
    """Return TensorFlow's name of a device: "/CPU:0", "/GPU:0".

    Args:
        name: "auto" for the first graphics card if there is one, "cpu", "cuda", "cuda:0".

    Raises:
        UsageError: it is not there.
    """
    tf, _ = import_keras()
    cards = tf.config.list_physical_devices("GPU")
    if name == "cpu" or (name == "auto" and not cards):
        return "/CPU:0"
    kind, _, number = name.partition(":")
    index = 0 if name in ("auto", "cuda") else int(number) if number.isdecimal() else -1
    if (name != "auto" and kind != "cuda") or not 0 <= index < len(cards):
        there = ", ".join(["cpu", *(f"cuda:{each}" for each in range(len(cards)))])
        raise UsageError(f"--device is {name}; TensorFlow finds here: {there}.")
    return f"/GPU:{index}"


def described(device: str) -> str:
    """Return a device as runs keep it: "cpu", or "cuda:0 NVIDIA H100"."""
    tf, _ = import_keras()
    if device.startswith("/CPU"):
        return "cpu"
    index = int(device.rpartition(":")[2])
    card = tf.config.list_physical_devices("GPU")[index]
    chip = tf.config.experimental.get_device_details(card).get("device_name", "")
    return f"cuda:{index} {chip}".strip()
