"""python -m core demo-data: make a data set to try things with."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tqdm import tqdm

from core.datasets import demo, single
from core.datasets.photos import SPLITS
from core.errors import UsageError

DESCRIPTION = "make a data set of shapes and handwritten digits on photographs; no download"
EXAMPLE = "python -m core demo-data demo --images train=2000,val=200,test=200"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("out", metavar="OUT", type=Path, help="a new folder for the data set")
    parser.add_argument(
        "--seed", type=int, default=0, help="another seed gives other images (default: 0)"
    )
    parser.add_argument(
        "--images",
        metavar="SPLIT=N,…",
        help=f"images of each split (default: {_written(demo.IMAGES)}; "
        f"with --single {_written(single.IMAGES)})",
    )
    parser.add_argument(
        "--single",
        action="store_true",
        help="one digit an image, 64 × 64 pixels, to classify and to locate",
    )


def run(options: argparse.Namespace) -> int:
    """Make the data set and say what to do with it."""
    started = time.perf_counter()
    maker, images = (
        (single.make_single, single.IMAGES) if options.single else (demo.make_demo, demo.IMAGES)
    )
    if options.images is not None:
        images = read_counts(options.images)
    with tqdm(total=sum(images.values()), unit=" images", disable=None) as bar:
        maker(options.out, images, options.seed, bar.update)
    split = next(reversed(images))
    print(
        f"{options.out}: images {_written(images)}, made in {time.perf_counter() - started:.1f} s. "
        f"To read a split: python -m core import {options.out.name} --format coco "
        f"--annotations {options.out / split}.json --images {options.out / split} --split {split}"
    )
    return 0


def read_counts(text: str) -> dict[str, int]:
    """Return the number of images of each split.

    Args:
        text: such as "train=2000,val=200".

    Raises:
        UsageError: it is not written so, or names a split that there is not, or one twice.
    """
    counts: dict[str, int] = {}
    for part in text.split(","):
        split, _, number = part.strip().partition("=")
        if split not in SPLITS or split in counts or not (number.isascii() and number.isdigit()):
            raise UsageError(
                f"--images is {text!r}; at {part.strip()!r} expected one of {', '.join(SPLITS)}, "
                "each at most once, with its number of images. Write it such as "
                f"{_written(demo.IMAGES)}."
            )
        counts[split] = int(number)
    return counts


def _written(images: dict[str, int]) -> str:
    return ",".join(f"{split}={count}" for split, count in images.items())
