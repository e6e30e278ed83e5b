"""python -m core compare: the difference of two runs, class by class, and how sure it is."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Hashable
from typing import Any

import duckdb
import pandas as pd

from core.commands.choose import chosen_runs
from core.commands.resampling import add_resampling_options, check_resampling, resampled
from core.commands.subset import add_subset_options, choice_of, images_of
from core.commands.tables import table
from core.errors import UsageError
from core.metrics import METRICS
from core.metrics.significance import CORRECTIONS, LEVEL
from core.scoring import FEW_IMAGES, Trial, begin_trial, coverage, differences, method, score_runs
from core.store.connection import Store, store_path
from core.words import counted

DESCRIPTION = "print how much better run B is than run A, in all and class by class, and how sure"
HEADLINES = ("miou", "mask_ap", "box_ap", "top1")
EXAMPLE = "python -m core compare yolox-nano yolov8n --metric box_ap --fail-below -0.005"

Row = dict[Hashable, Any]


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
        "--same-images",
        action="store_true",
        help="refuse runs that answered different images; else those that both answered count",
    )
    parser.add_argument(
        "--correction",
        default="holm",
        choices=sorted(CORRECTIONS),
        help="of the p values of the classes: holm (default) keeps any wrong finding rare, bh "
        "(Benjamini-Hochberg) the share of wrong ones among those found",
    )
    add_resampling_options(parser)
    parser.add_argument(
        "--fail-below",
        type=float,
        metavar="LIMIT",
        help="exit status 1 if the difference is below this fraction, such as -0.005",
    )
    parser.add_argument(
        "--fail-if-significant",
        action="store_true",
        help=f"exit status 1 if run B is worse and p is below {LEVEL}",
    )
    add_subset_options(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")


def run(options: argparse.Namespace) -> int:
    """Compare the two runs on the same images and print the differences."""
    check_resampling(options)
    store = Store.at(store_path(options.store))
    with store.read() as cursor:
        trial = _begun(cursor, store, options)
    trial = resampled(trial, options)
    rows = differences(trial, options.correction)
    whole, *classes = rows.to_dict("records")
    if options.json:
        print(json.dumps(_as_json(trial, whole, classes, options), indent=1))
    else:
        print(_text(trial, whole, rows.iloc[1:], options.correction))
    below = options.fail_below is not None and whole["difference"] < options.fail_below
    return 1 if below or (options.fail_if_significant and worse(trial.metric, whole)) else 0


def _begun(cursor: duckdb.DuckDBPyConnection, store: Store, options: argparse.Namespace) -> Trial:
    runs = [options.a, options.b]
    chosen = chosen_runs(store, runs).iloc[0]
    images, choice = images_of(cursor, options, chosen), choice_of(cursor, options, chosen)
    shared = coverage(cursor, runs)
    if options.same_images and not shared.same_images:
        counted = " and ".join(f"{run} {count}" for run, count in shared.images.items())
        raise UsageError(
            f"The runs have answered different images ({counted}). Finish them, or leave out "
            f"--same-images to compare the {len(shared.common)} that both have answered."
        )
    metric = options.metric or _common_metric(cursor, runs, shared.common)
    return begin_trial(cursor, runs, metric, images=images, choice=choice, seed=options.seed)


def _common_metric(
    cursor: duckdb.DuckDBPyConnection, runs: list[str], images: tuple[int, ...]
) -> str:
    """Return the first headline metric that both runs have."""
    scores = score_runs(cursor, runs, images=images)
    for metric in HEADLINES:
        if all(one.scores[metric] is not None for one in scores):
            return metric
    raise UsageError(
        f"{' and '.join(runs)} have no headline score in common. Name one that both have with "
        "--metric: see python -m core scores."
    )


def worse(metric: str, whole: Row) -> bool:
    """Return whether the second run is worse, and more so than chance makes likely.

    Args:
        metric: one of `METRICS`.
        whole: the first row of `differences`.
    """
    gain = whole["difference"] if METRICS[metric].higher_is_better else -whole["difference"]
    return bool(gain < 0 and whole["p"] < LEVEL)


def _as_json(
    trial: Trial, whole: Row, classes: list[Row], options: argparse.Namespace
) -> dict[str, object]:
    return {
        "a": options.a,
        "b": options.b,
        "metric": trial.metric,
        "images": trial.images,
        "answered": trial.answered,
        **_figures(whole),
        "resamples": trial.study.resamples,
        "seed": trial.study.seed,
        "exact": trial.study.exact,
        "correction": options.correction,
        "classes": [
            {
                "class": row["name"],
                "images": int(row["images"]),
                **_figures(row),
                "p_adjusted": _or_none(row["p_adjusted"]),
                "reliable": row["reliable"],
            }
            for row in classes
        ],
    }


def _figures(row: Row) -> dict[str, object]:
    ends = [_or_none(row["low"]), _or_none(row["high"])]
    return {
        "difference": row["difference"],
        "ci95": None if None in ends else ends,
        "p": _or_none(row["p"]),
    }


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else float(number)


def _text(trial: Trial, whole: Row, classes: pd.DataFrame, correction: str) -> str:
    metric = trial.metric
    a, b = trial.scores
    images = counted(trial.images, "image")
    lines = [
        f"{METRICS[metric].title}: {b.run} {_shown(metric, b.scores[metric])}, {a.run} "
        f"{_shown(metric, a.scores[metric])}; difference {_signed(metric, whole['difference'])}, "
        f"95 % interval {_interval(metric, whole)}, p {_p(whole['p'])} on {images}."
    ]
    if len({trial.images, *trial.answered.values()}) > 1:
        answered = ", ".join(f"{run} {count:,}" for run, count in trial.answered.items())
        lines.append(
            f"Compared on the {images} that both answered and that were "
            f"asked for; answered: {answered}."
        )
    if len(classes):
        lines += ["", _class_table(metric, classes, correction), ""]
    return "\n".join([*lines, f"Rules: {b.protocol}.", f"{method(trial)}."])


def _class_table(metric: str, classes: pd.DataFrame, correction: str) -> str:
    ordered = classes.sort_values("difference", ascending=False).to_dict("records")
    header = ["class", "images", "difference", "95 % interval", "p", f"p ({correction})", ""]
    rows = [
        [
            row["name"],
            str(row["images"]),
            _signed(metric, row["difference"]),
            _interval(metric, row),
            _p(row["p"]),
            _p(row["p_adjusted"]),
            "" if row["reliable"] else f"under {FEW_IMAGES} images",
        ]
        for row in ordered
    ]
    return table(header, rows)


def _interval(metric: str, row: Row) -> str:
    if math.isnan(row["low"]):
        return "–"
    return f"{_change(metric, row['low'])} to {_change(metric, row['high'])}"


def _p(p: float) -> str:
    return "–" if math.isnan(p) else f"{p:.4f}"


def _shown(metric: str, score: float | None) -> str:
    if METRICS[metric].unit == "seconds":
        return f"{1000 * (score or 0.0):.1f} ms"
    return f"{100 * (score or 0.0):.1f} %"


def _signed(metric: str, difference: float) -> str:
    unit = "ms" if METRICS[metric].unit == "seconds" else "points"
    return f"{_change(metric, difference)} {unit}"


def _change(metric: str, difference: float) -> str:
    seconds = METRICS[metric].unit == "seconds"
    return f"{1000 * difference:+.1f}" if seconds else f"{100 * difference:+.2f}"
