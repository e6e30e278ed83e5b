"""python -m core export: a run's predictions out of the store, for other programs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from core import fusion
from core.commands.choose import chosen_runs
from core.errors import UsageError
from core.store.columns import blocks
from core.store.connection import Store, store_path
from core.store.queries import catalogue
from core.store.rows import image_ids, load_dataset, load_predictions
from core.structures import Dataset, ImageRecord, Prediction, void_of
from core.targets import new_file, new_folder
from core.writers import EXPORT_FORMATS, Form
from core.writers.contents import RunContents

IMAGES_PER_BLOCK = 64
DESCRIPTION = "write what a run predicted, in a format that other programs read"
EXAMPLE = "python -m core export yolov8n-seg --format coco-results --out yolov8n-seg.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("run_name", metavar="RUN", help="the run to write")
    parser.add_argument("--format", required=True, choices=sorted(EXPORT_FORMATS))
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PATH",
        help="the file to write; of label-png and yolo the folder",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace what an export wrote there before"
    )


def run(options: argparse.Namespace) -> int:
    """Write the run and say what was written."""
    store = Store.at(store_path(options.store))
    row = chosen_runs(store, [options.run_name]).iloc[0]
    form = EXPORT_FORMATS[options.format]
    _require(row, form, options.format)
    contents = contents_of(store, row, form)
    opened = (
        new_file(options.out, force=options.force)
        if form.folder is None
        else new_folder(options.out, form.folder, force=options.force)
    )
    with opened as unfinished:
        written = form.write(contents, unfinished)
    print(f"{options.out}: {written} of {contents.dataset} · {contents.split}.")
    return 0


def contents_of(store: Store, row: pd.Series, form: Form) -> RunContents:
    """Return what a writer needs of a run; predictions are read a block of images at a time.

    Args:
        store: where it is.
        row: of `catalogue.runs`.
        form: how it will be written.
    """
    dataset = load_dataset(store, str(row["dataset"]), str(row["split"]))
    with store.read() as cursor:
        keys = image_ids(cursor, dataset.name, dataset.split)
        answered = set(catalogue.answered_images(cursor, int(row["run_id"]))["image_id"])
    images = {keys[image.id]: image for image in dataset.images if keys[image.id] in answered}

    def predictions() -> Iterator[Prediction]:
        for some in blocks(images.items(), IMAGES_PER_BLOCK):
            yield from _block(store, row, form, dataset, dict(some))

    return RunContents(
        run=str(row["run"]),
        dataset=dataset.name,
        split=dataset.split,
        categories=dataset.categories,
        background=dataset.background,
        images=tuple(images.values()),
        has_masks=bool(row["has_masks"]),
        predictions=predictions,
    )


def _block(
    store: Store,
    row: pd.Series,
    form: Form,
    dataset: Dataset,
    images: dict[int, ImageRecord],
) -> Iterator[Prediction]:
    with store.read() as cursor:
        found = load_predictions(cursor, int(row["run_id"]), images)
    for key in images:
        if key in found:
            each = found[key]
            yield _painted(each, row, dataset) if form.of == "maps" else each


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


def _require(row: pd.Series, form: Form, name: str) -> None:
    """Refuse a run that has nothing to write in this format.

    Raises:
        UsageError: saying what it has instead.
    """
    has_maps = bool(row["has_label_maps"]) or row["pixel_source"] == "painted"
    has_objects = bool(row["has_boxes"] or row["has_masks"])
    if (has_maps and form.of == "maps") or (has_objects and form.of == "objects"):
        return
    missing = "label maps" if form.of == "maps" else "objects"
    fits = [
        other
        for other, each in EXPORT_FORMATS.items()
        if (has_maps and each.of == "maps") or (has_objects and each.of == "objects")
    ]
    raise UsageError(
        f"Run {row['run']!r} has no {missing}, which {name} holds. "
        f"Formats that fit it: {', '.join(fits) or 'none'}."
    )
