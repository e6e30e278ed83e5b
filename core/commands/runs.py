"""python -m core runs: the runs in the store."""

from __future__ import annotations

import argparse
import json

import pandas as pd

from core.commands.tables import table
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
    if options.json:
        print(json.dumps(json.loads(runs.to_json(orient="records", date_format="iso")), indent=1))
        return 0
    if runs.empty:
        print("No runs yet. Import one: python -m core import-run --help")
        return 0
    rows = [
        [
            str(row.run),
            str(row.system),
            f"{row.dataset} · {row.split}",
            f"{row.images}/{row.expected_images}",
            str(row.rejected),
            str(row.status),
            "no" if pd.isna(row.evaluated) else "yes",
        ]
        for _, row in runs.iterrows()
    ]
    print(table(["run", "system", "data set", "images", "left out", "status", "evaluated"], rows))
    return 0
