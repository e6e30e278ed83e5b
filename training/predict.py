"""python -m training predict: a system's predictions on a split, into the store."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial

from tqdm import tqdm

from core.commands.frame import DONE, FAILED, INTERRUPTED, add_common_options
from core.commands.scores import print_scores
from core.errors import UsageError
from core.evaluate import evaluate_run
from core.store.queries import catalogue
from core.structures import ImageRecord
from core.words import counted
from training import ledger, spool
from training.curves import store_curves_beside
from training.engine import Engine, LocalEngine
from training.engine_options import Cluster, add_engine_options, wanted_cluster
from training.feed import feed_type
from training.prediction_plan import Plan, plans_of
from training.progress import Progress
from training.ray_cluster import require_ray
from training.ray_engine import RayEngine, require_photographs
from training.settings import add_setting_options
from training.signals import StopWish
from training.systems import SYSTEMS, system_type

DESCRIPTION = "a system's predictions on a split, into the store; evaluated at the end"
EXAMPLE = "python -m training predict yolov8 --weights yolov8n-seg.pt --dataset coco --split val"
NOTES = """\
A job that was stopped or killed goes on when the same command is given again. Images that cannot
be answered are recorded with the reason, and tried again when the command is given again.

exit status: 0 done, also where images were rejected; 1 the work failed, or was stopped by SIGTERM;
2 wrong usage or unusable input; 130 stopped by Ctrl-C
"""
SHOWN_REJECTS = 5


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add a subcommand for each system, with the options that its settings are."""
    systems = parser.add_subparsers(dest="system", metavar="SYSTEM", required=True)
    for name in SYSTEMS:
        kind = system_type(name)
        child = systems.add_parser(
            name,
            help=kind.title,
            description=f"{kind.title}. {DESCRIPTION[:1].upper()}{DESCRIPTION[1:]}.",
            epilog=f"{NOTES}\nexample: {EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        child.add_argument("--dataset", required=True, help="name of the data set in the store")
        child.add_argument(
            "--split",
            action="append",
            dest="splits",
            metavar="SPLIT",
            help="which of its splits; several one after the other, by a system that is loaded "
            "once (default: val)",
        )
        child.add_argument(
            "--run",
            dest="run_name",
            metavar="NAME",
            help="what to call the run (default: WEIGHTS-DATASET-SPLIT, without .pt); of several "
            "splits each run is called NAME SPLIT",
        )
        child.add_argument(
            "--weights",
            action="append",
            default=[],
            metavar="[STAGE=]FILE",
            help=f"stages: {', '.join(need.stage for need in kind.weights)} (default: "
            f"{', '.join(need.default for need in kind.weights)}, downloaded if need be)",
        )
        child.add_argument(
            "--trust-weights", action="store_true", help="load weights that are not known"
        )
        child.add_argument("--device", default="auto", help="auto, cpu, cuda:0 (default: auto)")
        child.add_argument(
            "--limit", type=int, metavar="N", help="stop after N more images of each split"
        )
        child.add_argument(
            "--image",
            type=int,
            action="append",
            dest="images",
            metavar="ID",
            help="answer only this image, by the id that the data set's files use; may be repeated",
        )
        add_engine_options(child)
        feed_type(kind).add_options(child)
        add_setting_options(child, kind.settings_type)
        add_common_options(child)


def run(options: argparse.Namespace) -> int:
    """Predict what is missing, evaluate, print the headline scores; a split after the other."""
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"--limit is {options.limit}; expected 1 or more images.")
    wanted = wanted_cluster(options)
    if wanted:
        require_ray()
    plans = plans_of(options)
    for plan in plans:
        if wanted:
            require_photographs(plan)
        ledger.refuse_other_run(plan.store, plan.run)
        _require_images(plan, options.images)
    with ExitStack() as stack:
        load = cache(partial(_load, plans[0], options.device, wanted, stack))
        return _do_all(plans, load, options)


def _do_all(plans: Sequence[Plan], load: Callable[[], Engine], options: argparse.Namespace) -> int:
    status = DONE
    for plan in plans:
        with spool.locked(plan.folder, plan.run.name):
            wish = _predict_missing(plan, load, options)
            if wish is not None and wish.received:
                return _stopped(plan, wish)
            status = max(status, _conclude(plan))
    return status


