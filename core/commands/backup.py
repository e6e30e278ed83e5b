"""python -m core backup: a copy of the store while jobs write and pages read."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from core.errors import UsageError
from core.store.backup import Copied, back_up, forget_older
from core.store.connection import Store, store_path
from core.store.files import backup_path
from core.words import counted

DESCRIPTION = "copy the store as it is at one moment, while jobs write and pages read"
EXAMPLE = "python -m core backup --keep 7"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="the copy, which must not exist (default: backups/NAME.MOMENT.duckdb by the store)",
    )
    parser.add_argument(
        "--keep", type=int, metavar="N", help="then delete all but the newest N in backups"
    )


def run(options: argparse.Namespace) -> int:
    """Copy the store, say what it took, and delete what is not to be kept."""
    keep = options.keep
    if keep is not None and keep < 1:
        raise UsageError(f"--keep is {keep}; expected how many copies to keep, 1 or more.")
    if keep is not None and options.out is not None:
        raise UsageError(
            "--keep counts the copies that this command names itself; leave out --out."
        )
    store = Store.at(store_path(options.store))
    path = options.out or backup_path(store.path, datetime.now().astimezone())
    made = back_up(store, path)
    print(f"Copied {store.path} to {told(made)}")
    for gone in forget_older(store.path, keep, path) if keep else []:
        print(f"Deleted {gone}.")
    print(f"To put it back: python -m core restore {path}")
    return 0


def told(made: Copied) -> str:
    """Return where a copy is, how large it is, and how long it took."""
    return (
        f"{made.path}: {counted(made.rows, 'row')}, {made.size / 1e6:.1f} MB, "
        f"in {made.seconds:.2f} s; "
        "every table was counted again in the copy."
    )
