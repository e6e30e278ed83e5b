"""python -m core leave-one-out: what each member adds to an ensemble."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from core.commands.frame import DONE
from core.commands.resampling import STEP
from core.commands.tables import table
from core.errors import UsageError
from core.metrics import METRICS
from core.metrics.significance import CORRECTIONS
from core.scoring.members import (
    FUSED_METRICS,
    MemberTrial,
    additions,
    begin_members,
    members_of,
    rule,
    together,
)
from core.scoring.recipes import recipe_text
from core.scoring.runs import RunScores, score_runs
from core.store.connection import Store, store_path
from core.words import counted

DESCRIPTION = "print what each run adds to an ensemble: the score of all fused, and without each"
EXAMPLE = 'python -m core leave-one-out "yolov8-sam val" "mask-rcnn val" --metric mask_ap'


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="runs of one split to fuse; an ensemble stands for its members",
    )
    parser.add_argument(
        "--metric",
        choices=list(FUSED_METRICS),
        help="default: the first that all runs have",
    )
    parser.add_argument(
        "--correction",
        default="holm",
        choices=sorted(CORRECTIONS),
        help="of the p values of the members (default: holm)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of what is drawn (default: 0)"
    )
    parser.add_argument(
        "--recipe",
        type=Path,
        metavar="FILE",
        help="write the recipe of this ensemble, for: python -m training predict ensemble "
        "--weights FILE",
    )
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")


def run(options: argparse.Namespace) -> int:
    """Fuse the runs, with and without each, and print what each adds."""
    _check(options)
    store = Store.at(store_path(options.store))
    with store.read() as cursor:
        metric = options.metric or _common_metric(score_runs(cursor, options.runs))
        runs = members_of(cursor, options.runs, metric)
        trial = begin_members(cursor, runs, metric, store.path, seed=options.seed)
        if options.recipe is not None:
            members = trial.ballot.runs["run"].tolist()
            options.recipe.write_text(recipe_text(cursor, members), encoding="utf-8")
    trial = _finished(trial)
    print(_as_json(trial, options) if options.json else _text(trial, options))
    return DONE


def _check(options: argparse.Namespace) -> None:
    if options.seed < 0:
        raise UsageError(f"--seed is {options.seed}; expected 0 or a larger number.")
    recipe = options.recipe
    if recipe is not None and (recipe.suffix != ".json" or not recipe.absolute().parent.is_dir()):
        raise UsageError(
            f"--recipe is {recipe}; expected a file whose name ends in .json, in a folder that "
            "exists."
        )


def _common_metric(scores: Sequence[RunScores]) -> str:
    for metric in FUSED_METRICS:
        if all(one.scores[metric] is not None for one in scores):
            return metric
    names = " and ".join(one.run for one in scores)
    raise UsageError(
        f"{names} have none of {', '.join(FUSED_METRICS)} in common, so their fusion has no score. "
        "Name runs that predict the same: see python -m core scores."
    )


def _finished(trial: MemberTrial) -> MemberTrial:
    """Return the trial with all images fused and all draws made, showing how far it is."""
    title = f"fusing, then drawing, {trial.metric}"
    with tqdm(total=trial.enough, desc=title, disable=None, leave=False) as bar:
        while not trial.complete:
            trial = trial.extended(trial.done + STEP)
            bar.update(min(trial.done, trial.enough) - bar.n)
    return trial


def _as_json(trial: MemberTrial, options: argparse.Namespace) -> str:
    score, low, high = together(trial)
    members = [
        {
            "run": row["run"],
            **{name: _or_none(row[name]) for name in ("alone", "without", "adds")},
            "ci95": _ends(row["low"], row["high"]),
            **{name: _or_none(row[name]) for name in ("p", "p_adjusted")},
        }
        for row in additions(trial, options.correction).to_dict("records")
    ]
    content = {
        "metric": trial.metric,
        "images": len(trial.images),
        "together": _or_none(score),
        "ci95": _ends(low, high),
        "resamples": trial.resamples,
        "seed": trial.seed,
        "correction": options.correction,
        "members": members,
    }
    return json.dumps(content, indent=1)


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else float(number)


def _ends(low: float, high: float) -> list[float] | None:
    return None if math.isnan(low) else [float(low), float(high)]


def _text(trial: MemberTrial, options: argparse.Namespace) -> str:
    score, low, high = together(trial)
    rows = [
        [
            row["run"],
            f"{100 * row['alone']:.1f}",
            f"{100 * row['without']:.1f}",
            f"{100 * row['adds']:+.2f}",
            f"{100 * row['low']:+.2f} to {100 * row['high']:+.2f}",
            f"{row['p']:.4f}",
            f"{row['p_adjusted']:.4f}",
        ]
        for row in additions(trial, options.correction).to_dict("records")
    ]
    header = [
        "run",
        "alone",
        "without it",
        "adds",
        "95 % interval",
        "p",
        f"p ({options.correction})",
    ]
    return (
        f"{METRICS[trial.metric].title} of {counted(len(rows), 'run')} fused: {100 * score:.1f} % "
        f"(95 % interval {100 * low:.1f} to {100 * high:.1f}) on "
        f"{counted(len(trial.images), 'image')}.\n\n"
        f"{table(header, rows)}\n\nAll in per cent. {rule(trial)}."
    )
