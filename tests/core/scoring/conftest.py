"""A small store on which detectors make every kind of error, and one of runs of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.geometry import rle
from core.store.connection import Store
from core.structures import Annotation, Dataset, ImageRecord, Objects, ObjectTable, Prediction
from tests.core.scoring.several_runs import make_several
from tests.factories import make_dataset, make_objects, make_rle
from tests.filling import put, put_run
from tests.noting import NotingCursor

CLASSES = ("cat", "dog", "car", "eel")


class Filled(NamedTuple):
    """A store with one evaluated run, and what went into it."""

    store: Store
    run: str
    dataset: Dataset
    predictions: list[Prediction]

    def tables(self) -> tuple[ObjectTable, ObjectTable]:
        """Return the annotations, and the predictions, as tables made without the store."""
        truth = [self.dataset.annotations[image.id].objects for image in self.dataset.images]
        found = [each.objects for each in self.predictions]
        return table_of(self.dataset.images, truth), table_of(self.dataset.images, found)


@pytest.fixture(scope="session")
def erring(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Thirty images with masks, label maps and crowd regions; scores often tie."""
    dataset = make_dataset(
        "erring", image_ids=range(2, 62, 2), classes=CLASSES, label_maps=True, seed=3
    )
    dataset = replace(dataset, annotations=of_every_size(dataset))
    predictions = answers_to(dataset, seed=4)
    store = Store.at(tmp_path_factory.mktemp("erring") / "store.duckdb")
    put(store, dataset)
    put_run(store, dataset, predictions, "net")
    evaluate_run(store, "net")
    return Filled(store, "net", dataset, predictions)


@pytest.fixture(scope="session")
def several(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Runs of every kind on one split; only to be read."""
    return make_several(tmp_path_factory.mktemp("several") / "store.duckdb")


@pytest.fixture
def cursor(several: Store, nothing_known: None) -> Iterator[NotingCursor]:
    """A cursor of `several` that notes what is asked, before anything is known."""
    with several.read() as opened:
        yield NotingCursor(opened)


def of_every_size(dataset: Dataset) -> dict[int, Annotation]:
    """Let the annotations have areas around COCO's limits, as files may give them."""
    grown = {}
    for key, each in dataset.annotations.items():
        objects = replace(each.objects, areas=each.objects.areas**2 * 4)
        grown[key] = replace(each, objects=objects)
    return grown


def answers_to(dataset: Dataset, seed: int) -> list[Prediction]:
    """Return what a detector says of each image, the same for a seed."""
    rng = np.random.default_rng(seed)
    return [
        Prediction(image, None, answer_of(image, dataset.annotations[image.id].objects, rng))
        for image in dataset.images
    ]


def answer_of(image: ImageRecord, truth: Objects, rng: np.random.Generator) -> Objects:
    """Find most objects, some twice, some beside their place or as another class, and more."""
    chosen = np.flatnonzero(rng.random(2 * len(truth)) < 0.6) % max(len(truth), 1)
    count = len(chosen)
    others = make_objects(image, 2, len(CLASSES), rng, scored=True, masked=True)
    shifts = rng.integers(0, 3, count)
    masks = [rle.decode(truth.masks[i]) for i in chosen]
    moved = [make_rle(np.roll(m, s, axis=1)) for m, s in zip(masks, shifts, strict=True)]
    wrong = rng.integers(0, len(CLASSES), count)
    right = rng.random(count) < 0.7
    steps = np.stack([shifts, np.zeros(count), np.zeros(count), np.zeros(count)], axis=1)
    return Objects(
        boxes=np.vstack([truth.boxes[chosen] + steps, others.boxes]),
        categories=np.concatenate(
            [np.where(right, truth.categories[chosen], wrong), others.categories]
        ).astype(np.int32),
        areas=np.concatenate([truth.areas[chosen] * rng.choice([0.2, 1, 5], count), others.areas]),
        crowd=np.zeros(count + 2, bool),
        scores=rng.choice([0.1, 0.3, 0.5, 0.55, 0.9], count + 2),
        masks=(*moved, *others.masks),
    )


def table_of(images: tuple[ImageRecord, ...], objects: list[Objects]) -> ObjectTable:
    """Return the objects of images as one table; keys of the images are 1, 2, 3, …"""
    counts = [len(each) for each in objects]
    scored = objects[0].scores is not None
    return ObjectTable(
        images=np.repeat(np.arange(1, len(images) + 1), counts),
        indices=np.concatenate([np.arange(n) for n in counts]).astype(np.int32),
        categories=np.concatenate([each.categories for each in objects]),
        boxes=np.concatenate([each.boxes for each in objects]),
        areas=np.concatenate([each.areas for each in objects]),
        crowd=np.concatenate([each.crowd for each in objects]),
        scores=np.concatenate([each.scores for each in objects]) if scored else None,
        masks=[mask.counts for each in objects for mask in each.masks],
        heights=np.repeat([image.height for image in images], counts).astype(np.int32),
    )


def some_of(filled: Filled, places: list[int]) -> tuple[ObjectTable, ObjectTable]:
    """Return the tables of a few images alone, by their places from 0."""
    keys = [place + 1 for place in places]
    truth, found = filled.tables()
    return (
        truth.where(np.isin(truth.images, keys)),
        found.where(np.isin(found.images, keys)),
    )
