"""python -m core datasets: the data sets in the store."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from core.commands.tables import listing
from core.store.connection import Store, store_path
from core.store.queries import catalogue

DESCRIPTION = "list the data sets in the store"
EXAMPLE = "python -m core datasets --json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")


def run(options: argparse.Namespace) -> int:
    """Print a line for each split."""
    with Store.at(store_path(options.store)).read() as cursor:
        splits = catalogue.datasets(cursor)
    empty = "No data sets yet. Import one: python -m core import --help"
    print(listing(splits, CELLS, empty=empty, as_json=options.json))
    return 0


def _annotated(split: Any) -> str:  # noqa: ANN401 - a row of `catalogue.datasets`
    parts = {
        "boxes": split.has_objects and split.located,
        "classes": not split.located,
        "masks": split.has_masks,
        "label maps": split.has_label_maps,
    }
    return " + ".join(name for name, there in parts.items() if there) or "nothing"


CELLS: dict[str, Callable[[Any], str]] = {
    "data set": lambda row: f"{row.dataset} · {row.split}",
    "images": lambda row: str(row.images),
    "classes": lambda row: str(row.classes),
    "annotated with": _annotated,
    "runs": lambda row: str(row.runs),
    "format": lambda row: row.format,
}
