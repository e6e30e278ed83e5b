"""The options that choose a part of the images, classes and sizes, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import duckdb
import pandas as pd

from core.errors import UsageError
from core.metrics import PIXEL_PROTOCOLS
from core.scoring import SIZES, Choice
from core.store.queries import catalogue


def add_subset_options(parser: argparse.ArgumentParser) -> None:
    """Add `--protocol`, `--class`, `--size`, `--tag` and `--no-background`."""
    parser.add_argument(
        "--protocol",
        default="mmseg",
        choices=sorted(PIXEL_PROTOCOLS),
        help="rule of the semantic mIoU (default: mmseg)",
    )
    parser.add_argument(
        "--class",
        dest="classes",
        metavar="NAME",
        action="append",
        help="average over this class only; may be given more than once",
    )
    parser.add_argument(
        "--size", default="all", choices=SIZES, help="objects of this size only, by COCO's limits"
    )
    parser.add_argument(
        "--tag",
        dest="tags",
        metavar="TAG",
        action="append",
        help="images with this tag only; more than once: with any of them",
    )
    parser.add_argument(
        "--no-background", action="store_true", help="leave the background out of semantic means"
    )


def choice_of(
    cursor: duckdb.DuckDBPyConnection, options: argparse.Namespace, run: pd.Series
) -> Choice:
    """Return the choice that the options make for a run's data set."""
    return Choice(
        protocol=options.protocol,
        classes=_class_indices(cursor, str(run["dataset"]), options.classes),
        size=options.size,
        with_background=not options.no_background,
    )


def images_of(
    cursor: duckdb.DuckDBPyConnection, options: argparse.Namespace, run: pd.Series
) -> list[int] | None:
    """Return the image_id of the images with the tags asked for, or None for all.

    Raises:
        UsageError: no image of the split has one of the tags.
    """
    if not options.tags:
        return None
    dataset, split = int(run["dataset_id"]), str(run["split"])
    images: list[int] = catalogue.tagged_images(cursor, dataset, split, options.tags)[
        "image_id"
    ].tolist()
    if not images:
        known = ", ".join(catalogue.tags(cursor, dataset, split)["tag"]) or "none"
        raise UsageError(
            f"No image of {run['dataset']} · {split} is tagged {' or '.join(options.tags)}. "
            f"Tags there: {known}."
        )
    return images


def _class_indices(
    cursor: duckdb.DuckDBPyConnection, dataset: str, names: Sequence[str] | None
) -> tuple[int, ...] | None:
    if not names:
        return None
    known = catalogue.categories(cursor, dataset).set_index("name")["class"]
    unknown = [name for name in names if name not in known.index]
    if unknown:
        raise UsageError(
            f"{dataset} has no class {unknown[0]!r}. Its classes: {', '.join(known.index)}. "
            "Name the runs to speak of, or give --dataset, if the store has several data sets."
        )
    return tuple(sorted(int(known[name]) for name in names))
