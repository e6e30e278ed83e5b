"""python -m training preview: draw what a training would see of some images, without training."""

from __future__ import annotations

import argparse

from core.commands.frame import DONE, add_common_options
from core.errors import UsageError
from core.jobs import DONE as DRAWN
from core.jobs import FAILED, AtWorkError, JobRecord, only_one
from core.previews import SYSTEMS, grid_path, preview_job, previews_folder
from core.store.connection import Store, store_path
from core.store.rows import load_dataset
from core.words import counted
from training.precedent import find_precedent
from training.preview_grid import DRAWS, IMAGES, keep_preview
from training.settings import require_range, settings_from_text
from training.systems import trainable_types

DESCRIPTION = "draw what a training would see of some images: originals, augmented draws, labels"
EXAMPLE = "python -m training preview unet-torch --dataset demo --images 4 --set zoom=1.5"
MOST_IMAGES, MOST_DRAWS = 32, 16
STEP = "drawing"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("system", choices=SYSTEMS, help="whose training")
    parser.add_argument("--dataset", required=True, help="name of the data set in the store")
    parser.add_argument("--split", default="train", help="split to learn from (default: train)")
    parser.add_argument(
        "--images",
        type=int,
        default=IMAGES,
        metavar="N",
        help="images, chosen by the seed (default: 4)",
    )
    parser.add_argument(
        "--draws", type=int, default=DRAWS, metavar="K", help="draws of each image (default: 4)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="default: 0")
    parser.add_argument(
        "--like",
        metavar="CHECKPOINT",
        help="take settings from how this one was trained, where you give none, as fit does",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="assignments",
        help="a setting of the training, as for fit; may be repeated",
    )
    add_common_options(parser)


def run(options: argparse.Namespace) -> int:
    """Draw it, and say where it is; no framework is imported."""
    require_range("images", options.images, 1, MOST_IMAGES)
    require_range("draws", options.draws, 1, MOST_DRAWS)
    require_range("seed", options.seed, 0, 2**32 - 1)
    store = Store.at(store_path(options.store))
    folder = preview_job(store.path)
    try:
        with only_one(folder):
            record = JobRecord(folder, {STEP: options.images})
            try:
                _draw(options, store, record)
            except BaseException as error:
                record.end(FAILED, str(error) or type(error).__name__)
                raise
            record.end(DRAWN)
    except AtWorkError as error:
        raise UsageError(
            f"Process {error.pid or 'of unknown number'} is drawing a preview already. Try again "
            "when it is done."
        ) from error
    return DONE


def _draw(options: argparse.Namespace, store: Store, record: JobRecord) -> None:
    kind = trainable_types()[options.system]
    dataset = load_dataset(store, options.dataset, options.split)
    if not dataset.images:
        raise UsageError(
            f"{dataset.name} · {dataset.split} has no images, so nothing can be drawn."
        )
    precedent = find_precedent(options.like, options.system, dataset)
    before = {} if precedent is None else dict(precedent.settings)
    settings = settings_from_text(kind.fit_settings_type, options.assignments, before)
    preview = keep_preview(
        store,
        options.system,
        dataset,
        settings,
        images=options.images,
        draws=options.draws,
        seed=options.seed,
        trained=False,
        count=lambda done: record.reach(STEP, done),
    )
    folder = previews_folder(store.path)
    print(f"{counted(len(preview.images), 'image')}, {counted(preview.draws, 'draw')} of each:")
    print(f"  photographs  {grid_path(folder, preview, 'photos')}")
    print(f"  class index  {grid_path(folder, preview, 'labels')}")
    print("The page Explore data shows them in colour.")
