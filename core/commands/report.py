"""python -m core report: a comparison as one file that needs nothing else."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.choose import chosen_runs
from core.commands.resampling import add_resampling_options, check_resampling, resampled
from core.commands.subset import add_subset_options, choice_of, images_of, wanted_images
from core.errors import UsageError
from core.metrics import METRICS
from core.report import gather, html_report
from core.report.pdf import print_pdf
from core.store.connection import Store, store_path
from core.targets import new_file
from core.words import counted

DESCRIPTION = "write a comparison of runs as one HTML file that works anywhere, or as a PDF"
EXAMPLE = "python -m core report yolox-nano yolov8n --class person --out comparison.html"
ENDINGS = (".html", ".htm", ".pdf")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("runs", metavar="RUN", nargs="+", help="runs on one split")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="FILE.html, or FILE.pdf where Chromium or Chrome is installed",
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")
    parser.add_argument(
        "--cases",
        type=int,
        default=12,
        metavar="N",
        help="how many images are shown with what was annotated and predicted (default: 12)",
    )
    parser.add_argument(
        "--metric",
        choices=sorted(METRICS),
        help="of classes and images (default: the first headline score that all runs have)",
    )
    add_subset_options(parser)
    add_resampling_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write the report and say where."""
    check_resampling(options)
    if options.out.suffix.lower() not in ENDINGS:
        raise UsageError(f"--out is {options.out}; expected a file that ends in .html or .pdf.")
    store = Store.at(store_path(options.store))
    first = chosen_runs(store, options.runs).iloc[0]
    with store.read() as cursor:
        comparison = gather(
            cursor,
            options.runs,
            metric=options.metric,
            images=images_of(cursor, options, first),
            choice=choice_of(cursor, options, first),
            asked=wanted_images(options, first).words(),
            cases=options.cases,
            seed=options.seed,
        )
    with new_file(options.out, force=options.force) as unfinished:
        page = html_report(comparison.grown(lambda trial: resampled(trial, options)))
        if options.out.suffix.lower() == ".pdf":
            print_pdf(page, unfinished)
        else:
            unfinished.write_text(page, encoding="utf-8")
        size = unfinished.stat().st_size
    print(
        f"{options.out}: {counted(len(options.runs), 'run')} on "
        f"{counted(comparison.images, 'image')}, "
        f"{len(comparison.cases)} of them shown, {size / 1e6:.1f} MB."
    )
    return 0
