"""python -m core evaluate: counts, matches and scores of runs that lack them."""

from __future__ import annotations

import argparse
import time

from tqdm import tqdm

from core.commands.choose import chosen_runs
from core.evaluate import PaintChoice, evaluate_run
from core.store.connection import Store, store_path

DESCRIPTION = "count and match the predictions of runs that lack it; idempotent"
EXAMPLE = "python -m core evaluate yolov8n-seg --threshold-from val"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("runs", metavar="RUN", nargs="*", help="default: all that lack it")
    parser.add_argument(
        "--again", action="store_true", help="also those that were evaluated before"
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--threshold",
        type=float,
        help="least score of an object painted into the semantic map (default: 0.5)",
    )
    choice.add_argument(
        "--threshold-from",
        metavar="SPLIT",
        help="choose it on that split: where the same system and weights have their best mIoU",
    )


def run(options: argparse.Namespace) -> int:
    """Evaluate each run in turn."""
    store = Store.at(store_path(options.store))
    runs = chosen_runs(store, options.runs)
    paint = PaintChoice(threshold=options.threshold, split=options.threshold_from)
    if not (options.again or paint.is_given):
        runs = runs[runs["evaluated"].isna()]
    if runs.empty:
        print("Nothing to do: all runs are evaluated (--again does it anew).")
    for name in runs["run"]:
        started = time.perf_counter()
        with tqdm(desc=name, unit="image", disable=None, leave=False) as bar:
            outcome = evaluate_run(store, name, paint=paint, progress=bar)
        print(f"{name}: {outcome} ({time.perf_counter() - started:.1f} s)")
    return 0
