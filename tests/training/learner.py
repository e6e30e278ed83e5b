"""A system in plain NumPy that can be trained: it counts, and misbehaves as its settings say."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.training.fake import FakeSystem
from training.batches import sampling_weights
from training.detector_samples import count_objects
from training.settings import setting
from training.trainable import Epoch, FitOptions, Report, TrainingData

# epoch to val_score
COURSE = (0.1, 0.3, 0.2, 0.3, 0.25, 0.5, 0.4, 0.4)


@dataclass(frozen=True)
class LearnerSettings:
    batch: int = setting(16, "images a step")
    fits: int = setting(1024, "largest batch that the memory takes")
    stop_in: int = setting(0, "epoch in which Ctrl-C comes")
    diverge_in: int = setting(0, "epoch in which the loss is no number")
    balance: float = setting(0.0, "drawing of images by their classes")
    keeps: bool = setting(default=True, meaning="it can go on after a stop")


class Learner(FakeSystem):
    title = "a system for tests that learns"
    fit_settings_type = LearnerSettings
    fit_goal = "val_score"
    checkpoint_suffix = ".bin"

    @staticmethod
    def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
        settings = options.settings
        if settings.balance:
            counts = count_objects(data.train)
            options.sampling(counts, sampling_weights(counts, settings.balance))
        before = json.loads(options.resume.read_text()) if options.resume else []
        for number in range(len(before) + 1, options.epochs + 1):
            total = len(data.train.images)
            for done in range(0, total, settings.batch):
                if settings.batch > settings.fits:
                    raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
                if settings.stop_in == number:
                    os.kill(os.getpid(), signal.SIGINT)
                options.step(min(done + settings.batch, total), total)
            # what was learnt depends on all epochs before
            before = [*before, [number, options.seed, settings.batch]]
            loss = float("nan") if settings.diverge_in == number else 1 / number
            values = {"loss": loss, "val_score": COURSE[number - 1]}
            text = json.dumps(before)

            def save(path: Path, text: str = text) -> None:
                path.write_text(text)

            if not report(Epoch(number, values, save, save if settings.keeps else None)):
                return
