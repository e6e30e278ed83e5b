"""Training of YOLOv8 with ultralytics' own trainer, an epoch at a time.

The trainer does what ultralytics does; what it writes, where it looks for faults and how it goes on
is this frame's part: no pickles, no network, no second start on its own, and each epoch draws its
chance from its number, so that a training that was stopped goes on as if it had not been.
"""

from __future__ import annotations

import random
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from training.detection_scores import pixels_of, score
from training.stages import yolov8, yolov8_layout, yolov8_weights
from training.stages.torch_device import find_device
from training.stages.yolov8_weights import Architecture
from training.trainable import Epoch, FitOptions, Report, TrainingData
from training.weights import find_weights

VALIDATION = yolov8.Suppression(least_score=0.01, iou=0.6, most=100)
RETRIES_DENIED = 3  # at this count the trainer lets errors of memory pass


def fit(data: TrainingData, options: FitOptions, report: Report, official: Any) -> None:  # noqa: ANN401
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
    _silence()
    device = find_device(options.device)
    with tempfile.TemporaryDirectory(prefix="overlook-yolov8-") as folder:
        description = yolov8_layout.write_layout(Path(folder), data.train, data.val)
        architecture, network = _begin(data, options, official)
        trainer = _trainer(data, options, report, architecture)(
            overrides=_overrides(options, description, Path(folder), device)
        )
        trainer.model = network
        trainer.train()


def _begin(data: TrainingData, options: FitOptions, official: Any) -> tuple[Architecture, Any]:  # noqa: ANN401
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
        "workers": 0,
        "amp": False,
        "cache": "ram",
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


def _trainer(
    data: TrainingData, options: FitOptions, report: Report, architecture: Architecture
) -> Any:  # noqa: ANN401 - a class derived from one that is imported late
    """Return the trainer's class, made here because ultralytics is imported late."""
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer

    class FrameTrainer(DetectionTrainer):  # type: ignore[misc]
        """ultralytics' trainer, which reports to the frame."""

        def resume_training(self, _: object) -> None:
            """Go back to the state that `keep` wrote, and watch what happens."""
            self.add_callback("on_train_epoch_start", _draw_anew(options.seed))
            self.add_callback("on_train_batch_end", self._step)
            self.add_callback("on_train_epoch_start", self._begin_epoch)
            self.add_callback("on_fit_epoch_end", self._end_epoch)
            if options.resume is None:
                return
            state = torch.load(options.resume, map_location=self.device, weights_only=True)
            self.model.load_state_dict(state["network"])
            self.ema.ema.load_state_dict(state["average"])
            self.ema.updates = state["updates"]
            self.optimizer.load_state_dict(state["optimizer"])
            self.start_epoch = state["epoch"]

        def keep(self, path: Path) -> None:
            """Write what is needed to go on after this epoch."""
            state = {
                "network": self.model.state_dict(),
                "average": self.ema.ema.state_dict(),
                "updates": self.ema.updates,
                "optimizer": self.optimizer.state_dict(),
                "epoch": self.epoch + 1,
            }
            torch.save(state, path)

        def validate(self) -> tuple[dict[str, float], float]:
            """Leave it to `_end_epoch`."""
            return {}, 0.0

        def save_model(self) -> bool:
            """Write no pickle: the frame keeps epochs."""
            return False

        def final_eval(self) -> None:
            """Leave out: there is no file of ultralytics' to look at."""

        def _handle_nan_recovery(self, _: int) -> bool:
            """Let the frame see what is not finite."""
            return False

        def _begin_epoch(self, _: object) -> None:
            self._oom_retries = RETRIES_DENIED
            self._seen = 0

        def _step(self, _: object) -> None:
            total = len(self.train_loader.dataset)
            self._seen = min(self._seen + self.batch_size, total)
            options.step(self._seen, total)

        def _end_epoch(self, _: object) -> None:
            losses = {f"{name}_loss": float(value) for name, value in self.tloss.items()}
            average = self.ema.ema
            values = {
                "loss": sum(losses.values()),
                **losses,
                "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
                **_validate(average, data, options),
            }
            epoch = Epoch(
                self.epoch + 1,
                values,
                lambda path: yolov8_weights.save(average, architecture, path),
                self.keep,
            )
            self.stop |= not report(epoch)

    return FrameTrainer


def _draw_anew(seed: int) -> Any:  # noqa: ANN401 - a callback of ultralytics
    """Return what makes the chance of an epoch depend on seed and number alone."""
    import torch

    def draw_anew(trainer: Any) -> None:  # noqa: ANN401
        drawn = int(np.random.SeedSequence([seed, trainer.epoch]).generate_state(1)[0])
        random.seed(drawn)
        np.random.seed(drawn)  # noqa: NPY002 - ultralytics draws from the global state
        torch.manual_seed(drawn)
        trainer.train_loader.generator.manual_seed(drawn)
        trainer.train_loader.reset()

    return draw_anew


def _validate(network: Any, data: TrainingData, options: FitOptions) -> dict[str, float]:  # noqa: ANN401
    """Return COCO's figures on the images of `val`."""
    side, batch = options.settings.imgsz, options.settings.batch
    detector = yolov8.YoloV8.of(
        deepcopy(network), find_device(options.device), side=side, batch=batch
    )
    found = []
    for pixels in pixels_of(data.val, batch):
        detections = detector.detect(pixels, VALIDATION)
        found += [yolov8.objects_of(each, each.classes.astype(np.int32)) for each in detections]
    return {f"val_box_{name}": value for name, value in score(data.val, found, "box").items()}


def _silence() -> None:
    """Turn off all that ultralytics would tell other programs about a training."""
    from ultralytics.utils import SETTINGS

    switches: Any = SETTINGS
    switches.update({name: False for name, value in switches.items() if value is True})
