"""python -m core external: scores that others measured, written down beside our own."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from core.commands.choose import chosen_runs
from core.commands.frame import DONE
from core.commands.tables import table
from core.errors import UsageError
from core.external_scores import (
    ExternalScore,
    add_external,
    external_scores,
    of_submission,
    remove_external,
)
from core.notes import Notes
from core.store.connection import Store, store_path

DESCRIPTION = "write down, list or remove scores that others told, such as a leaderboard"
EXAMPLE = 'python -m core external "unet test" --metric miou --value 0.712 --from "the challenge"'


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "run_name",
        nargs="?",
        metavar="RUN",
        help="the run, or its submission's file RUN--on--SPLIT.zip; none: list all",
    )
    parser.add_argument("--metric", help="what the score is called there")
    parser.add_argument("--value", type=float, help="the score, a fraction from 0 to 1")
    parser.add_argument("--from", dest="told_by", metavar="SOURCE", help="who told it")
    parser.add_argument(
        "--date", metavar="YYYY-MM-DD", help="the day it was told (default: today, UTC)"
    )
    parser.add_argument(
        "--remove", action="store_true", help="remove what this source told of this metric"
    )
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")


def run(options: argparse.Namespace) -> int:
    """Write a score down or remove it, then list what is there."""
    store = Store.at(store_path(options.store))
    notes = Notes.beside(store.path)
    rows = chosen_runs(store, [])
    given = (options.metric, options.told_by, options.value, options.date)
    changes = options.remove or any(each is not None for each in given)
    if options.run_name is not None:
        rows = chosen_runs(store, [_run_of(rows, options.run_name)])
        if changes:
            _change(notes, rows.iloc[0], options)
    elif changes:
        raise UsageError("Name the run that the score is of, or its submission's file.")
    found = external_scores(notes, list(rows["run"]))
    print(json.dumps([asdict(each) for each in found], indent=1) if options.json else _text(found))
    return DONE


def _run_of(rows: pd.DataFrame, name: str) -> str:
    """Return a run's name by itself or by that of its submission.

    Raises:
        UsageError: a submission's name that means no run, or another split than the run's.
    """
    if name in set(rows["run"]) or not name.endswith(".zip"):
        return name
    run, split = of_submission(Path(name))
    splits = dict(zip(rows["run"], rows["split"], strict=True))
    if splits.get(run, split) != split:
        raise UsageError(f"{name} says split {split}, but run {run!r} is of {splits[run]}.")
    return run


def _change(notes: Notes, row: pd.Series, options: argparse.Namespace) -> None:
    needed = {"--metric": options.metric, "--from": options.told_by}
    if not options.remove:
        needed["--value"] = options.value
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        raise UsageError(
            f"{' and '.join(missing)} must be given too, so that the score is complete."
        )
    score = ExternalScore(
        run=str(row["run"]),
        split=str(row["split"]),
        metric=options.metric,
        value=0.0 if options.remove else options.value,
        told_by=options.told_by,
        told_on=options.date or datetime.now(UTC).date().isoformat(),
    )
    if not options.remove:
        add_external(notes, [score])
    elif remove_external(notes, [score]) is None:
        raise UsageError(
            f"{score.told_by!r} told no {score.metric!r} of run {score.run!r}, so nothing was "
            "removed. python -m core external lists what was told."
        )


def _text(found: list[ExternalScore]) -> str:
    if not found:
        return "No external score was told of this."
    header = ["run", "split", "metric", "per cent", "as told by", "on"]
    rows = [
        [each.run, each.split, each.metric, f"{100 * each.value:.2f}", each.told_by, each.told_on]
        for each in found
    ]
    return f"{table(header, rows)}\n\nTold, not measured here."
