"""python -m core import-history: the curves of a training that another program ran."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from core import __version__
from core.commands.choose import chosen_runs
from core.commands.frame import add_reading_options, tell_left_out, telling_faults
from core.commands.tables import table
from core.errors import UsageError
from core.readers.histories import ReadHistory, read_history
from core.store.connection import Store, store_path
from core.store.training_rows import TrainingRecord, replace_training

DESCRIPTION = "store the curves of a training that another program ran, beside its run"
EXAMPLE = "python -m core import-history results.csv --run yolov8n"
# of several the first that is there says which epoch was best
GOALS = ("val_loss", "val/loss", "validation/epoch_loss")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "path",
        metavar="FILE",
        type=Path,
        help="CSV (Keras, ultralytics, any), JSON, .npy of numbers, TensorBoard's event file or a "
        "folder of them",
    )
    parser.add_argument("--run", dest="run_name", required=True, help="the run it belongs to")
    parser.add_argument(
        "--names",
        default="",
        metavar="A,B",
        help=".npy: what its columns are, such as loss,val_loss",
    )
    parser.add_argument(
        "--goal",
        metavar="NAME",
        help="the value by which the best epoch is told: the lowest if its name ends in loss, else "
        f"the highest (default: the first there is of {', '.join(GOALS)}, another loss, any)",
    )
    add_reading_options(parser)


def run(options: argparse.Namespace) -> int:
    """Read, check and store the history; print what came of it."""
    store = Store.at(store_path(options.store))
    row = chosen_runs(store, [options.run_name]).iloc[0]
    with telling_faults(every=options.all_faults):
        history, faults = read_history(
            options.path,
            names=[name.strip() for name in options.names.split(",") if name.strip()],
            skip_bad=options.skip_bad,
        )
    goal = _goal(history, options.goal)
    best = best_epoch(history, goal)
    print(_summary(options.path, history, goal, best))
    if options.dry_run:
        print("Sound; nothing was written (--dry-run).")
        return 0
    record = TrainingRecord(
        training_id=f"history of run {row['run_id']}",
        system=str(row["system"]),
        dataset=str(row["dataset"]),
        train_split="",
        val_split="",
        seed=0,
        settings={"imported_from": str(options.path), "format": history.form},
        versions={"overlook": __version__},
        weights="",
        weights_sha256="",
        goal=goal,
        best_epoch=best,
        planned_epochs=history.points[-1][0],
        seconds=0.0,
        status="done",
        started=datetime.now(UTC),
        finished=datetime.now(UTC),
        run_id=int(row["run_id"]),
    )
    with store.write() as cursor:
        replace_training(cursor, record, history.points)
    print(f"Stored beside run {options.run_name}; the page Runs shows it.")
    tell_left_out(faults, every=options.all_faults)
    return 0


def best_epoch(history: ReadHistory, goal: str) -> int:
    """Return the epoch at which a value was best, of equal ones the first.

    Args:
        history: that was read.
        goal: name of the value: the lowest is best if it ends in loss, else the highest.
    """
    choose = min if goal.endswith("loss") else max
    return choose(
        (epoch for epoch, values in history.points if goal in values),
        key=lambda epoch: dict(history.points)[epoch][goal],
    )


def _goal(history: ReadHistory, given: str | None) -> str:
    names = history.names
    if given is not None:
        if given not in names:
            raise UsageError(
                f"No value is called {given!r}. The history has: {', '.join(names)}. Name one."
            )
        return given
    losses = [name for name in names if name.endswith("loss")]
    # a loss of validation tells more than one of what was learnt from
    losses.sort(key=lambda name: "val" not in name)
    return next((name for name in (*GOALS, *losses) if name in names), names[0])


def _summary(path: Path, history: ReadHistory, goal: str, best: int) -> str:
    first, last = history.points[0][0], history.points[-1][0]
    counted = ", which the file counts from 0" if history.shift else ""
    rows = []
    for name in history.names:
        own = _values(history, name)
        figures = (own[0], min(own), max(own), own[-1])
        rows.append((name, str(len(own)), *(f"{figure:.4g}" for figure in figures)))
    told = table(("value", "epochs", "first", "least", "greatest", "last"), rows)
    return (
        f"{path}: {history.form}, epochs {first} to {last}{counted}.\n{told}\n"
        f"Best {goal}: epoch {best}."
    )


def _values(history: ReadHistory, name: str) -> Sequence[float]:
    return [values[name] for _, values in history.points if name in values]
