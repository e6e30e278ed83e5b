"""The options that choose a part of the images, classes and sizes, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import duckdb
import pandas as pd

from core.errors import UsageError
from core.metrics import PIXEL_PROTOCOLS
from core.notes import Notes
from core.scoring import SIZES, Choice
from core.scoring.image_filter import ImageFilter, filtered_images, image_tags
from core.scoring.properties import PROPERTIES
from core.store.connection import store_path
from core.store.queries import catalogue


def add_image_options(parser: argparse.ArgumentParser) -> None:
    """Add `--tag`, `--where` and `--ids`, which choose images."""
    parser.add_argument(
        "--tag",
        dest="tags",
        metavar="TAG",
        action="append",
        help="images with this tag only, of the data set or an own one; more than once: with any "
        "of them",
    )
    parser.add_argument(
        "--where",
        metavar="NAME=LOW:HIGH",
        action="append",
        help=f"images in this range only, both ends included; NAME is {', '.join(PROPERTIES)}; an "
        "end may be left out; more than once: in all of the ranges",
    )
    parser.add_argument(
        "--ids",
        metavar="ID",
        action="append",
        help="the image with this id in the data set's files, or ids separated by commas; may be "
        "given more than once",
    )


def add_subset_options(parser: argparse.ArgumentParser) -> None:
    """Add `--protocol`, `--class`, `--size`, `--no-background` and what chooses images."""
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
        "--no-background", action="store_true", help="leave the background out of semantic means"
    )
    add_image_options(parser)


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


def wanted_images(options: argparse.Namespace, place: pd.Series) -> ImageFilter:
    """Return which images the options ask for.

    Args:
        options: of `add_image_options`.
        place: with the name of its dataset.

    Raises:
        UsageError: a range or an id cannot be read.
    """
    return ImageFilter(
        ranges=tuple(map(_range, options.where or ())),
        tags=tuple(options.tags or ()),
        own_tags=Notes.beside(store_path(options.store)).tags(str(place["dataset"])),
        ids=_ids(options),
    )


def images_of(
    cursor: duckdb.DuckDBPyConnection, options: argparse.Namespace, place: pd.Series
) -> list[int] | None:
    """Return the image_id of the images asked for, or None for all.

    Args:
        cursor: of `Store.read()`.
        options: of `add_image_options`.
        place: dataset, dataset_id and split; such as a row of `catalogue.runs`.

    Raises:
        UsageError: a range or an id cannot be read, or no image of the split passes.
    """
    dataset, split = int(place["dataset_id"]), str(place["split"])
    wanted = wanted_images(options, place)
    images = filtered_images(cursor, dataset, split, wanted)
    if images is None:
        return None
    if not images:
        tags = image_tags(cursor, dataset, split, wanted.own_tags)
        raise UsageError(
            f"No image of {place['dataset']} · {split} passes: {wanted.words()}. "
            f"Tags there: {', '.join(_told_tags(tags)) or 'none'}."
        )
    return list(images)


def _range(text: str) -> tuple[str, float, float]:
    """Return name, lowest and highest value of "brightness=0:70.5"; an end may be left out.

    Raises:
        UsageError: the text is no range, or of no known property.
    """
    name, _, ends = text.partition("=")
    low, colon, high = ends.partition(":")
    try:
        if name not in PROPERTIES or not colon:
            raise ValueError
        chosen = name, float(low or "-inf"), float(high or "inf")
        if not chosen[1] <= chosen[2]:  # nor is anything between NaN and a number
            raise ValueError
    except ValueError:
        raise UsageError(
            f"--where is {text!r}; expected NAME=LOW:HIGH with LOW no higher than HIGH, such as "
            f"brightness=0:70.5 or object_count=8: . Names: {', '.join(PROPERTIES)}."
        ) from None
    return chosen


def _ids(options: argparse.Namespace) -> tuple[int, ...] | None:
    if not options.ids:
        return None
    try:
        return tuple(int(one) for text in options.ids for one in text.split(",") if one.strip())
    except ValueError:
        raise UsageError(
            f"--ids is {' '.join(options.ids)!r}; expected whole numbers as the data set's files "
            "have them, separated by commas."
        ) from None


def _told_tags(tags: pd.DataFrame) -> list[str]:
    """Return the tags of a split, own ones marked."""
    return [
        f"{tag} (own)" if own else str(tag)
        for tag, own in zip(tags["tag"], tags["own"], strict=True)
    ]


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
