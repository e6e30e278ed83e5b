"""python -m core check: whether the store is sound."""

from __future__ import annotations

import argparse

from core.store.check import check
from core.store.connection import Store, store_path
from core.words import counted

DESCRIPTION = "verify the store: versions, orphan rows, counts against images"
EXAMPLE = "python -m core check"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command; it has none of its own."""
    del parser


def run(options: argparse.Namespace) -> int:
    """Print every fault found; exit status 1 if there is one."""
    faults = check(Store.at(store_path(options.store)))
    for fault in faults:
        print(fault)
    print(f"{counted(len(faults), 'fault')} found." if faults else "The store is sound.")
    return 1 if faults else 0
