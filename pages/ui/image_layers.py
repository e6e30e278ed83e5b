"""Rows of the store as what viewer and gallery draw: images, their classes, their layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core import fusion
from core.geometry import label_runs
from core.metrics.errors import Kind
from core.store import rows
from core.store.columns import objects_of
from core.store.queries import image_view
from core.structures import BACKGROUND_NAME, LabelMap, Objects, ObjectTable
from pages.ui import store
from pages.ui.layers import Classes
from pages.ui.palette import class_colours

ANNOTATION = "annotation"

# What became of an object, in the words of error maps.
OUTCOMES = {
    Kind.HIT: "right",
    Kind.IGNORED: "ignored",
    Kind.CLASSIFICATION: "wrong class",
    Kind.LOCALISATION: "false positive",
    Kind.DUPLICATE: "false positive",
    Kind.BACKGROUND: "false positive",
    Kind.BOTH: "false positive",
}


@dataclass(frozen=True)
class StoredImage:
    """An image of the store.

    Attributes:
        key: its image_id in the store.
        id: the id that the files of its data set use.
        name: file name without folder and ending.
        file: where the photograph should be.
        height: rows, in pixels.
        width: columns, in pixels.
    """

    key: int
    id: int
    name: str
    file: Path
    height: int
    width: int


def stored_images(keys: Iterable[int]) -> list[StoredImage]:
    """Return the images with these keys, in their order; keys that are gone are left out."""
    wanted = tuple(int(key) for key in keys)
    records = store.ask(image_view.image_records, images=wanted)
    known = {
        row.image_id: StoredImage(
            row.image_id,
            row.source_id,
            row.name,
            Path(row.images_folder, row.path),
            row.height,
            row.width,
        )
        for row in records.itertuples(index=False)
    }
    return [known[key] for key in wanted if key in known]


def background_of(split: pd.Series, class_count: int) -> int | None:
    """Return the class index in label maps that means "nothing", or None if there is none.

    Args:
        split: row of `catalogue.datasets`.
        class_count: C, the number of categories.
    """
    if not pd.isna(split["background"]):
        return int(split["background"])
    return class_count if split["maps_painted"] else None


def view_classes(split: pd.Series) -> Classes:
    """Return index, name and colour of the classes of label maps; a painted background is last."""
    names = list(store.classes(split["dataset"])["name"])
    background = background_of(split, len(names))
    if background == len(names):
        names.append(BACKGROUND_NAME)
    return tuple(zip(range(len(names)), names, class_colours(len(names), background), strict=True))


def annotated_objects(split: pd.Series, images: Sequence[StoredImage]) -> dict[int, Objects]:
    """Return the annotated objects of each image by its key; none where the split has no objects.

    Args:
        split: row of `catalogue.datasets`.
        images: some of its images.
    """
    if not split["has_objects"]:
        return {}
    table = store.ask(
        rows.truth_table,
        dataset=int(split["dataset_id"]),
        split=split["split"],
        image_ids=_keys(images),
    )
    return _by_image(table, images)


def predicted_objects(run: pd.Series, images: Sequence[StoredImage]) -> dict[int, Objects]:
    """Return all that a run predicted on each image by its key; none where it has no objects.

    Args:
        run: row of `catalogue.runs`.
        images: some images of its split.
    """
    if not (run["has_boxes"] or run["has_masks"]):
        return {}
    table = store.ask(rows.prediction_table, run_id=int(run["run_id"]), image_ids=_keys(images))
    return _by_image(table, images)


def predicted_of_runs(
    runs: pd.DataFrame, images: Sequence[StoredImage]
) -> dict[str, dict[int, Objects]]:
    """Return `predicted_objects` of each run by its name, asked all at once.

    Args:
        runs: rows of `catalogue.runs`.
        images: some images of their split.
    """
    names = dict(zip(runs["run"], runs["run_id"].astype(int).tolist(), strict=True))
    able = runs[(runs["has_boxes"] | runs["has_masks"]).astype(bool)]
    keys = tuple(names[run] for run in able["run"])
    tables = store.ask(rows.prediction_tables, run_ids=keys, image_ids=_keys(images))
    return {
        run: _by_image(tables[key], images) if key in tables else {} for run, key in names.items()
    }


def annotated_maps(images: Sequence[StoredImage]) -> dict[int, LabelMap]:
    """Return the annotated label map of each image that has one, by its key."""
    maps = store.ask(image_view.annotation_maps, images=_keys(images))
    return _decoded(maps, images)


def predicted_maps(
    run: pd.Series, split: pd.Series, images: Sequence[StoredImage]
) -> dict[int, LabelMap]:
    """Return a run's label map of each image, by its key, as its pixels were counted.

    A run that was counted by painting its masks is painted again, at the same threshold.

    Args:
        run: row of `catalogue.runs`.
        split: row of `catalogue.datasets`.
        images: some images of the split.
    """
    if run["has_label_maps"]:
        maps = store.ask(
            image_view.prediction_maps, runs=(int(run["run_id"]),), images=_keys(images)
        )
        return _decoded(maps, images)
    if run["pixel_source"] != "painted":
        return {}
    answered = answers([run], images)[int(run["run_id"])]
    objects = predicted_objects(run, images)
    return {
        image.key: painted_map(run, split, image, objects[image.key])
        for image in images
        if image.key in answered
    }


def painted_map(run: pd.Series, split: pd.Series, image: StoredImage, objects: Objects) -> LabelMap:
    """Return the label map that was painted of what a run predicted, to count its pixels.

    Args:
        run: row of `catalogue.runs`, of a run whose pixels are painted.
        split: row of `catalogue.datasets`.
        image: of the split.
        objects: that the run predicted on it.
    """
    return fusion.paint(
        objects,
        image.height,
        image.width,
        int(split["classes"]),
        threshold=float(run["paint_threshold"]),
        background=None if pd.isna(split["background"]) else int(split["background"]),
    )


def answers(runs: Sequence[pd.Series], images: Sequence[StoredImage]) -> dict[int, set[int]]:
    """Return the keys of the images that each run has answered, by its run_id."""
    keys = tuple(int(run["run_id"]) for run in runs)
    found = store.ask(image_view.image_answers, runs=keys, images=_keys(images))
    answered: dict[int, set[int]] = {key: set() for key in keys}
    for run, image in zip(found["run_id"].tolist(), found["image_id"].tolist(), strict=True):
        answered[run].add(image)
    return answered


def without_masks(objects: Objects | None) -> Objects | None:
    """Return the objects as boxes alone."""
    if objects is None:
        return None
    return Objects(**{**vars(objects), "masks": None})


def kept(objects: Objects, chosen: np.ndarray) -> Objects:
    """Return some of the objects.

    Args:
        objects: N objects.
        chosen: positions of those to keep, ascending.
    """
    return Objects(
        boxes=objects.boxes[chosen],
        categories=objects.categories[chosen],
        areas=objects.areas[chosen],
        crowd=objects.crowd[chosen],
        scores=None if objects.scores is None else objects.scores[chosen],
        masks=None if objects.masks is None else tuple(objects.masks[i] for i in chosen),
    )


def _by_image(table: ObjectTable, images: Sequence[StoredImage]) -> dict[int, Objects]:
    keys = np.array([image.key for image in images], dtype=np.int64)
    starts = np.searchsorted(table.images, keys).tolist()
    ends = np.searchsorted(table.images, keys, side="right").tolist()
    return {
        image.key: objects_of(table, slice(start, end), image.height, image.width)
        for image, start, end in zip(images, starts, ends, strict=True)
    }


def _decoded(maps: pd.DataFrame, images: Sequence[StoredImage]) -> dict[int, LabelMap]:
    sizes = {image.key: (image.height, image.width) for image in images}
    return {
        int(key): label_runs.decode(bytes(blob), *sizes[key])
        for key, blob in zip(maps["image_id"], maps["label_map"], strict=True)
    }


def _keys(images: Sequence[StoredImage]) -> tuple[int, ...]:
    return tuple(image.key for image in images)
