"""python -m core compare: the difference of two runs, class by class."""

from __future__ import annotations

import argparse
import json

import duckdb
import numpy as np
import pandas as pd

from core.commands.choose import chosen_runs
from core.commands.subset import add_subset_options, choice_of, images_of
from core.commands.tables import table
from core.errors import UsageError
from core.metrics import METRICS
from core.scoring import RunScores, coverage, score_runs
from core.store.connection import Store, store_path

DESCRIPTION = "print how much better run B is than run A, in all and class by class"
HEADLINES = ("miou", "mask_ap", "box_ap", "top1")
EXAMPLE = "python -m core compare yolox-nano yolov8n --metric box_ap --fail-below -0.005"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("a", metavar="RUN_A", help="the run to compare with")
    parser.add_argument("b", metavar="RUN_B", help="the run to judge: differences are B - A")
    parser.add_argument(
        "--metric",
        choices=sorted(METRICS),
        help=f"default: the first that both runs have, of {', '.join(HEADLINES)}",
    )
    parser.add_argument(
        "--common", action="store_true", help="compare on the images that both have answered"
    )
    parser.add_argument(
        "--fail-below",
        type=float,
        metavar="LIMIT",
        help="exit status 1 if the difference is below this fraction, such as -0.005",
    )
    add_subset_options(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")


def run(options: argparse.Namespace) -> int:
    """Compare the two runs on the same images and print the differences."""
    store = Store.at(store_path(options.store))
    chosen = chosen_runs(store, [options.a, options.b]).iloc[0]
    with store.read() as cursor:
        images = _common_images(cursor, options)
        tagged = images_of(cursor, options, chosen)
        images = images if tagged is None else sorted(set(images) & set(tagged))
        a, b = score_runs(
            cursor,
            [options.a, options.b],
            images=images,
            choice=choice_of(cursor, options, chosen),
        )
    metric = options.metric or _common_metric(a, b)
    difference = _difference(a, b, metric)
    classes = _class_differences(a, b, metric)
    if options.json:
        print(json.dumps(_as_json(a, b, metric, difference, classes), indent=1))
    else:
        print(_text(a, b, metric, difference, classes))
    return 1 if options.fail_below is not None and difference < options.fail_below else 0


def _common_images(cursor: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> list[int]:
    shared = coverage(cursor, [options.a, options.b])
    if not shared.same_classes:
        raise UsageError(
            f"{options.a} and {options.b} speak of different data sets, so their classes cannot "
            "be compared. Choose two runs of one data set."
        )
    if not shared.common:
        raise UsageError(
            f"{options.a} and {options.b} have no image in common. Choose runs of one split."
        )
    if not shared.same_images and not options.common:
        counted = " and ".join(f"{run} {count}" for run, count in shared.images.items())
        raise UsageError(
            f"The runs have answered different images ({counted}). Add --common to compare them on "
            f"the {len(shared.common)} images that both have answered."
        )
    return list(shared.common)


def _common_metric(a: RunScores, b: RunScores) -> str:
    """Return the first headline metric that both runs have."""
    for metric in HEADLINES:
        if a.scores[metric] is not None and b.scores[metric] is not None:
            return metric
    raise UsageError(
        f"{a.run} and {b.run} have no headline score in common. Name one that both have with "
        "--metric: see python -m core scores."
    )


def _difference(a: RunScores, b: RunScores, metric: str) -> float:
    for one in (a, b):
        if one.scores[metric] is None:
            there = ", ".join(name for name, score in one.scores.items() if score is not None)
            raise UsageError(f"{one.run} has no {metric} here. It has: {there or 'no score'}.")
    return float(b.scores[metric] or 0.0) - float(a.scores[metric] or 0.0)


def _class_differences(a: RunScores, b: RunScores, metric: str) -> pd.DataFrame:
    """Return name, images and difference of each class that both have a score for."""
    if metric not in a.classes.columns or metric not in b.classes.columns:
        return pd.DataFrame({"name": [], "images": [], "difference": []})
    frame = a.classes[["name", "images"]].copy()
    frame["difference"] = b.classes[metric].to_numpy() - a.classes[metric].to_numpy()
    finite = np.isfinite(frame["difference"].to_numpy())
    compared: pd.DataFrame = frame.loc[finite].reset_index(drop=True)
    return compared


def _as_json(
    a: RunScores, b: RunScores, metric: str, difference: float, classes: pd.DataFrame
) -> dict[str, object]:
    """Return the contract's object; uncertainty is null until it is computed."""
    return {
        "a": a.run,
        "b": b.run,
        "metric": metric,
        "images": a.images,
        "difference": difference,
        "ci95": None,
        "p": None,
        "classes": [
            {
                "class": row["name"],
                "images": int(row["images"]),
                "difference": float(row["difference"]),
                "ci95": None,
                "p": None,
                "p_adjusted": None,
            }
            for _, row in classes.iterrows()
        ],
    }


def _text(a: RunScores, b: RunScores, metric: str, difference: float, classes: pd.DataFrame) -> str:
    title = METRICS[metric].title
    head = (
        f"{title}: {b.run} {_shown(metric, b.scores[metric])}, {a.run} "
        f"{_shown(metric, a.scores[metric])}; difference {_signed(metric, difference)} "
        f"on {a.images} images."
    )
    rules = f"Rules: {b.protocol}."
    ordered = classes.sort_values("difference", ascending=False)
    rows = [
        [str(row["name"]), str(row["images"]), _signed(metric, row["difference"])]
        for _, row in ordered.iterrows()
    ]
    shown = ["", table(["class", "images", "difference"], rows), ""] if rows else []
    return "\n".join([head, *shown, rules])


def _shown(metric: str, score: float | None) -> str:
    if METRICS[metric].unit == "seconds":
        return f"{1000 * (score or 0.0):.1f} ms"
    return f"{100 * (score or 0.0):.1f} %"


def _signed(metric: str, difference: float) -> str:
    if METRICS[metric].unit == "seconds":
        return f"{1000 * difference:+.1f} ms"
    return f"{100 * difference:+.2f} points"
