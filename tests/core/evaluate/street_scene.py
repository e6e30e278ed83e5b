"""A store with a run of label maps, and the maps it was made of."""

import numpy as np

from core.evaluate import evaluate_run
from core.store.connection import Store
from core.store.rows import image_ids, insert_dataset, insert_predictions, insert_run
from core.structures import Annotation, Category, Dataset, ImageRecord, Prediction, Run, Source
from tests.core.metrics.test_boundary import blobs

CLASSES, SIZE = 3, (41, 60)


def street_maps():
    """Return four pairs of truth and prediction."""
    rng = np.random.default_rng(5)
    truths = [blobs(rng, *SIZE, CLASSES, voids=1) for _ in range(4)]
    return [(truth, np.roll(truth, 1 + place, axis=1)) for place, truth in enumerate(truths)]


def street_store(folder, maps):
    """Store them as the evaluated run "net"."""
    images = _images(maps)
    pairs = zip(images, maps, strict=True)
    dataset = Dataset(
        name="streets",
        split="val",
        categories=tuple(Category(f"class {i}", source_id=i) for i in range(CLASSES)),
        images=images,
        annotations={i.id: Annotation(i, None, truth) for i, (truth, _) in pairs},
        images_folder=folder,
        source=Source("png", "val", "0" * 64),
    )
    store = Store.at(folder / "evaluation.duckdb")
    with store.write() as cursor:
        insert_dataset(cursor, dataset)
    street_run(store, maps, "net")
    return store


def street_run(store, maps, name):
    """Store the predictions as an evaluated run."""
    flags = {"has_boxes": False, "has_masks": False, "has_label_maps": True}
    pairs = zip(_images(maps), maps, strict=True)
    predictions = [Prediction(image, label_map=predicted) for image, (_, predicted) in pairs]
    with store.write() as cursor:
        run = Run(name, name, "streets", "val")
        key = insert_run(cursor, run, **flags, expected_images=len(maps), status="done")
        insert_predictions(cursor, key, image_ids(cursor, "streets", "val"), predictions)
    evaluate_run(store, name)


def _images(maps):
    return tuple(ImageRecord(i + 1, f"{i}", f"{i}.png", *SIZE) for i in range(len(maps)))
