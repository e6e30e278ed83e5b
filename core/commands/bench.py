"""python -m core bench: how fast, against the peers that are installed."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from core.errors import UsageError

DESCRIPTION = "the benchmark table: seconds of CPU, ours and the peers', and whether both agree"
EXAMPLE = "python -m core bench detection --images 500"
CHECKOUT = Path(__file__).resolve().parents[2]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help="browser, detection, growth, job, maps, overlay, pages, resampling, scale, store "
        "(default: all)",
    )
    parser.add_argument(
        "--images", type=int, metavar="N", help="scale of the made-up data (default: 5000)"
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def run(options: argparse.Namespace) -> int:
    """Run the benchmarks, which stand beside the tests, in a process of their own."""
    if not (CHECKOUT / "tests" / "benchmarks").is_dir():
        raise UsageError(
            f"There are no benchmarks in {CHECKOUT / 'tests'}. They are part of the repository: "
            "run this in a clone of it."
        )
    scale = [] if options.images is None else ["--images", str(options.images)]
    form = ["--json"] if options.json else []
    command = [sys.executable, "-m", "tests.benchmarks", *options.parts, *scale, *form]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode
