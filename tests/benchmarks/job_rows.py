"""Rows of the table: what a prediction job costs besides the model, with one that does nothing."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.store.connection import Store
from core.store.dataset_rows import insert_dataset
from core.structures import Annotation, Category, Dataset, ImageRecord, Prediction, Source
from tests.benchmarks.map_scene import CLASSES, HEIGHT, WIDTH, smooth_pair
from tests.benchmarks.race import Timing
from training import systems
from training.__main__ import main
from training.protocol import Outputs, Photograph, WeightsNeed
from training.settings import setting

MOST = 300  # images, of which some are the same
KINDS = 25
ALLOWED = 0.006
SLEEP = 0.05
BUSY = 0.95


@dataclass(frozen=True)
class NothingSettings:
    """A device that takes its time."""

    pause: float = setting(0.0, "seconds to sleep for each image")
    batch: int = setting(8, "images at a time")


class NothingSystem:
    """Answers with label maps that were there before; counts how long it slept."""

    title = "a system for benchmarks"
    stages = ("nothing",)
    packages = ("numpy",)
    weights: tuple[WeightsNeed, ...] = ()
    settings_type = NothingSettings
    outputs = Outputs(label_maps=True)
    device = "none"
    notes = ()
    slept = 0.0
    first = 0.0
    last = 0.0

    def __init__(
        self,
        settings: NothingSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Make the answers."""
        self._pause = settings.pause
        self._maps = [smooth_pair(index)[1] for index in range(KINDS)]
        type(self).slept, type(self).first = 0.0, 0.0

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        """Sleep, and answer."""
        kind = type(self)
        started = time.perf_counter()
        kind.first = kind.first or started
        time.sleep(self._pause * len(photographs))
        kind.last = time.perf_counter()
        kind.slept += kind.last - started
        return [
            Prediction(each.record, label_map=self._maps[each.record.id % KINDS])
            for each in photographs
        ]

    @staticmethod
    def download(name: str, folder: Path) -> Path:
        """Refuse: there are no weights."""
        raise AssertionError(name)


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield the overhead of a job, and how busy it keeps a device that sleeps."""
    count = min(images, MOST)
    store = _made_up(folder, count)
    systems.SYSTEMS["nothing"] = f"{__name__}:NothingSystem"
    _predict(store, "warm-up", "--limit", "8")
    before = time.process_time()
    _predict(store, "overhead")
    seconds = (time.process_time() - before) / count
    yield Timing(
        f"a job around a model that does nothing, an image of {WIDTH}x{HEIGHT} pixels",
        f"allowed: {1000 * ALLOWED:g} ms",
        seconds,
        ALLOWED,
        None,
        1.0,
        "JPEG decoded, label map encoded, stored, evaluated",
    )
    _predict(store, "busy", "--pause", str(SLEEP))
    busy = NothingSystem.slept / (NothingSystem.last - NothingSystem.first)
    yield Timing(
        f"a device that takes {1000 * SLEEP:g} ms an image is kept busy",
        f"least: {BUSY:.0%} of the time",
        BUSY / busy,
        BUSY,
        None,
        BUSY,
        f"{busy:.1%} of the time, wall clock, from its first batch to its last",
    )


def _predict(store: Store, run: str, *more: str) -> None:
    place = ("--store", str(store.path), "--dataset", "bench-job", "--run", run)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        status = main(["predict", "nothing", *place, *more])
    if status != 0:
        raise RuntimeError(f"the job {run} ended with status {status}")


def _made_up(folder: Path, count: int) -> Store:
    """Store a data set of label maps, with photographs of smooth noise."""
    pictures = folder / "job"
    pictures.mkdir()
    generator = np.random.default_rng(3)
    for index in range(KINDS):
        noise = generator.integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
        cv2.imwrite(str(pictures / f"{index}.jpg"), cv2.resize(noise, (WIDTH, HEIGHT)))
    maps = [smooth_pair(index)[0] for index in range(KINDS)]
    records = tuple(
        ImageRecord(index, f"i{index}", f"{index % KINDS}.jpg", HEIGHT, WIDTH)
        for index in range(1, count + 1)
    )
    dataset = Dataset(
        "bench-job",
        "val",
        tuple(Category(f"class {index}", source_id=index) for index in range(CLASSES)),
        records,
        {each.id: Annotation(each, label_map=maps[each.id % KINDS]) for each in records},
        pictures,
        Source("png", "", ""),
    )
    store = Store.at(folder / "job.duckdb")
    with store.write() as cursor:
        insert_dataset(cursor, dataset)
    return store
