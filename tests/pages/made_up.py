"""Small stores for the pages: two data sets, runs in every state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.evaluate import evaluate_run
from core.geometry import rle
from core.store import rows
from core.store.connection import Store
from core.structures import (
    Annotation,
    Category,
    Dataset,
    ImageRecord,
    Objects,
    Prediction,
    Run,
    Source,
)

HEIGHT, WIDTH = 24, 32
HOSTILE = "<b>7</b>"
CLASSES = ("cat", "dog", HOSTILE)


def images(count: int) -> tuple[ImageRecord, ...]:
    return tuple(
        ImageRecord(i, f"image {i}", f"image{i}.jpg", HEIGHT, WIDTH, ("odd",) if i % 2 else ())
        for i in range(1, count + 1)
    )


def objects(
    boxes: Sequence[tuple[int, int, int, int]], classes: Sequence[int], scores=None
) -> Objects:
    masks = []
    for x, y, width, height in boxes:
        mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
        mask[y : y + height, x : x + width] = True
        masks.append(rle.encode(mask))
    return Objects(
        boxes=np.array(boxes, dtype=np.float64).reshape(-1, 4),
        categories=np.array(classes, dtype=np.int32),
        areas=np.array([w * h for _, _, w, h in boxes], dtype=np.float64),
        crowd=np.zeros(len(boxes), dtype=bool),
        scores=None if scores is None else np.array(scores, dtype=np.float64),
        masks=tuple(masks),
    )


def truth_of(image: ImageRecord) -> tuple[list[tuple[int, int, int, int]], list[int]]:
    """A cat on every image, a dog on every third; the hostile class on the first only."""
    boxes, classes = [(2, 2, 10, 12)], [0]
    if image.id % 3 == 0:
        boxes, classes = [*boxes, (18, 4, 8, 10)], [*classes, 1]
    if image.id == 1:
        boxes, classes = [*boxes, (16, 16, 6, 6)], [*classes, 2]
    return boxes, classes


def objects_dataset(count: int = 12) -> Dataset:
    def painted(image: ImageRecord) -> np.ndarray:
        label_map = np.full((HEIGHT, WIDTH), len(CLASSES), dtype=np.uint8)
        for (x, y, width, height), index in zip(*truth_of(image), strict=True):
            label_map[y : y + height, x : x + width] = index
        return label_map

    records = images(count)
    return Dataset(
        name="pets",
        split="val",
        categories=tuple(Category(name, source_id=i) for i, name in enumerate(CLASSES)),
        images=records,
        annotations={
            image.id: Annotation(image, objects(*truth_of(image)), painted(image))
            for image in records
        },
        images_folder=Path("/nowhere"),
        source=Source("coco", "pets.json", "ab" * 32),
    )


def maps_dataset(count: int = 4) -> Dataset:
    records = images(count)
    return Dataset(
        name="streets",
        split="test",
        categories=tuple(Category(name) for name in ("road", "sky", "car")),
        images=records,
        annotations={image.id: Annotation(image, label_map=street(image.id)) for image in records},
        images_folder=Path("/nowhere"),
        source=Source("label-png", "streets", "cd" * 32),
    )


def street(image_id: int) -> np.ndarray:
    """Sky above, road below, a car on even images, one row unlabelled."""
    label_map = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    label_map[:12] = 1
    if image_id % 2 == 0:
        label_map[14:20, 4:14] = 2
    label_map[-1] = 255
    return label_map


def shifted(image: ImageRecord, step: int, seconds: float | None) -> Prediction:
    boxes, classes = truth_of(image)
    moved = [(x + step, y, width, height) for x, y, width, height in boxes]
    scores = [0.9 - 0.1 * i for i in range(len(boxes))]
    return Prediction(image, seconds, objects(moved, classes, scores))


def add_run(
    store: Store,
    run: Run,
    predictions: Sequence[Prediction],
    expected: int,
    *,
    status: str = "done",
    has_objects: bool = True,
    has_labels: bool = False,
) -> int:
    with store.write() as cursor:
        run_id = rows.insert_run(
            cursor,
            run,
            has_boxes=has_objects,
            has_masks=has_objects,
            has_label_maps=not has_objects,
            has_labels=has_labels,
            expected_images=expected,
            status=status,
        )
        keys = rows.image_ids(cursor, run.dataset, run.split)
        rows.insert_predictions(cursor, run_id, keys, predictions)
    return run_id


def pets_store(path: Path) -> Store:
    """Two comparable runs on the data set pets, evaluated."""
    store, dataset = Store.at(path), objects_dataset()
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset, painted=True)
    for name, step in (("sharp", 0), ("shifted", 2)):
        run = Run(
            name,
            "boxes",
            "pets",
            "val",
            {"step": step},
            "w.pt",
            "ef" * 32,
            {"overlook": "1"},
            "cpu",
        )
        predictions = [shifted(image, step, 0.25) for image in dataset.images]
        add_run(store, run, predictions, len(dataset.images))
        evaluate_run(store, name)
    return store


def full_store(path: Path) -> Store:
    """Runs in every state, two data sets, images left out."""
    store, dataset, streets = pets_store(path), objects_dataset(), maps_dataset()
    few = [shifted(image, 1, None) for image in dataset.images[:5]]
    add_run(store, Run("half", "boxes", "pets", "val"), few, 12)
    evaluate_run(store, "half")
    add_run(store, Run("raw", "boxes", "pets", "val"), few, 12)
    dead = add_run(store, Run("silent", "boxes", "pets", "val"), few, 12, status="running")
    with store.write() as cursor:
        cursor.execute(
            "INSERT INTO run_attempt (run_id, attempt, host, pid, heartbeat) "
            "VALUES (?, 1, 'node7', 4711, now() - INTERVAL 5 MINUTE)",
            [dead],
        )
        cursor.execute(
            "INSERT INTO rejected (run_id, dataset_id, split, place, stage, message) "
            "SELECT run_id, dataset_id, split, 'image9.jpg', 'decode', 'the file ends too early' "
            "FROM run WHERE name = 'half'"
        )
        rows.insert_dataset(cursor, streets)
    maps = [Prediction(i, 0.5, label_map=np.roll(street(i.id), 3, axis=1)) for i in streets.images]
    add_run(store, Run("unet", "unet", "streets", "test"), maps, 4, has_objects=False)
    evaluate_run(store, "unet")
    return store


def singles_store(path: Path) -> Store:
    """Twelve images of one object each, the classes in turn, and two readers of them.

    "reader" mistakes the class on 4, the place on 5, both on 7, and does not answer to 6;
    "exact" makes no mistake.
    """
    store, records = Store.at(path), images(12)
    truth = {image.id: objects([(2, 2, 10, 12)], [image.id % 3]) for image in records}
    dataset = Dataset(
        name="singles",
        split="val",
        categories=tuple(Category(name, source_id=i) for i, name in enumerate(CLASSES)),
        images=records,
        annotations={image.id: Annotation(image, truth[image.id]) for image in records},
        images_folder=Path("/nowhere"),
        source=Source("coco", "singles.json", "ef" * 32),
    )
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset)
    answers = {image.id: (image.id % 3, 0, 0.8) for image in records}
    wrong = {4: (2, 0, 0.95), 5: (2, 8, 0.6), 7: (0, 8, 0.7), 6: None}
    for name, given in (("reader", answers | wrong), ("exact", answers)):
        predictions = [Prediction(image, 0.1, _answer(given[image.id])) for image in records]
        add_run(store, Run(name, "vgg", "singles", "val"), predictions, len(records))
        evaluate_run(store, name)
    return store


def _answer(given: tuple[int, int, float] | None) -> Objects:
    """One object of a class, moved to the right by so many pixels, with a score."""
    if given is None:
        return objects([], [], [])
    index, step, score = given
    return objects([(2 + step, 2, 10, 12)], [index], [score])


def confused_store(path: Path, images: int) -> Path:
    """Fill a store with a run that calls every cat a dog, and finds nothing else."""
    store = Store.at(path)
    dataset = objects_dataset(images)
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset, painted=True)
    dog = objects([(2, 2, 10, 12)], [1], [0.9])
    predictions = [Prediction(image, None, dog) for image in dataset.images]
    add_run(store, Run("confused", "boxes", "pets", "val"), predictions, images)
    evaluate_run(store, "confused")
    return path
