"""python -m core remove: a run out of the store."""

from __future__ import annotations

import argparse
import sys

from core.errors import UsageError
from core.store.connection import Store, store_path
from core.store.queries import catalogue
from core.store.rows import remove_run

DESCRIPTION = "remove a run and all that was stored of it (asks first)"
EXAMPLE = "python -m core remove yolov8n --yes"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("name", metavar="RUN")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Remove the run after asking."""
    store = Store.at(store_path(options.store))
    with store.read() as cursor:
        known = catalogue.runs(cursor)
    chosen = known[known["run"] == options.name]
    if chosen.empty:
        names = ", ".join(sorted(known["run"])) or "none"
        raise UsageError(f"There is no run named {options.name!r} in the store. Runs: {names}.")
    images = int(chosen["images"].iloc[0])
    if not options.yes and not _agreed(f"Remove {options.name} with its {images} images? [y/N] "):
        print("Kept.")
        return 0
    with store.write() as cursor:
        remove_run(cursor, int(chosen["run_id"].iloc[0]))
    print(f"Removed {options.name}.")
    return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to answer; add --yes to remove without asking.")
    return input(question).strip().lower() in {"y", "yes"}
