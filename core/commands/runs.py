"""python -m core runs: the runs in the store."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pandas as pd

from core.commands.tables import listing
from core.store.connection import Store, store_path
from core.store.queries import catalogue

DESCRIPTION = "list the runs in the store"
EXAMPLE = "python -m core runs --json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")


def run(options: argparse.Namespace) -> int:
    """Print a line for each run."""
    with Store.at(store_path(options.store)).read() as cursor:
        runs = catalogue.runs(cursor)
    empty = "No runs yet. Import one: python -m core import-run --help"
    print(listing(runs, CELLS, empty=empty, as_json=options.json))
    return 0


CELLS: dict[str, Callable[[Any], str]] = {
    "run": lambda row: row.run,
    "system": lambda row: row.system,
    "data set": lambda row: f"{row.dataset} · {row.split}",
    "images": lambda row: f"{row.images}/{row.expected_images}",
    "left out": lambda row: str(row.rejected),
    "status": lambda row: row.status,
    "evaluated": lambda row: "no" if pd.isna(row.evaluated) else "yes",
}
