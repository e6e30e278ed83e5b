"""python -m core datasets: the data sets in the store."""

from __future__ import annotations

import argparse
import json

from core.commands.tables import table
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
    if options.json:
        print(json.dumps(json.loads(splits.to_json(orient="records", date_format="iso")), indent=1))
        return 0
    if splits.empty:
        print("No data sets yet. Import one: python -m core import --help")
        return 0
    rows = [
        [
            f"{row.dataset} · {row.split}",
            str(row.images),
            str(row.classes),
            " + ".join(_annotated(row.has_objects, row.has_masks, row.has_label_maps)),
            str(row.runs),
            str(row.format),
        ]
        for _, row in splits.iterrows()
    ]
    print(table(["data set", "images", "classes", "annotated with", "runs", "format"], rows))
    return 0


def _annotated(objects: object, masks: object, maps: object) -> list[str]:
    named = {"boxes": objects, "masks": masks, "label maps": maps}
    return [name for name, there in named.items() if there] or ["nothing"]
