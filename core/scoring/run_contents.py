"""What writers need of a data set and its runs, out of the store, all or of some images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from core import fusion
from core.errors import UsageError
from core.readers.images import check_path
from core.store.columns import blocks
from core.store.connection import Store
from core.store.queries import catalogue
from core.store.rows import image_ids, load_dataset, load_predictions
from core.structures import Annotation, Dataset, ImageRecord, Prediction, void_of
from core.writers.bundle import write_bundle
from core.writers.contents import RunContents, TruthContents
from core.writers.loadable import write_loadable

IMAGES_PER_BLOCK = 64


def contents_of(
    store: Store, row: pd.Series, *, maps: bool, images: Sequence[int] | None = None
) -> RunContents:
    """Return what a writer needs of a run; predictions are read a block of images at a time.

    Args:
        store: where it is.
        row: of `catalogue.runs`.
        maps: whether label maps are written: those of masks are painted.
        images: image_id of the images that are written, or None for all.
    """
    dataset = load_dataset(store, str(row["dataset"]), str(row["split"]))
    with store.read() as cursor:
        keys = image_ids(cursor, dataset.name, dataset.split)
        answered = set(catalogue.answered_images(cursor, int(row["run_id"]))["image_id"])
    if images is not None:
        answered &= set(images)
    chosen = {keys[image.id]: image for image in dataset.images if keys[image.id] in answered}

    def predictions() -> Iterator[Prediction]:
        for some in blocks(chosen.items(), IMAGES_PER_BLOCK):
            yield from _block(store, row, dataset, dict(some), maps=maps)

    return RunContents(
        run=str(row["run"]),
        dataset=dataset.name,
        split=dataset.split,
        categories=dataset.categories,
        background=dataset.background,
        images=tuple(chosen.values()),
        has_masks=bool(row["has_masks"]),
        predictions=predictions,
    )


def bundle(
    store: Store,
    rows: pd.DataFrame,
    place: pd.Series,
    target: Path | BinaryIO,
    *,
    images: Sequence[int] | None = None,
    most_bytes: int | None = None,
) -> str:
    """Write annotations of some images and what runs say of them, see `core.writers.bundle`.

    Args:
        store: where they are.
        rows: of `catalogue.runs`, of the split; those without objects are left out.
        place: row of `catalogue.datasets`.
        target: the zip to write.
        images: image_id of the images, or None for all of the split.
        most_bytes: how much the photographs may have together, or None to leave them out.

    Raises:
        UsageError: the annotations are no objects with places, the photographs have too many
            bytes, or classes share an id.
    """
    dataset, truth, runs = _objects_of(store, rows, place, images)
    photographs = None if most_bytes is None else _photographs(dataset, truth.images, most_bytes)
    return write_bundle(truth, runs, photographs, target)


def loadable(
    store: Store,
    rows: pd.DataFrame,
    place: pd.Series,
    target: Path,
    *,
    program: str,
    images: Sequence[int] | None = None,
) -> str:
    """Write the same as a folder that another program loads, see `core.writers.loadable`.

    Args:
        store: where they are.
        rows: of `catalogue.runs`, of the split; those without objects are left out.
        place: row of `catalogue.datasets`.
        target: the folder to write into.
        program: "fiftyone" or "lightly".
        images: image_id of the images, or None for all of the split.

    Raises:
        UsageError: the annotations are no objects with places, or classes share an id.
    """
    dataset, truth, runs = _objects_of(store, rows, place, images)
    return write_loadable(truth, runs, dataset.images_folder, program, target)


def _objects_of(
    store: Store, rows: pd.DataFrame, place: pd.Series, images: Sequence[int] | None
) -> tuple[Dataset, TruthContents, list[RunContents]]:
    """Return the split, its annotations on the images, and the runs that have objects there."""
    require_placed_objects(place)
    dataset = load_dataset(store, str(place["dataset"]), str(place["split"]))
    with store.read() as cursor:
        keys = image_ids(cursor, dataset.name, dataset.split)
    wanted = None if images is None else set(images)
    chosen = [image for image in dataset.images if wanted is None or keys[image.id] in wanted]
    able = rows[rows["has_boxes"].astype(bool) | rows["has_masks"].astype(bool)]
    runs = [contents_of(store, row, maps=False, images=images) for _, row in able.iterrows()]
    return dataset, _truth(dataset, chosen), runs


def require_placed_objects(place: pd.Series) -> None:
    """Refuse a split that COCO's instances cannot hold.

    Args:
        place: row of `catalogue.datasets`.

    Raises:
        UsageError: its annotations are no objects, or nobody knows where they are.
    """
    if place["has_objects"] and place["located"]:
        return
    what = "label maps, not objects" if not place["has_objects"] else "classes without places"
    raise UsageError(
        f"{place['dataset']} · {place['split']} is annotated by {what}, which COCO instances "
        "cannot hold. Export a run alone, in the format label-png or csv."
    )


def photograph_bytes(folder: Path, images: Sequence[ImageRecord]) -> int:
    """Return how much the photographs of some images have together, those that are there."""
    return sum(file.stat().st_size for file in _files(folder, images).values())


def _truth(dataset: Dataset, images: Sequence[ImageRecord]) -> TruthContents:
    def annotations() -> Iterator[Annotation]:
        return (dataset.annotations[image.id] for image in images)

    return TruthContents(
        dataset.name, dataset.split, dataset.categories, tuple(images), annotations
    )


def _photographs(
    dataset: Dataset, images: Sequence[ImageRecord], most_bytes: int
) -> dict[str, Path]:
    """Return the file of each photograph that is there, by its path in the data set."""
    there = photograph_bytes(dataset.images_folder, images)
    if there > most_bytes:
        raise UsageError(
            f"The photographs of {len(images):,} images have {there / 1e6:,.1f} MB together; at "
            f"most {most_bytes / 1e6:,.1f} MB are allowed. Choose fewer images, allow more, or "
            "leave the photographs out."
        )
    return _files(dataset.images_folder, images)


def _files(folder: Path, images: Sequence[ImageRecord]) -> dict[str, Path]:
    """Return the photographs that are files of their own; those inside arrays are none."""
    return {
        image.path: folder / image.path
        for image in images
        if check_path(image.path) is None and (folder / image.path).is_file()
    }


def _block(
    store: Store,
    row: pd.Series,
    dataset: Dataset,
    images: dict[int, ImageRecord],
    *,
    maps: bool,
) -> Iterator[Prediction]:
    with store.read() as cursor:
        found = load_predictions(cursor, int(row["run_id"]), images)
    for key in images:
        if key in found:
            each = found[key]
            yield _painted(each, row, dataset) if maps else each


def _painted(each: Prediction, row: pd.Series, dataset: Dataset) -> Prediction:
    """Return the prediction with its label map: as predicted, or as its pixels were counted."""
    if each.label_map is not None or each.objects is None:
        return each
    label_map = fusion.paint(
        each.objects,
        each.image.height,
        each.image.width,
        len(dataset.categories),
        threshold=float(row["paint_threshold"]),
        background=dataset.background,
    )
    if dataset.background is None and dataset.annotations[each.image.id].label_map is not None:
        # given maps without a class that means "nothing": counted as no answer
        label_map[label_map == len(dataset.categories)] = void_of(label_map)
    return replace(each, label_map=label_map)
