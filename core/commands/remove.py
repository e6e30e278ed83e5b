"""python -m core remove: a run, or one split of a data set, out of the store."""

from __future__ import annotations

import argparse
import sys

from core.commands.choose import chosen_runs
from core.errors import UsageError
from core.store.connection import Store, store_path
from core.store.rows import remove_dataset_split, remove_run, split_key
from core.words import counted

DESCRIPTION = "remove a run, or a split of a data set, from the store (asks first)"
EXAMPLE = "python -m core remove yolov8n --yes"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("name", metavar="RUN", nargs="?", help="the run to remove")
    parser.add_argument("--dataset", help="remove a split of this data set; its runs must be gone")
    parser.add_argument("--split", default="val", help="with --dataset (default: val)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Remove the run or split after asking."""
    if (options.name is None) == (options.dataset is None):
        raise UsageError("Name either a run to remove, or a data set with --dataset and --split.")
    store = Store.at(store_path(options.store))
    if options.dataset is not None:
        return _remove_split(store, options)
    chosen = chosen_runs(store, [options.name]).iloc[0]
    if not _agreed(
        f"Remove {options.name} with its {counted(int(chosen['images']), 'image')}?", options
    ):
        return 0
    with store.write() as cursor:
        remove_run(cursor, int(chosen["run_id"]))
    print(f"Removed {options.name}.")
    return 0


def _remove_split(store: Store, options: argparse.Namespace) -> int:
    with store.read() as cursor:
        split_key(cursor, options.dataset, options.split)
    named = f"{options.dataset} · {options.split}"
    if not _agreed(f"Remove the annotations of {named}? The photographs stay.", options):
        return 0
    with store.write() as cursor:
        remove_dataset_split(cursor, options.dataset, options.split)
    print(f"Removed {named}.")
    return 0


def _agreed(question: str, options: argparse.Namespace) -> bool:
    if options.yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to answer; add --yes to remove without asking.")
    agreed = input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    if not agreed:
        print("Kept.")
    return agreed
