"""Runs of every kind on one split, and all that the store is asked of one run after the other."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from core.evaluate import evaluate_run
from core.metrics.image_labels import LEAST_PIXELS
from core.metrics.pixel_errors import KINDS
from core.store.connection import Store
from core.store.queries import catalogue, counts, image_labels
from core.structures import Objects, Prediction
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

NOTHING = Objects(
    np.empty((0, 4)), np.empty(0, np.int32), np.empty(0), np.empty(0, bool), np.empty(0), ()
)
RUNS = ("masks", "boxes", "maps", "silent", "some", "labels")
WITH_BOXES = tuple(run for run in RUNS if run != "maps")
SUBSETS = {
    "all": None,
    "none": (),
    "one": (4,),
    "some": (1, 3, 4),
    "others": (7, 99),
    "each": range(1, 6),
}
ROWS = {
    "pixel_rows": ("pixel_count", ["image_id", "truth", "predicted"]),
    "boundary_rows": ("boundary_count", ["image_id", "class"]),
    "segment_rows": ("segment_count", ["image_id", "class"]),
}


def make_several(path: Path) -> Store:
    """Store runs of masks, of boxes, of label maps, of nothing, on two images, and of labels."""
    store = Store.at(path)
    dataset = make_dataset(label_maps=True)
    put(store, dataset)
    found = partial(make_predictions, dataset)
    silent = [Prediction(image, None, NOTHING) for image in dataset.images]
    maps = {"has_boxes": False, "has_masks": False, "has_label_maps": True}
    put_run(store, dataset, found(), "masks")
    put_run(store, dataset, found(masks=False, seed=2), "boxes", has_masks=False)
    put_run(store, dataset, found(objects=False, label_maps=True, seed=3), "maps", **maps)
    put_run(store, dataset, silent, "silent")
    put_run(store, dataset, found(seed=4)[2:4], "some")
    put_run(store, dataset, found(labels=True, seed=5), "labels", has_labels=True)
    for run in RUNS:
        evaluate_run(store, run)
    return store


def keys(cursor) -> list[int]:
    known = catalogue.runs(cursor).set_index("run")["run_id"]
    return [int(known[run]) for run in RUNS]


def labels(cursor, run, images):
    asked = image_labels.LabelQuestion((run,), 3, None, LEAST_PIXELS, images)
    return image_labels.image_labels(cursor, asked)


QUESTIONS = {
    **{name: getattr(counts, name) for name in (*ROWS, "single_objects")},
    **{
        f"{name} of {geometry}": partial(getattr(counts, name), geometry=geometry)
        for name in ("match_rows", "match_bits")
        for geometry in ("box", "mask")
    },
    **{
        name: lambda cursor, run, images, name=name: getattr(counts, name)(cursor, [run], images)
        for name in (*("pixel_totals", "pixel_class_images", "seconds", "stage_seconds"),)
    },
    "pixel_error_rows": partial(counts.pixel_error_rows, kinds=KINDS),
    "image_labels": labels,
}


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)
