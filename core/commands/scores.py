"""python -m core scores: scores of runs, whole or of a subset."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence

import duckdb
import pandas as pd

from core.commands.choose import chosen_runs
from core.commands.resampling import add_resampling_options, check_resampling, resampled
from core.commands.subset import add_subset_options, choice_of, images_of
from core.commands.tables import percent, table
from core.errors import UsageError
from core.metrics import METRICS
from core.metrics.pixel_errors import KINDS
from core.scoring import Choice, RunScores, begin_trials, score_runs
from core.scoring.error_shares import ERROR_FIGURES
from core.store.connection import Store, store_path

DESCRIPTION = "print the scores of runs, whole or of a subset"
EXAMPLE = "python -m core scores yolov8n-seg --class person --size small --json"
Intervals = dict[str, tuple[float, float]]
HEADLINES = {
    "miou": "mIoU",
    "dice": "Dice",
    "pixel_accuracy": "pixel acc.",
    "box_ap": "box AP",
    "box_ap50": "box AP50",
    "mask_ap": "mask AP",
    "mask_ap50": "mask AP50",
    "top1": "top-1",
    "localization_iou": "box IoU",
    "joint_accuracy": "class + place",
    "image_label_f1": "label F1",
    "image_label_ap": "label AP",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("runs", metavar="RUN", nargs="*", help="default: all evaluated runs")
    parser.add_argument("--dataset", help="runs on this data set only")
    parser.add_argument("--split", help="runs on this split only")
    add_subset_options(parser)
    parser.add_argument(
        "--ci",
        action="store_true",
        help="with 95 %% intervals of the headline scores, by resampling the images",
    )
    add_resampling_options(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")


def run(options: argparse.Namespace) -> int:
    """Score the runs and print them."""
    check_resampling(options)
    store = Store.at(store_path(options.store))
    runs = chosen_runs(store, options.runs)
    if not options.runs:
        runs = runs[runs["evaluated"].notna()]
    if options.dataset:
        runs = runs[runs["dataset"] == options.dataset]
    if options.split:
        runs = runs[runs["split"] == options.split]
    if runs.empty:
        raise UsageError("No evaluated run fits. See what there is: python -m core runs")
    scores: list[RunScores] = []
    intervals: dict[str, Intervals] = {}
    with store.read() as cursor:
        for _, chosen in runs.iterrows():
            choice = choice_of(cursor, options, chosen)
            images = images_of(cursor, options, chosen)
            (one,) = score_runs(cursor, [chosen["run"]], images=images, choice=choice)
            scores.append(one)
            if options.ci:
                intervals[one.run] = _intervals(cursor, one, images, choice, options)
    if options.json:
        objects = [as_json(one, intervals.get(one.run)) for one in scores]
        print(json.dumps(objects, indent=1))
    else:
        print(text(scores, intervals))
    return 0


def _intervals(
    cursor: duckdb.DuckDBPyConnection,
    scores: RunScores,
    images: Sequence[int] | None,
    choice: Choice,
    options: argparse.Namespace,
) -> Intervals:
    """Return the 95 % interval of each headline score that the run has."""
    there = [metric for metric in HEADLINES if scores.scores[metric] is not None]
    intervals = {}
    for trial in begin_trials(
        cursor,
        [scores.run],
        there,
        images=images,
        choice=choice,
        seed=options.seed,
        classes=False,
    ):
        low, high = resampled(trial, options).study.score_interval(0)[:, 0]
        if not math.isnan(low):
            intervals[trial.metric] = (float(low), float(high))
    return intervals


def print_scores(store: Store, runs: Sequence[str]) -> None:
    """Print the headline scores of runs, as at the end of a job."""
    with store.read() as cursor:
        print(text(score_runs(cursor, runs)))


def text(scores: Sequence[RunScores], intervals: Mapping[str, Intervals] | None = None) -> str:
    """Return the headline scores, a line a run, and by which rules.

    Args:
        scores: of the runs.
        intervals: run name to metric to 95 % interval, or None for none.
    """
    intervals = intervals or {}
    shown = {
        name: title
        for name, title in HEADLINES.items()
        if any(one.scores[name] is not None for one in scores)
    }
    rows = [
        [
            one.run,
            f"{one.dataset} · {one.split}",
            str(one.images),
            *(_shown(one, name, intervals.get(one.run, {})) for name in shown),
            _milliseconds(one.scores["seconds_per_image"]),
        ]
        for one in scores
    ]
    lines = table(["run", "data set", "images", *shown.values(), "ms/image"], rows)
    rules = dict.fromkeys(f"{one.run}: {one.protocol}" for one in scores)
    bounds = " In brackets: 95 % intervals, by resampling the images." if intervals else ""
    return "\n".join([lines, "", f"All in per cent.{bounds}", *rules])


def _shown(scores: RunScores, metric: str, intervals: Intervals) -> str:
    shown = percent(scores.scores[metric])
    if metric not in intervals:
        return shown
    low, high = intervals[metric]
    return f"{shown} [{percent(low)}, {percent(high)}]"


def as_json(one: RunScores, intervals: Intervals | None = None) -> dict[str, object]:
    """Return the scores of a run as `scores --json` prints them; a score that is not is null."""
    metrics = [name for name in METRICS if name in one.classes.columns]
    return {
        "run": one.run,
        "system": one.system,
        "dataset": one.dataset,
        "split": one.split,
        "images": one.images,
        "protocol": one.protocol,
        "scores": one.scores,
        "stage_seconds": one.stage_seconds,
        "pixel_errors": {
            kind: one.scores[name]
            for kind, name in zip(KINDS, ERROR_FIGURES, strict=True)
            if one.scores[name] is not None
        },
        **({} if intervals is None else {"ci95": intervals}),
        "classes": [
            {
                "class": row["name"],
                "images": int(row["images"]),
                **{name: None if pd.isna(row[name]) else float(row[name]) for name in metrics},
            }
            for _, row in one.classes.iterrows()
        ],
    }


def _milliseconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{1000 * seconds:.0f}"
