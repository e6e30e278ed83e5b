"""python -m core validate-submission: whether a submission answers every image, as it should."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.frame import require_path, telling_faults
from core.errors import FaultyInputError
from core.readers.submission import submission_faults
from core.store.connection import Store, store_path
from core.store.rows import load_dataset
from core.words import counted

DESCRIPTION = "check a submission: count, names, sizes and values of its masks, and its labels"
EXAMPLE = "python -m core validate-submission unet.zip --dataset streets --split test"
ADVICE = "Mend the submission; README tells its form."


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("path", metavar="FILE", type=Path, help="the zip file")
    parser.add_argument("--dataset", required=True, help="the data set whose images it answers")
    parser.add_argument("--split", default="test", help="the split (default: test)")
    parser.add_argument("--all-faults", action="store_true", help="list every fault found")


def run(options: argparse.Namespace) -> int:
    """Check the file and say what is wrong with it, or that nothing is."""
    require_path(options.path, folder=False)
    dataset = load_dataset(Store.at(store_path(options.store)), options.dataset, options.split)
    faults = [str(fault) for fault in submission_faults(options.path, dataset)]
    if faults:
        with telling_faults(every=options.all_faults):
            raise FaultyInputError(str(options.path), faults, ADVICE)
    print(
        f"{options.path}: sound. It answers {counted(len(dataset.images), 'image')} of "
        f"{dataset.name} · {dataset.split}."
    )
    return 0
