"""A store with two splits and three systems whose errors differ, so that together they do better.

`boxes` finds boxes alone, `masks` finds masks, `maps` labels pixels; each misses other objects,
draws some that are not there, and is off by a few pixels.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.evaluate import evaluate_run
from core.fusion import paint_annotation
from core.geometry import confidence, rle
from core.store.connection import Store
from core.store.rows import image_ids, insert_dataset, insert_predictions, insert_run, remove_run
from core.structures import Annotation, Dataset, ImageRecord, Objects, Prediction, Run
from tests.factories import make_dataset

SIDE = 32
IMAGES = 8
# system -> the parts of its predictions
SYSTEMS = {"boxes": ("boxes",), "masks": ("boxes", "masks"), "maps": ("maps",)}
MISSED = {"boxes": 0.25, "masks": 0.25, "maps": 0.1}
SEEDS = {"val": 1, "test": 2}


@dataclass(frozen=True)
class Scene:
    """Where a test works."""

    store: Path

    def fit(self, *more: object) -> list[str]:
        return ["fit", "ensemble", *self._place(), *map(str, more)]

    def predict(self, *more: object) -> list[str]:
        return ["predict", "ensemble", *self._place(), *map(str, more)]

    def _place(self) -> list[str]:
        return ["--store", str(self.store), "--dataset", "shapes"]

    @property
    def recipe(self) -> Path:
        return self.store.parent / "checkpoints" / "ensemble" / "shapes.json"


def copy_scene(scene: Scene, folder: Path) -> Scene:
    """Return the same scene in a folder of its own."""
    shutil.copytree(scene.store.parent, folder, dirs_exist_ok=True)
    return Scene(folder / scene.store.name)


def make_scene(folder: Path, systems: tuple[str, ...] = tuple(SYSTEMS)) -> Scene:
    scene = Scene(folder / "evaluation.duckdb")
    for split, seed in SEEDS.items():
        dataset = make_split(split, seed)
        with Store.at(scene.store).write() as cursor:
            insert_dataset(cursor, dataset, painted=True)
        for number, system in enumerate(systems):
            put_run(scene, dataset, system, seed=10 * seed + number)
    return scene


def make_split(split: str, seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    images = tuple(
        ImageRecord(index, f"{index}", f"{split}/{index}.png", SIDE, SIDE)
        for index in range(1, IMAGES + 1)
    )
    annotations = {}
    for image in images:
        objects = draw_objects(rng, 3)
        label_map = paint_annotation(objects, SIDE, SIDE, 3, None)
        annotations[image.id] = Annotation(image, objects, label_map)
    plain = make_dataset(split=split)
    source = replace(plain.source, sha256=f"{seed:064d}")
    return replace(plain, images=images, annotations=annotations, source=source)


def draw_objects(rng: np.random.Generator, count: int) -> Objects:
    corners, sizes = rng.integers(0, 18, (count, 2)), rng.integers(6, 14, (count, 2))
    return objects_at(np.hstack([corners, sizes]), rng.integers(0, 3, count))


def objects_at(places: np.ndarray, categories: np.ndarray, scores: np.ndarray | None = None):
    masks = []
    for x, y, width, height in places.tolist():
        mask = np.zeros((SIDE, SIDE), bool)
        mask[max(y, 0) : y + height, max(x, 0) : x + width] = True
        masks.append(rle.encode(mask))
    return Objects(
        boxes=places.astype(np.float64),
        categories=categories.astype(np.int32),
        areas=places[:, 2:].prod(axis=1).astype(np.float64),
        crowd=np.zeros(len(places), bool),
        scores=scores,
        masks=tuple(masks),
    )


def seen_by(rng: np.random.Generator, truth: Objects, missed: float) -> Objects:
    """Miss some of the objects, be off by a pixel, and add one that is not there."""
    kept = rng.random(len(truth)) >= missed
    places = truth.boxes[kept].astype(np.int64) + rng.integers(-1, 2, (kept.sum(), 4))
    extra = draw_objects(rng, 1)
    places = np.vstack([places, extra.boxes.astype(np.int64)])
    categories = np.append(truth.categories[kept], extra.categories)
    scores = np.append(0.5 + 0.5 * rng.random(kept.sum()), 0.1 + 0.6 * rng.random(1))
    return objects_at(places, categories, scores)


def put_run(
    scene: Scene, dataset: Dataset, system: str, *, seed: int, name: str = "", **changes: object
) -> str:
    """Store and evaluate what a system says of a split; return the run's name."""
    rng, parts = np.random.default_rng(seed), SYSTEMS[system]
    name = name or f"{system} {dataset.split}"
    predictions = []
    for image in dataset.images:
        seen = seen_by(rng, dataset.annotations[image.id].objects, MISSED[system])
        painted = paint_annotation(seen, SIDE, SIDE, 3, None)
        steps = confidence.quantise(0.5 + 0.5 * rng.random((SIDE, SIDE)))
        predictions.append(
            Prediction(
                image,
                objects=replace(seen, masks=seen.masks if "masks" in parts else None)
                if "boxes" in parts
                else None,
                label_map=painted if "maps" in parts else None,
                confidence=steps if "maps" in parts else None,
            )
        )
    settings = {"conf": 0.1, "imported_from": f"{name}.json"}
    described = Run(name, system, dataset.name, dataset.split, settings, "w", system * 3)
    with Store.at(scene.store).write() as cursor:
        run_id = insert_run(
            cursor,
            replace(described, **changes),
            has_boxes="boxes" in parts,
            has_masks="masks" in parts,
            has_label_maps="maps" in parts,
            expected_images=len(dataset.images),
            status="done",
        )
        keys = image_ids(cursor, dataset.name, dataset.split)
        insert_predictions(cursor, run_id, keys, predictions)
    evaluate_run(Store.at(scene.store), name)
    return name


def forget_run(scene: Scene, name: str) -> None:
    with Store.at(scene.store).write() as cursor:
        ((run_id,),) = cursor.execute("SELECT run_id FROM run WHERE name = ?", [name]).fetchall()
        remove_run(cursor, run_id)
