"""python -m core import-run: predictions that another program made."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from core import __version__
from core.commands.frame import add_reading_options, require_path, tell_left_out, telling_faults
from core.commands.watched import Watched, WatchedBar, add_progress_option, watching
from core.evaluate import evaluate_run
from core.readers import RUN_FORMATS, run_reader
from core.readers.faults import Fault
from core.readers.label_files import names_without_image
from core.store.connection import Store, store_path
from core.store.rows import (
    image_ids,
    insert_predictions,
    insert_rejected,
    insert_run,
    load_dataset,
    refuse_known_run,
)
from core.structures import Dataset, Prediction, Run
from core.words import counted

SHOWN_NAMES = 3
STORING, EVALUATING = "storing", "evaluating"
RUN_FOLDERS = ("label-png", "yolo")
DESCRIPTION = "store predictions that another program made"
EXAMPLE = (
    "python -m core import-run yolov8n --dataset coco-val --split val "
    "--format coco-results detections.json --system yolov8"
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("name", metavar="RUN", help="what to call the run")
    parser.add_argument("--dataset", required=True, help="the data set it speaks of")
    parser.add_argument("--split", default="val", help="the split it speaks of (default: val)")
    parser.add_argument("--format", required=True, choices=sorted(RUN_FORMATS))
    parser.add_argument("path", metavar="FILE", type=Path, help="the file or folder of predictions")
    parser.add_argument("--system", help="the program that made them (default: the run's name)")
    parser.add_argument("--evaluate", action="store_true", help="count and match them at once")
    add_reading_options(parser)
    add_progress_option(parser)


def run(options: argparse.Namespace) -> int:
    """Read, check and store the run; print what came of it."""
    with watching(options.progress) as watched:
        return _imported(options, watched)


def _imported(options: argparse.Namespace, watched: Watched) -> int:
    started = time.perf_counter()
    store = Store.at(store_path(options.store))
    with telling_faults(every=options.all_faults):
        dataset, predictions, faults = read_run(store, options)
    _tell_unused(options, dataset)
    if options.dry_run:
        print(f"{run_summary(options, predictions)}. Sound; nothing was written.")
        return 0
    steps = (STORING, EVALUATING) if options.evaluate else (STORING,)
    watched.steps(dict.fromkeys(steps, len(predictions)))
    with store.write() as cursor:
        run_id = insert_run(
            cursor,
            _run_of(options),
            **_contents(predictions, options.format),
            expected_images=len(dataset.images),
            status="done_with_rejects" if faults else "done",
        )
        keys = image_ids(cursor, dataset.name, dataset.split)
        insert_predictions(cursor, run_id, keys, watched.counted(STORING, predictions))
        insert_rejected(cursor, run_id, faults)
    print(
        f"{run_summary(options, predictions)} on {counted(len(predictions), 'image')} of "
        f"{dataset.name} · {dataset.split}, stored in {time.perf_counter() - started:.1f} s."
        + ("" if options.evaluate else f" Next: python -m core evaluate {options.name}")
    )
    tell_left_out(faults, every=options.all_faults)
    if options.evaluate:
        outcome = evaluate_run(store, options.name, progress=WatchedBar(watched, EVALUATING))
        print(f"{options.name}: {outcome}")
    return 0


def read_run(
    store: Store, options: argparse.Namespace
) -> tuple[Dataset, Sequence[Prediction], Sequence[Fault]]:
    """Return the data set, the predictions that the options of this command name, and faults.

    Raises:
        UsageError: the run is known, the data set is not, or nothing can be read.
        FaultyInputError: it has faults; all of them are listed.
    """
    require_path(options.path, folder=options.format in RUN_FOLDERS)
    dataset = load_dataset(store, options.dataset, options.split)
    with store.read() as cursor:
        refuse_known_run(cursor, options.name)
    predictions, faults = run_reader(options.format)(
        options.path, dataset, skip_bad=options.skip_bad
    )
    return dataset, predictions, faults


def run_summary(options: argparse.Namespace, predictions: Sequence[Prediction]) -> str:
    """Return what a run holds, in a line."""
    return f"{options.name}: {_count(predictions, options.format)}"


def _tell_unused(options: argparse.Namespace, dataset: Dataset) -> None:
    """Print how many label PNGs fit no image: of another split, or wrongly named."""
    if options.format != "label-png":
        return
    unused = names_without_image(options.path, dataset)
    if unused:
        print(
            f"{len(unused):,} PNGs fit no image of {dataset.name} · {dataset.split} and were not "
            f"read, such as {', '.join(unused[:SHOWN_NAMES])}."
        )


def _run_of(options: argparse.Namespace) -> Run:
    return Run(
        name=options.name,
        system=options.system or options.name,
        dataset=options.dataset,
        split=options.split,
        settings={"imported_from": str(options.path), "format": options.format},
        versions={"overlook": __version__},
    )


def _contents(predictions: Sequence[Prediction], form: str) -> dict[str, bool]:
    """Return what the predictions are, without decoding label maps that are read lazily."""
    if form == "label-png":
        return {"has_boxes": False, "has_masks": False, "has_label_maps": True}
    if form == "coco-panoptic":
        return {"has_boxes": True, "has_masks": True, "has_label_maps": True}
    with_objects = [p.objects for p in predictions if p.objects is not None]
    return {
        "has_boxes": bool(with_objects),
        "has_masks": any(objects.masks is not None and len(objects) for objects in with_objects),
        "has_label_maps": False,
    }


def _count(predictions: Sequence[Prediction], form: str) -> str:
    if form == "label-png":
        return "label maps"
    if form == "coco-panoptic":
        return "panoptic segments"
    return counted(sum(len(p.objects) for p in predictions if p.objects is not None), "object")