def _load(plan: Plan, device: str, wanted: Cluster | None, stack: ExitStack) -> Engine:
    engine: Engine = RayEngine(plan, wanted) if wanted else LocalEngine(plan, device)
    stack.callback(engine.close)
    for note in engine.notes:
        print(note)
    return engine


def _require_images(plan: Plan, wanted: Sequence[int] | None) -> None:
    unknown = set(wanted or ()) - {image.id for image in plan.dataset.images}
    if unknown:
        raise UsageError(
            f"--image names {min(unknown)}, but {plan.dataset.name} · {plan.dataset.split} has no "
            "image with that id. Expected ids as the data set's files have them."
        )


def _predict_missing(
    plan: Plan, load: Callable[[], Engine], options: argparse.Namespace
) -> StopWish | None:
    """Answer the images that the run lacks; the caller holds the lock.

    Returns:
        Whether somebody wished to stop, or None if no image was missing.
    """
    coverage = ledger.coverage(plan.store, plan.run.name)
    if coverage is not None and coverage.answered >= coverage.expected:
        print(f"{plan.run.name}: all of {counted(coverage.answered, 'image')} answered already.")
        return None
    with StopWish() as wish:
        _answer(plan, load(), options, wish)
    return wish


def _answer(plan: Plan, engine: Engine, options: argparse.Namespace, wish: StopWish) -> None:
    """Enter this process in the ledger, and let the system answer."""
    described = replace(plan.run, device=engine.device)
    if note := ledger.changed_surroundings(plan.store, described):
        print(note)
    total = len(plan.dataset.images)
    attempt = ledger.begin_attempt(plan.store, described, engine.outputs, total)
    for weights in plan.weights.values():
        store_curves_beside(plan.store, weights.path)
    engine.take_up(plan, attempt)
    missing = attempt.missing(plan.dataset)
    with Progress(plan.run.name, total, total - len(missing)) as progress:
        engine.work(plan, attempt, _asked(missing, options), progress, wish)
    reached = ledger.coverage(plan.store, plan.run.name)
    status = "stopped" if reached is None else reached.status
    attempt.end(status, wish.reason if wish.received else status)


def _asked(missing: Sequence[ImageRecord], options: argparse.Namespace) -> list[ImageRecord]:
    """Return the images that this command is to answer, of those that the run lacks."""
    named = options.images
    return [image for image in missing if named is None or image.id in named][: options.limit]


def _stopped(plan: Plan, wish: StopWish) -> int:
    reached = ledger.coverage(plan.store, plan.run.name)
    count = f"{reached.answered} of {counted(reached.expected, 'image')}" if reached else "nothing"
    print(
        f"Stopped by {wish.reason}: {count} of the run {plan.run.name!r} stored. "
        "Give the same command again to go on with the rest."
    )
    return INTERRUPTED if wish.reason == "Ctrl-C" else FAILED


def _conclude(plan: Plan) -> int:
    """Evaluate what is new, and print what came of the run."""
    reached = ledger.coverage(plan.store, plan.run.name)
    if reached is None or not reached.answered:
        _print_rejects(plan)
        print(f"{plan.run.name}: no image was answered, so there is nothing to evaluate.")
        return FAILED
    if not reached.evaluated:
        with tqdm(desc="evaluating", unit="image", disable=None, leave=False) as bar:
            print(f"{plan.run.name}: {evaluate_run(plan.store, plan.run.name, progress=bar)}")
    if reached.rejected:
        _print_rejects(plan)
    if reached.status == "stopped":
        print(
            f"{plan.run.name}: {reached.answered} of "
            f"{counted(reached.expected, 'image')} answered, "
            "and the scores are of those. The same command without --limit and --image goes on "
            "with the rest."
        )
    print_scores(plan.store, [plan.run.name])
    return DONE


def _print_rejects(plan: Plan) -> None:
    with plan.store.read() as cursor:
        known = catalogue.runs(cursor)
        run_id = int(known.loc[known["run"] == plan.run.name, "run_id"].iloc[0])
        rejects = catalogue.rejected(cursor, run_id)
    count = len(rejects)
    print(f"{plan.run.name}: {count} image{'s' if count > 1 else ''} could not be answered:")
    for _, each in rejects.head(SHOWN_REJECTS).iterrows():
        print(f"  - {each['place']} ({each['stage']}): {each['message']}")
    if count > SHOWN_REJECTS:
        print(f"  … and {count - SHOWN_REJECTS} more, on the page of runs")
