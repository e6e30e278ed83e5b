"""What is evaluated: a run, the split it speaks of, and its images in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import fusion
from core.errors import UsageError
from core.geometry import label_runs
from core.store import rows
from core.store.columns import objects_of
from core.store.connection import Store
from core.store.queries import catalogue, explore
from core.structures import LabelMap, Objects, ObjectTable

BLOCK_IMAGES = 512
FINISHED = ("done", "done_with_rejects", "stopped", "failed")


@dataclass(frozen=True)
class Subject:
    """A run and its split, as evaluation needs them.

    Attributes:
        run_id: key of the run.
        run: its name.
        system: what made it.
        weights_sha256: of its weights, or "".
        dataset: key of the data set.
        dataset_name: its name.
        split: name of the split.
        class_count: C, the categories.
        background: class index that means "nothing", or None.
        compares_boxes: both sides have boxes.
        compares_masks: both sides have masks.
        compares_maps: both sides have label maps, given by the run.
        compares_segments: the split has objects with masks and label maps, and the run has masks.
        paints: the run's masks are painted to be counted against label maps.
        leaves_blank: pixels where it paints nothing have no answer, because no class of the split
            means "nothing".
        things: (T,) class indices of which the split has annotated objects.
        images: the images that the run has answered: image_id to (height, width).
    """

    run_id: int
    run: str
    system: str
    weights_sha256: str
    dataset: int
    dataset_name: str
    split: str
    class_count: int
    background: int | None
    compares_boxes: bool
    compares_masks: bool
    compares_maps: bool
    compares_segments: bool
    paints: bool
    leaves_blank: bool
    things: NDArray[np.int64]
    images: dict[int, tuple[int, int]]

    @property
    def label_count(self) -> int:
        """Return how many class indices label maps of this split may hold."""
        return fusion.label_count(self.class_count, self.background)

    def blocks(self) -> Iterator[list[int]]:
        """Yield the image_id of the answered images, some at a time, ascending."""
        keys = list(self.images)
        for start in range(0, len(keys), BLOCK_IMAGES):
            yield keys[start : start + BLOCK_IMAGES]


def subject_of(store: Store, name: str) -> Subject:
    """Return what evaluation needs to know of a run.

    Raises:
        UsageError: the run is not in the store, or a job is still writing it.
    """
    with store.read() as cursor:
        runs = catalogue.runs(cursor)
        if name not in set(runs["run"]):
            there = ", ".join(sorted(runs["run"])) or "none yet"
            raise UsageError(f"There is no run named {name!r} in the store. Runs: {there}.")
        run = runs[runs["run"] == name].iloc[0]
        if run["status"] not in FINISHED:
            raise UsageError(
                f"Run {name!r} is still being written ({run['images']} of {run['expected_images']} "
                "images). Wait for its job, or start the job again if it died."
            )
        splits = catalogue.datasets(cursor)
        own = (splits["dataset"] == run["dataset"]) & (splits["split"] == run["split"])
        split = splits[own].iloc[0]
        class_count = len(catalogue.categories(cursor, run["dataset"]))
        things = explore.thing_classes(cursor, int(run["dataset_id"]), str(run["split"]))
        images = _answered(cursor, int(run["run_id"]))
    return Subject(
        run_id=int(run["run_id"]),
        run=name,
        system=str(run["system"]),
        weights_sha256=str(run["weights_sha256"]),
        dataset=int(run["dataset_id"]),
        dataset_name=str(run["dataset"]),
        split=str(run["split"]),
        class_count=class_count,
        background=None if pd.isna(split["background"]) else int(split["background"]),
        compares_boxes=bool(run["has_boxes"] and split["has_objects"] and split["located"]),
        compares_masks=bool(run["has_masks"] and split["has_masks"]),
        compares_maps=bool(run["has_label_maps"] and split["has_label_maps"]),
        compares_segments=bool(run["has_masks"] and split["has_masks"] and split["has_label_maps"]),
        paints=bool(run["has_masks"] and not run["has_label_maps"] and split["has_label_maps"]),
        leaves_blank=bool(pd.isna(split["background"]) and not split["maps_painted"]),
        things=things,
        images=images,
    )


def require_unchanged(cursor: duckdb.DuckDBPyConnection, subject: Subject) -> None:
    """Refuse a run that is no longer what it was when its evaluation began.

    Args:
        cursor: of the transaction that is to store the evaluation.
        subject: as it was then.

    Raises:
        UsageError: it was removed, a job is at work on it, or it has answered other images.
    """
    runs = catalogue.runs(cursor)
    status = runs.loc[runs["run_id"] == subject.run_id, "status"]
    if not status.isin(FINISHED).any() or _answered(cursor, subject.run_id) != subject.images:
        raise UsageError(
            f"Run {subject.run!r} was removed or went on while it was evaluated, so nothing was "
            "stored of it. Evaluate it again once its job is done."
        )


def true_maps(
    cursor: duckdb.DuckDBPyConnection, subject: Subject, images: list[int]
) -> dict[int, bytes]:
    """Return the annotated label maps of one block as they are stored, by image_id."""
    first, last = images[0], images[-1]
    return dict(rows.annotation_map_blobs(cursor, subject.dataset, subject.split, first, last))


def painted_subjects(
    subject: Subject, images: list[int], truth: Mapping[int, bytes], predicted: ObjectTable
) -> Iterator[tuple[int, LabelMap, Objects]]:
    """Yield image_id, true label map and predicted objects of the images of one block.

    Args:
        subject: the run.
        images: image_id of the block, ascending.
        truth: of `true_maps`.
        predicted: of `rows.prediction_table`.
    """
    starts = predicted.images.searchsorted(images)
    ends = predicted.images.searchsorted(images, side="right")
    for image, start, end in zip(images, starts.tolist(), ends.tolist(), strict=True):
        height, width = subject.images[image]
        objects = objects_of(predicted, slice(start, end), height, width)
        yield image, label_runs.decode(truth[image], height, width), objects


def _answered(cursor: duckdb.DuckDBPyConnection, run_id: int) -> dict[int, tuple[int, int]]:
    sizes = catalogue.answered_images(cursor, run_id)
    return {
        int(image): (int(height), int(width))
        for image, height, width in sizes.itertuples(index=False)
    }
