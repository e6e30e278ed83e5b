"""Training of YOLOv8 with ultralytics' own trainer, an epoch at a time.

The trainer does what ultralytics does; what it writes, where it looks for faults and how it goes on
is this frame's part: no pickles, no network, no second start on its own, and each epoch draws its
chance from its number, so that a training that was stopped goes on as if it had not been.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from training.protocol import WeightsNeed
from training.stages import yolov8, yolov8_layout, yolov8_weights
from training.stages.torch_device import find_device
from training.stages.yolov8_weights import Architecture
from training.trainable import FitOptions, Report, TrainingData
from training.weights import find_weights

WORKERS = 4  # that prepare images where a GPU learns; on a CPU the trainer takes none


def fit(data: TrainingData, options: FitOptions, report: Report, official: WeightsNeed) -> None:
    """Train from the start, or from a state, and report each epoch.

    Args:
        data: to learn from.
        options: how; `settings` is a `YoloV8FitSettings`.
        report: as the frame gives it.
        official: the `WeightsNeed` of the files that `settings.start` may name.

    Raises:
        UsageError: an image cannot be learnt from, or the device is not there.
    """
    yolov8.prepare_library()
    from training.stages.yolov8_trainer import FrameTrainer

    _silence()
    device = find_device(options.device)
    with tempfile.TemporaryDirectory(prefix="overlook-yolov8-") as folder:
        description = yolov8_layout.write_layout(Path(folder), data.train, data.val)
        architecture, network = _begin(data, options, official)
        trainer = FrameTrainer(overrides=_overrides(options, description, Path(folder), device))
        trainer.watch(data, options, report, architecture)
        trainer.model = network
        trainer.train()


def _begin(
    data: TrainingData, options: FitOptions, official: WeightsNeed
) -> tuple[Architecture, Any]:
    """Return the network to train: random, or with the weights of a file of the same shape."""
    import torch

    torch.manual_seed(options.seed)
    settings = options.settings
    architecture = Architecture(
        names=tuple(category.name for category in data.train.categories),
        depth=settings.depth,
        width=settings.width,
        widest=settings.widest,
        imgsz=settings.imgsz,
    )
    network = yolov8_weights.build(architecture)
    if settings.start:
        weights = find_weights(official, Path(settings.start), yolov8.download, trust=False)
        # what fits by name and shape is taken, as ultralytics does it
        start, _ = yolov8.load_network(weights.path, torch.device("cpu"))
        network.load(start, verbose=False)
    return architecture, network


def _overrides(
    options: FitOptions,
    description: Path,
    folder: Path,
    device: Any,  # noqa: ANN401
) -> dict[str, object]:
    settings = options.settings
    index = device.index or 0
    return {
        "task": "detect",
        "model": "yolov8n.yaml",  # never read: the network is given
        "data": str(description),
        "epochs": options.epochs,
        "batch": settings.batch,
        "imgsz": settings.imgsz,
        "device": "cpu" if device.type == "cpu" else str(index),
        "seed": options.seed,
        "project": str(folder),
        "name": "run",
        "exist_ok": True,
        "pretrained": False,
        "val": False,
        "save": False,
        "plots": False,
        "verbose": False,
        "workers": WORKERS,
        "amp": False,
        "cache": False,
        "patience": 0,
        "nbs": settings.batch,
        "optimizer": "AdamW",
        "cos_lr": True,
        "warmup_epochs": 1,
        "warmup_bias_lr": 0.0,
        "lr0": settings.lr,
        "lrf": settings.lrf,
        "weight_decay": settings.weight_decay,
        "close_mosaic": round(options.epochs * settings.close_mosaic),
        "erasing": 0.0,
        **{
            name: getattr(settings, name)
            for name in ("mosaic", "fliplr", "scale", "translate", "degrees")
        },
        **{name: getattr(settings, name) for name in ("hsv_h", "hsv_s", "hsv_v")},
    }


def _silence() -> None:
    """Turn off all that ultralytics would tell other programs about a training."""
    from ultralytics.utils import SETTINGS

    switches: Any = SETTINGS
    switches.update({name: False for name, value in switches.items() if value is True})
