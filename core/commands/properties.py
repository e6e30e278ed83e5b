"""python -m core properties: how bright and rich in contrast the photographs are."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from shlex import quote

from tqdm import tqdm

from core.datasets.properties import measure_split
from core.errors import UsageError
from core.store.connection import Store, store_path
from core.store.queries import catalogue
from core.words import counted

DESCRIPTION = "measure the photographs of a data set that nobody measured yet; idempotent"
EXAMPLE = "python -m core properties coco-val --split val"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("dataset", metavar="DATASET", help="name of the data set")
    parser.add_argument("--split", help="only this one (default: all of them)")


def run(options: argparse.Namespace) -> int:
    """Measure each split in turn."""
    store = Store.at(store_path(options.store))
    with store.read() as cursor:
        splits = catalogue.datasets(cursor)
    chosen = splits[splits["dataset"] == options.dataset]
    if options.split is not None:
        chosen = chosen[chosen["split"] == options.split]
    if chosen.empty:
        there = ", ".join(splits["dataset"] + " · " + splits["split"]) or "none yet"
        asked = " · ".join(filter(None, (options.dataset, options.split)))
        raise UsageError(
            f"There is no data set {asked} in the store {store.path}. Data sets there: {there}."
        )
    for split in chosen.itertuples(index=False):
        print(measured(store, int(split.dataset_id), split.dataset, split.split, split.images))
    return 0


def measured(
    store: Store,
    dataset_id: int,
    dataset: str,
    split: str,
    images: int,
    advanced: Callable[[int], object] = lambda _images: None,
) -> str:
    """Measure the photographs of a split and return what came of it, in a sentence.

    Args:
        store: that holds the split.
        dataset_id: of the data set.
        dataset: its name.
        split: its name.
        images: how many the split has.
        advanced: is told how many more images were looked at.
    """
    with tqdm(desc=f"{dataset} {split}", unit="image", disable=None, leave=False) as bar:

        def both(more: int) -> None:
            bar.update(more)
            advanced(more)

        done, unreadable = measure_split(store, dataset_id, split, both)
    measured = counted(done, "more photograph")
    told = f"{dataset} · {split}: brightness and contrast of {measured} measured, "
    told += f"{images - unreadable} of {images} are known."
    if unreadable:
        told += (
            f" {unreadable} could not be read and stay without: filters by brightness leave them "
            f"out. When they are there, run: python -m core properties "
            f"{quote(dataset)} --split {quote(split)}"
        )
    return told
