"""ultralytics' own trainer, which reports to the frame instead of writing files of its own.

ultralytics is imported with this module: `yolov8.prepare_library` comes first.
"""

from __future__ import annotations

import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ultralytics.models.yolo.detect import DetectionTrainer

from training.detection_scores import pixels_of, score
from training.stages import torch_states, yolov8, yolov8_weights
from training.stages.detections import objects_of
from training.stages.yolov8_weights import Architecture
from training.trainable import Epoch, FitOptions, Report, TrainingData

VALIDATION = yolov8.Suppression(least_score=0.01, iou=0.6, most=100)
RETRIES_DENIED = 3  # at this count the trainer lets errors of memory pass


class FrameTrainer(DetectionTrainer):
    """One training; `watch` comes before `train`."""

    def watch(
        self, data: TrainingData, options: FitOptions, report: Report, architecture: Architecture
    ) -> None:
        """Say for whom the training is."""
        self._data, self._options, self._report = data, options, report
        self._architecture = architecture
        self.add_callback("on_train_epoch_start", FrameTrainer._begin_epoch)
        self.add_callback("on_train_batch_end", FrameTrainer._step)
        self.add_callback("on_fit_epoch_end", FrameTrainer._end_epoch)

    def resume_training(self, _: object) -> None:
        """Go back to the state that `keep` wrote, if there is one."""
        path = self._options.resume
        if path is None:
            return
        state = torch_states.restore(path, self.device, self._parts())
        self.ema.updates, self.start_epoch = state["updates"], state["epoch"]

    def keep(self, path: Path) -> None:
        """Write what is needed to go on after this epoch."""
        torch_states.keep(path, self.epoch + 1, self._parts(), updates=self.ema.updates)

    def _parts(self) -> dict[str, Any]:
        return {"network": self.model, "average": self.ema.ema, "optimizer": self.optimizer}

    def validate(self) -> tuple[dict[str, float], float]:
        """Leave it to `_end_epoch`."""
        return {}, 0.0

    def save_model(self) -> bool:
        """Write no pickle: the frame keeps epochs."""
        return False

    def final_eval(self) -> None:
        """Leave it out: there is no file of ultralytics' to look at."""

    def _handle_nan_recovery(self, _: int) -> bool:
        """Let the frame see what is not finite."""
        return False

    def _begin_epoch(self) -> None:
        """Let the chance of an epoch depend on the seed and its number alone."""
        self._oom_retries = RETRIES_DENIED
        self._seen = 0
        sequence = np.random.SeedSequence([self._options.seed, self.epoch])
        drawn = int(sequence.generate_state(1)[0])
        random.seed(drawn)
        np.random.seed(drawn)  # noqa: NPY002 - ultralytics draws from the global state
        torch.manual_seed(drawn)
        self.train_loader.generator.manual_seed(drawn)
        self.train_loader.reset()

    def _step(self) -> None:
        total = len(self.train_loader.dataset)
        self._seen = min(self._seen + self.batch_size, total)
        self._options.step(self._seen, total)

    def _end_epoch(self) -> None:
        losses = {name: float(value) for name, value in self.tloss.items()}
        average = self.ema.ema
        values = {
            "loss": sum(losses.values()),
            **losses,
            "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
            **self._scores(average),
        }
        epoch = Epoch(
            self.epoch + 1,
            values,
            lambda path: yolov8_weights.save(average, self._architecture, path),
            self.keep,
        )
        self.stop |= not self._report(epoch)

    def _scores(self, network: Any) -> dict[str, float]:  # noqa: ANN401 - a DetectionModel
        """Return COCO's figures on the images of `val`."""
        side, batch = self._options.settings.imgsz, self._options.settings.batch
        detector = yolov8.YoloV8.of(deepcopy(network), self.device, side=side, batch=batch)
        found = []
        for pixels in pixels_of(self._data.val, batch):
            detections = detector.detect(pixels, VALIDATION)
            found += [objects_of(each, each.classes.astype(np.int32)) for each in detections]
        figures = score(self._data.val, found, "box")
        return {f"val_box_{name}": value for name, value in figures.items()}
