"""python -m training demo: the embedded demo, with every system that ships weights for it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core import jobs
from core.__main__ import main as core_main
from core.commands.frame import DONE, FAILED, INTERRUPTED, add_common_options
from core.errors import UsageError, WorkFailedError
from core.jobs import AtWorkError, JobRecord, demo_job, only_one, read_job
from core.store.connection import Store, store_path
from core.store.queries import catalogue
from training.demo_plans import DIGITS, IMAGES, PLANS, SHAPES, Plan, run_name
from training.demo_watch import Watch
from training.progress import Progress
from training.signals import StopWish
from training.workers import Command, Ended, Workers

DESCRIPTION = "build the embedded demo: data, every system's predictions, evaluation"
EXAMPLE = "python -m training demo"

WORKERS = 2
SECONDS_A_LOOK = 1.0
LINES_OF_FAILURE = 5


DRAWINGS = {f"drawing the data set {name}": name for name in (SHAPES, DIGITS)}
IF_EMPTY = (
    "The store is empty, so the demo is built first, in 2 to 4 minutes. Ctrl-C stops it; "
    "`DEMO=no make run` goes without it."
)


class StoppedError(Exception):
    """The user wished the demo to stop while its data were being drawn."""


FITTED_ON = "val"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "--if-empty",
        action="store_true",
        help="only into an empty store, or to go on with a demo that was stopped: for `make run`",
    )
    add_common_options(parser)


def run(options: argparse.Namespace) -> int:
    """Make the data, then let the systems predict, two at a time; what is there is kept."""
    store = Store.at(store_path(options.store))
    folder = demo_job(store.path)
    if options.if_empty and not _is_wanted(store, folder):
        return DONE
    try:
        with only_one(folder):
            if options.if_empty:
                print(IF_EMPTY, flush=True)
            return _build(store, folder)
    except AtWorkError as error:
        told = f"Process {error.pid or 'of unknown number'} is building the demo already."
        if options.if_empty:
            print(told)
            return DONE
        raise UsageError(f"{told} Wait for it, or stop it on the page Home.") from error


def _is_wanted(store: Store, folder: Path) -> bool:
    """Return whether nobody ever put anything into the store, or the demo was stopped."""
    job = read_job(folder)
    if job is not None:
        return job.status in (jobs.RUNNING, jobs.STOPPED)
    if not store.exists():
        return True
    with store.read() as cursor:
        return catalogue.datasets(cursor).empty


def _build(store: Store, folder: Path) -> int:
    """Do all there is to do, keep a record of it, and return the exit status."""
    started = time.perf_counter()
    record = JobRecord(folder, {name: sum(IMAGES.values()) for name in DRAWINGS} | _runs())
    try:
        with StopWish() as wish, suppress(StoppedError):
            _draw(store, record, wish)
            failed = _predict(store, folder, record, wish)
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        record.end(jobs.STOPPED if stopped else jobs.FAILED, str(error))
        raise
    if wish.received:
        record.end(jobs.STOPPED, "It was stopped.")
        print(f"Stopped by {wish.reason}. The same command goes on with the rest.")
        return INTERRUPTED if wish.reason == "Ctrl-C" else FAILED
    print(f"The demo took {time.perf_counter() - started:.0f} s. See it: make run")
    if failed:
        told = f"These systems failed: {', '.join(failed)}. Start the command again."
        record.end(jobs.FAILED, told)
        raise WorkFailedError(told)
    record.end(jobs.DONE)
    return DONE


def _draw(store: Store, record: JobRecord, wish: StopWish) -> None:
    """Make the data sets and read them into the store, where they are not there yet."""
    # drawing needs OpenCV, which the other commands do without
    from core.datasets.demo import make_demo
    from core.datasets.single import make_single

    folder, total = store.path.parent / "demo", sum(IMAGES.values())
    for (title, name), make in zip(DRAWINGS.items(), (make_demo, make_single), strict=True):
        if not (folder / name).exists():
            with Progress(title, total, 0) as progress:
                counter = _Counter(title, progress, record, wish)
                make(folder / name, IMAGES, on_image=counter.count)
        record.reach(title, total)
        for split in IMAGES:
            _import(store, folder / name, name, split)


@dataclass
class _Counter:
    """Counts the images that are drawn."""

    title: str
    progress: Progress
    record: JobRecord
    wish: StopWish
    images: int = 0

    def count(self) -> None:
        """Count one, and stop here if somebody wishes it."""
        self.images += 1
        self.progress.update(1)
        self.record.reach(self.title, self.images)
        if self.wish.received:
            raise StoppedError


def _runs() -> dict[str, int]:
    """Return the runs of the demo in the order of the plans, each with its number of images."""
    return {run_name(plan, split): IMAGES[split] for plan in PLANS for split in plan.splits}


def _predict(store: Store, folder: Path, record: JobRecord, wish: StopWish) -> list[str]:
    """Let every system answer what it has not yet; return those that failed."""
    watch = Watch(store, _runs(), record)
    commands: list[Command] = []
    for plan in PLANS:
        commands += _commands(store, plan, watch.unfinished(), [each.name for each in commands])
    with Progress("demo", watch.total, watch.answered) as progress:
        return _work(Workers(commands, WORKERS, folder), watch, progress, wish)


def _work(workers: Workers, watch: Watch, progress: Progress, wish: StopWish) -> list[str]:
    """Let the workers finish, and tell how far they are; return the systems that failed."""
    failed, asked = [], False
    try:
        while workers.busy:
            if wish.received and not asked:
                asked = True
                workers.stop()
                progress.say("Stopping: what is answered is being stored …")
            for ended in workers.ended():
                if ended.status != DONE and not asked:
                    failed.append(ended.command.name)
                    progress.say(_about_failure(ended))
            watch.look(progress)
            time.sleep(SECONDS_A_LOOK)
    finally:
        workers.kill()
    return failed


def _import(store: Store, folder: Path, dataset: str, split: str) -> None:
    if store.exists():
        with store.read() as cursor:
            known = catalogue.datasets(cursor)
        if ((known["dataset"] == dataset) & (known["split"] == split)).any():
            return
    files = ["--annotations", str(folder / f"{split}.json"), "--images", str(folder / split)]
    place = ["--store", str(store.path), "--split", split]
    if core_main(["import", dataset, "--format", "coco", *files, *place]) != DONE:
        raise WorkFailedError(f"The demo data in {folder} could not be read; remove it to redo it.")


def _commands(
    store: Store, plan: Plan, unfinished: Container[str], earlier: Sequence[str]
) -> list[Command]:
    """Return what lets a system answer the splits that it has not; none if there are none.

    Args:
        store: where the runs go.
        plan: of the system.
        unfinished: names of runs.
        earlier: names of the commands of the plans before it.
    """
    splits = [split for split in plan.splits if run_name(plan, split) in unfinished]
    if not splits:
        return []
    named = (word for split in splits for word in ("--split", split))
    # one run is called as it is told, of several each is followed by its split
    name = plan.name if len(splits) > 1 else run_name(plan, *splits)
    place = ("--dataset", plan.dataset, "--store", str(store.path))
    told = ("--oracle", plan.oracle) if plan.oracle else ()
    predict = ("-m", "training", "predict", plan.system, *plan.options, *told, "--run", name)
    if not plan.fitted:
        return [Command(plan.name, (*predict, *named, *place))]
    recipe = store.path.parent / "checkpoints" / plan.system / f"{plan.dataset}.json"
    members = (
        run_name(each, FITTED_ON)
        for each in PLANS
        if each.dataset == plan.dataset and FITTED_ON in each.splits and not each.oracle
    )
    chosen = (
        word for run in members if run != run_name(plan, FITTED_ON) for word in ("--members", run)
    )
    fit = ("-m", "training", "fit", plan.system, "--split", FITTED_ON, "--out", str(recipe))
    first = Command(f"{plan.system} fit", (*fit, *chosen, *place), frozenset(earlier))
    with_recipe = (*predict, "--weights", f"{plan.system}={recipe}", *named, *place)
    return [first, Command(plan.system, with_recipe, frozenset((first.name,)))]


def _about_failure(ended: Ended) -> str:
    printed = ended.log.read_text(encoding="utf-8", errors="replace").strip()
    lines = "\n".join(f"  {line}" for line in printed.splitlines()[-LINES_OF_FAILURE:])
    return f"{ended.command.name}: failed with status {ended.status}, see {ended.log}\n{lines}"
