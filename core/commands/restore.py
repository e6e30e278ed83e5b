"""python -m core restore: a copy of the store back in its place."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.backup import told
from core.store.backup import restore
from core.store.connection import Store, store_path

DESCRIPTION = "put a copy in the place of the store; what was there is kept beside it"
EXAMPLE = "python -m core restore results/backups/evaluation.20260131-090000.duckdb"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("copy", metavar="FILE", type=Path, help="a copy that `core backup` made")


def run(options: argparse.Namespace) -> int:
    """Put the copy in place and say where the other file is."""
    put, replaced = restore(Store.at(store_path(options.store)), options.copy)
    print(f"Put {options.copy} back as {told(put)}")
    if replaced:
        print(f"What was there is now {replaced}; delete it when you no longer need it.")
    return 0
