"""Two runs on three images, with every kind of error, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.evaluate import evaluate_run
from core.store.connection import Store
from core.structures import (
    Annotation,
    Category,
    Dataset,
    ImageRecord,
    Objects,
    Prediction,
    Source,
)
from tests.filling import put, put_run

CAT, DOG = 0, 1
SIZE = 400


def objects(*rows, scores=None, crowd=()) -> Objects:
    """Each row: class, x, y, width, height."""
    table = np.array(rows, dtype=float).reshape(-1, 5)
    return Objects(
        boxes=table[:, 1:],
        categories=table[:, 0].astype(np.int32),
        areas=table[:, 3] * table[:, 4],
        crowd=np.isin(np.arange(len(table)), crowd),
        scores=None if scores is None else np.array(scores, dtype=float),
    )


TRUTH = {
    1: objects(
        (CAT, 0, 0, 32, 32),  # exactly on the limit of small and medium
        (CAT, 100, 0, 50, 50),
        (CAT, 200, 0, 50, 50),
        (CAT, 300, 0, 50, 50),
        (CAT, 0, 300, 100, 100),
        crowd=[4],
    ),
    2: objects((DOG, 0, 0, 96, 96)),  # exactly on the limit of medium and large
    7: objects((CAT, 10, 10, 20, 20), (CAT, 50, 50, 20, 20)),
}
NOTHING = objects(scores=[])


def scene_dataset() -> Dataset:
    images = tuple(
        ImageRecord(number, name, f"{name}.jpg", SIZE, SIZE)
        for number, name in ((1, "one"), (2, "two"), (7, "2"))
    )
    return Dataset(
        name="scene",
        split="val",
        categories=(Category("cat"), Category("dog")),
        images=images,
        annotations={image.id: Annotation(image, TRUTH[image.id]) for image in images},
        images_folder=Path("/pictures"),
        source=Source("coco", "scene.json", "0" * 64),
    )


def add_run(store: Store, dataset: Dataset, name: str, predictions: list[Prediction]) -> None:
    put_run(store, dataset, predictions, name, has_masks=False)
    evaluate_run(store, name)


def make_scene(path: Path) -> Store:
    """Store two runs; the second finds nothing right, and has not answered the last image."""
    dataset = scene_dataset()
    one, two, last = dataset.images
    found = objects(
        (CAT, 0, 0, 32, 32),  # hit
        (CAT, 100, 0, 50, 50),  # a hit that is not sure
        (DOG, 200, 200, 40, 40),  # background
        (CAT, 300, 25, 50, 50),  # localisation: an overlap of a third
        (CAT, 0, 0, 32, 30),  # duplicate
        (CAT, 0, 300, 90, 90),  # on the crowd: ignored
        (DOG, 200, 0, 50, 50),  # classification
        (DOG, 325, 0, 50, 50),  # both: a third of a cat
        scores=[0.9, 0.3, 0.55, 0.7, 0.6, 0.95, 0.8, 0.5],
    )
    store = Store.at(path)
    put(store, dataset)
    right = objects((DOG, 0, 0, 96, 96), scores=[0.5])
    first = [Prediction(one, 0.5, found), Prediction(two, 0.5, right)]
    add_run(store, dataset, "first", [*first, Prediction(last, 0.5, NOTHING)])
    dreamt = objects((CAT, 200, 200, 30, 30), scores=[0.6])
    second = [Prediction(one, None, NOTHING), Prediction(two, None, dreamt)]
    add_run(store, dataset, "second", second)
    return store
