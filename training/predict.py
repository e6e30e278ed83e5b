"""python -m training predict: a system's predictions on a split, into the store."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core import __version__
from core.commands.frame import DONE, FAILED, INTERRUPTED, add_common_options
from core.commands.scores import print_scores
from core.errors import UsageError
from core.evaluate import evaluate_run
from core.store.connection import Store, store_path
from core.store.queries import catalogue
from core.store.rows import load_dataset
from core.structures import Dataset, Run
from training import ledger, spool
from training.curves import store_curves_beside
from training.job import Job
from training.progress import Progress
from training.protocol import System
from training.settings import add_setting_options, as_json, chosen_settings
from training.signals import StopWish
from training.systems import SYSTEMS, system_type
from training.weights import Weights, find_weights

DESCRIPTION = "a system's predictions on a split, into the store; evaluated at the end"
EXAMPLE = "python -m training predict yolov8 --weights yolov8n-seg.pt --dataset coco --split val"
NOTES = """\
A job that was stopped or killed goes on when the same command is given again. Images that cannot
be answered are recorded with the reason, and tried again when the command is given again.

exit status: 0 done, also where images were rejected; 1 the work failed, or was stopped by SIGTERM;
2 wrong usage or unusable input; 130 stopped by Ctrl-C
"""
SHOWN_REJECTS = 5


@dataclass(frozen=True, eq=False)
class Plan:
    """All that is settled before a framework is loaded."""

    store: Store
    dataset: Dataset
    kind: type[System]
    settings: Any
    weights: dict[str, Weights]
    run: Run

    @property
    def folder(self) -> Path:
        """Return the spool of the run."""
        return self.store.path.parent / "spool" / self.run.name


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
        child.add_argument("--split", default="val", help="which of its splits (default: val)")
        child.add_argument(
            "--run",
            dest="run_name",
            metavar="NAME",
            help="what to call the run (default: WEIGHTS-DATASET-SPLIT, without .pt)",
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
        child.add_argument("--limit", type=int, metavar="N", help="stop after N more images")
        add_setting_options(child, kind.settings_type)
        add_common_options(child)


def run(options: argparse.Namespace) -> int:
    """Predict what is missing, evaluate, print the headline scores."""
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"--limit is {options.limit}; expected 1 or more images.")
    plan = _plan(options)
    ledger.refuse_other_run(plan.store, plan.run)
    with spool.locked(plan.folder, plan.run.name):
        coverage = ledger.coverage(plan.store, plan.run.name)
        if coverage is None or coverage.answered < coverage.expected:
            wish = _predict(plan, options)
            if wish.received:
                return _stopped(plan, wish)
            coverage = ledger.coverage(plan.store, plan.run.name)
        else:
            print(f"{plan.run.name}: all {coverage.answered} images are answered already.")
        return _conclude(plan, coverage)


def _plan(options: argparse.Namespace) -> Plan:
    """Settle what is to be done; nothing that is wrong gets past this."""
    kind = system_type(options.system)
    settings = chosen_settings(kind.settings_type, options)
    store = Store.at(store_path(options.store))
    dataset = load_dataset(store, options.dataset, options.split)
    versions = _versions(options.system, kind)
    weights = _weights(kind, options)
    files = [each.path.name for each in weights.values()]
    stems = "+".join(Path(name).stem for name in files)
    name = options.run_name or f"{stems or options.system}-{options.dataset}-{options.split}"
    spool.check_run_name(name)
    described = Run(
        name=name,
        system=options.system,
        dataset=options.dataset,
        split=options.split,
        settings=as_json(settings),
        weights=" + ".join(files),
        weights_sha256=" + ".join(each.sha256 for each in weights.values()),
        versions=versions,
    )
    return Plan(store, dataset, kind, settings, weights, described)


def _weights(kind: type[System], options: argparse.Namespace) -> dict[str, Weights]:
    stages = [need.stage for need in kind.weights]
    given: dict[str, Path] = {}
    for text in options.weights:
        stage, equals, file = text.partition("=")
        if not equals or stage not in stages:
            stage, file = stages[0], text
        if stage in given:
            raise UsageError(
                f"--weights names {given[stage]} and {file} for the stage {stage}; expected one "
                f"file a stage, as --weights STAGE=FILE. Stages: {', '.join(stages)}."
            )
        given[stage] = Path(file)
    return {
        need.stage: find_weights(
            need, given.get(need.stage), kind.download, trust=options.trust_weights
        )
        for need in kind.weights
    }


def _versions(name: str, kind: type[System]) -> dict[str, str]:
    found = {"overlook": __version__}
    for package in kind.packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError as error:
            raise UsageError(
                f"The system {name} needs the package {package}, which is not installed here. "
                "Install what Overlook needs: python -m pip install -r requirements.txt"
            ) from error
    return found


def _predict(plan: Plan, options: argparse.Namespace) -> StopWish:
    """Load the system and answer the images that the run lacks; the caller holds the lock."""
    with StopWish() as wish:
        system = plan.kind(
            plan.settings,
            {stage: weights.path for stage, weights in plan.weights.items()},
            [category.name for category in plan.dataset.categories],
            options.device,
        )
        described = replace(plan.run, device=system.device)
        for note in (*system.notes, ledger.changed_surroundings(plan.store, described)):
            if note:
                print(note)
        total = len(plan.dataset.images)
        attempt = ledger.begin_attempt(plan.store, described, system.outputs, total)
        for weights in plan.weights.values():
            store_curves_beside(plan.store, weights.path)
        parts = spool.Spool(plan.store, attempt.run_id, plan.folder)
        parts.claim(attempt.identity())
        missing = attempt.missing(plan.dataset)
        job = Job(
            system=system,
            class_count=len(plan.dataset.categories),
            folder=plan.dataset.images_folder,
            batch=plan.settings.batch,
            spool=parts,
            attempt=attempt,
        )
        with Progress(plan.run.name, total, total - len(missing)) as progress:
            job.work(missing[: options.limit], progress, wish)
        reached = ledger.coverage(plan.store, plan.run.name)
        status = "stopped" if wish.received or reached is None else reached.status
        attempt.end(status, wish.reason if wish.received else status)
    return wish


def _stopped(plan: Plan, wish: StopWish) -> int:
    reached = ledger.coverage(plan.store, plan.run.name)
    count = f"{reached.answered} of {reached.expected}" if reached else "no"
    print(
        f"Stopped by {wish.reason}: {count} images of the run {plan.run.name!r} are stored. "
        "Give the same command again to go on with the rest."
    )
    return INTERRUPTED if wish.reason == "Ctrl-C" else FAILED


def _conclude(plan: Plan, reached: ledger.Coverage | None) -> int:
    """Evaluate what is new, and print what came of the run."""
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
            f"{plan.run.name}: {reached.answered} of {reached.expected} images are answered, and "
            "the scores are of those. The same command without --limit goes on with the rest."
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
