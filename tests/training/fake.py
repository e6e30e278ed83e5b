"""A system in plain NumPy that finds one object of each bright colour, and fails on request."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.geometry import rle
from core.store.connection import Store
from core.store.rows import insert_dataset
from core.structures import Annotation, Category, Dataset, ImageRecord, Objects, Prediction, Source
from training.protocol import Outputs, Photograph, WeightsNeed
from training.settings import setting

ROOT = Path(__file__).resolve().parents[2]
HEIGHT, WIDTH = 12, 16
CLASSES = ("red", "green", "blue")
# colours of the top left pixel that make the system misbehave
POISON, OVERFLOW, TOO_LARGE = (255, 0, 255), (255, 255, 0), (0, 255, 255)
ODD_PROBABILITIES = {
    (0, 0, 255): lambda sound: sound * np.nan,
    (0, 255, 0): lambda sound: np.append(sound, 0.5),
    (255, 0, 0): lambda sound: sound + 1,
    (255, 255, 255): lambda sound: sound - 1,
}


@dataclass(frozen=True)
class FakeSettings:
    pause: float = setting(0.0, "seconds to sleep for each image, 0 % of them useful")
    shout: bool = setting(default=False, meaning="raise all scores")
    batch: int = setting(4, "images at a time")


class FakeSystem:
    title = "a system for tests"
    stages = ("fake",)
    packages = ("numpy",)
    weights = (WeightsNeed("fake", "fake.bin", ("fake.bin",), "https://example.invalid/"),)
    settings_type = FakeSettings
    outputs = Outputs(boxes=True, masks=True, labels=True)
    device = "abacus"
    notes = ("It is a fake.",)

    def __init__(
        self,
        settings: FakeSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        self._settings = settings
        self._bias = sum(weights["fake"].read_bytes()) % 7 / 100
        assert tuple(categories) == CLASSES

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        assert len(photographs) <= self._settings.batch
        time.sleep(self._settings.pause * len(photographs))
        return [self._one(each) for each in photographs]

    def _one(self, photograph: Photograph) -> Prediction:
        corner = tuple(photograph.pixels[0, 0].tolist())
        if corner == POISON:
            raise ValueError("poison\nsecond line")
        if corner == TOO_LARGE:
            raise MemoryError
        bright = photograph.pixels > 127
        masks = [rle.encode(bright[:, :, each]) for each in range(3)]
        boxes = np.array([rle.box(mask) for mask in masks], dtype=np.float64)
        scores = bright.mean(axis=(0, 1)) * 0.9 + self._bias + 0.01 * self._settings.shout
        if corner == OVERFLOW:
            scores = scores * np.nan
        objects = Objects(
            boxes=boxes,
            categories=np.arange(3, dtype=np.int32),
            areas=boxes[:, 2] * boxes[:, 3],
            crowd=np.zeros(3, dtype=bool),
            scores=scores,
            masks=tuple(masks),
        )
        probabilities = bright.mean(axis=(0, 1))
        odd = ODD_PROBABILITIES.get(corner, lambda sound: sound)
        return Prediction(photograph.record, objects=objects, probabilities=odd(probabilities))

    @staticmethod
    def download(name: str, folder: Path) -> Path:
        raise AssertionError("no test downloads")


def command(*arguments: object) -> list[str]:
    """Return how to start `python -m training` in a process of its own, with the fake system."""
    code = (
        "import sys; from training import __main__, systems; "
        "systems.SYSTEMS['fake'] = 'tests.training.fake:FakeSystem'; "
        "sys.exit(__main__.main(sys.argv[1:]))"
    )
    return [sys.executable, "-c", code, *map(str, arguments)]


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def colours(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def make_dataset(store: Path, folder: Path, count: int, split: str = "val") -> Path:
    """Store a data set of `count` images of noise with one object each; return their folder."""
    folder.mkdir()
    records = []
    for index in range(count):
        records.append(ImageRecord(10 * index + 5, f"{index}", f"{index}.png", HEIGHT, WIDTH))
        Image.fromarray(colours(index)).save(folder / f"{index}.png")
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[2:8, 3:9] = True
    objects = Objects(
        boxes=np.array([[3.0, 2, 6, 6]]),
        categories=np.zeros(1, dtype=np.int32),
        areas=np.array([36.0]),
        crowd=np.zeros(1, dtype=bool),
        masks=(rle.encode(mask),),
    )
    dataset = Dataset(
        name="noise",
        split=split,
        categories=tuple(Category(name, "", index) for index, name in enumerate(CLASSES)),
        images=tuple(records),
        annotations={record.id: Annotation(record, objects) for record in records},
        images_folder=folder,
        source=Source("coco", "noise.json", "0" * 64),
    )
    with Store.at(store).write() as cursor:
        insert_dataset(cursor, dataset)
    return folder
