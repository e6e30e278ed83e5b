"""python -m training fit: train a system on a data set; the best epoch becomes its weights."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from core.commands.frame import DONE, FAILED, INTERRUPTED, add_common_options
from core.errors import UsageError
from core.store.connection import Store, store_path
from core.store.rows import load_dataset
from training.course import Course, Limits
from training.history import Plan
from training.packages import package_versions
from training.precedent import find_precedent
from training.preview_grid import is_previewed, keep_preview
from training.settings import as_json, settings_from_text
from training.signals import StopWish
from training.systems import fit_commands, trainable_types
from training.trainable import Trainable, TrainingData

DESCRIPTION = "train a system on a data set of the store; its best epoch becomes its weights"
EXAMPLE = "python -m training fit unet-torch --dataset demo --epochs 16 --set shuffle_colours=true"
NOTES = """\
Beside the weights NAME.safetensors stand NAME.history.json (the values of each epoch),
NAME.card.json (what was trained, on what, with which settings and scores) and the folder
NAME.work (TensorBoard events, and the state from which --resume goes on). The store keeps the
curves with the SHA-256 of the weights, and the page Explore data shows a preview of its draws.

exit status: 0 done, also where it stopped early; 1 the work failed, or was stopped by SIGTERM;
2 wrong usage or unusable input; 130 stopped by Ctrl-C
"""
EPOCHS, SEED = 16, 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add a subcommand for each network that is trained, and each system that is fitted."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"{NOTES}\n{_all_settings()}\nexample: {EXAMPLE}"
    systems = parser.add_subparsers(dest="system", metavar="SYSTEM", required=True)
    for name, kind in trainable_types().items():
        child = systems.add_parser(
            name,
            description=f"Train {name}. {DESCRIPTION[:1].upper()}{DESCRIPTION[1:]}.",
            epilog=f"{NOTES}\n{_settings(name, kind.fit_settings_type)}\nexample: {EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_training_options(child)
        child.set_defaults(fit=_train)
    for name, command in fit_commands().items():
        child = systems.add_parser(
            name,
            description=f"{command.DESCRIPTION[:1].upper()}{command.DESCRIPTION[1:]}.",
            epilog=f"{command.NOTES}\n{_settings(name, command.SETTINGS)}\n"
            f"example: {command.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_options(child)
        child.set_defaults(fit=command.run)


def run(options: argparse.Namespace) -> int:
    """Train, or fit as the system does it."""
    return int(options.fit(options))


def _add_training_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", required=True, help="name of the data set in the store")
    parser.add_argument(
        "--train-split", default="train", help="split to learn from (default: train)"
    )
    parser.add_argument(
        "--val-split", default="val", help="split to choose the best epoch by (default: val)"
    )
    parser.add_argument(
        "--like",
        metavar="CHECKPOINT",
        help="take settings, epochs and seed from how this one was trained, where you give none "
        "(default: the weights that ship, if they learnt from the same images; none: no)",
    )
    parser.add_argument(
        "--epochs", type=int, metavar="N", help=f"epochs, at most (default: {EPOCHS})"
    )
    parser.add_argument("--seed", type=int, metavar="S", help=f"default: {SEED}")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="assignments",
        help="a setting of the training, listed below; may be repeated",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where the weights go (default: checkpoints/SYSTEM/DATASET beside the store)",
    )
    parser.add_argument(
        "--patience",
        type=int,
        default=10,
        metavar="N",
        help="stop after N epochs without a better one; 0 never does (default: 10)",
    )
    parser.add_argument(
        "--minutes", type=float, metavar="M", help="stop after the epoch that passes M minutes"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0 (default: auto)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with a training that was stopped"
    )
    add_common_options(parser)


def _train(options: argparse.Namespace) -> int:
    """Train, and say where the weights are."""
    kind = trainable_types()[options.system]
    _check_numbers(options)
    store = Store.at(store_path(options.store))
    splits = [load_dataset(store, options.dataset, each) for each in _splits(options)]
    data = TrainingData(*splits)
    for dataset in splits:
        if not dataset.images:
            raise UsageError(
                f"{dataset.name} · {dataset.split} has no images, so nothing can be learnt."
            )
        if not dataset.located:
            raise UsageError(
                f"{dataset.name} · {dataset.split} says which class each image shows, but not "
                "where, and every system here learns places too. Train on a data set with boxes."
            )
    settings = _settle(options, kind, data)
    course = Course(
        kind=kind,
        plan=_plan(options, kind, settings, data),
        settings=settings,
        versions=package_versions(options.system, kind.packages),
        checkpoint=_checkpoint(options, kind, store),
        limits=Limits(options.patience, options.minutes),
        device=options.device,
    )
    course.prepare(resume=options.resume)
    with StopWish() as wish:
        try:
            if is_previewed(kind.fit_settings_type) and not options.resume:
                keep_preview(
                    store, options.system, data.train, settings, seed=options.seed, trained=True
                )
            status = course.train(data, wish)
        finally:
            course.conclude(store, data)
    if status == "stopped":
        print(f"Stopped by {wish.reason}. The same command with --resume goes on.")
        return INTERRUPTED if wish.reason == "Ctrl-C" else FAILED
    return DONE


def _settle(options: argparse.Namespace, kind: type[Trainable], data: TrainingData) -> Any:  # noqa: ANN401 - an instance of fit_settings_type
    """Fill in epochs and seed where none are given; return the settings."""
    precedent = find_precedent(options.like, options.system, data.train)
    epochs, seed, before = EPOCHS, SEED, {}
    if precedent is not None:
        epochs, seed, before = precedent.epochs, precedent.seed, dict(precedent.settings)
        print(
            f"{options.system}: settings, {epochs} epochs and seed {seed} as "
            f"{options.like or 'the weights that ship'} learnt with, where you give no others."
        )
    options.epochs = epochs if options.epochs is None else options.epochs
    options.seed = seed if options.seed is None else options.seed
    return settings_from_text(kind.fit_settings_type, options.assignments, before)


def _check_numbers(options: argparse.Namespace) -> None:
    for name, value, least in (
        ("epochs", options.epochs, 1),
        ("seed", options.seed, 0),
        ("patience", options.patience, 0),
        ("minutes", options.minutes, 0),
    ):
        if value is not None and not value >= least:
            raise UsageError(f"--{name} is {value}; expected {least} or more.")


def _splits(options: argparse.Namespace) -> tuple[str, str]:
    if options.train_split == options.val_split:
        raise UsageError(
            f"--train-split and --val-split are both {options.val_split!r}. The best epoch is to "
            "be chosen on images that were not learnt from: name another split."
        )
    return options.train_split, options.val_split


def _plan(
    options: argparse.Namespace,
    kind: type[Trainable],
    settings: Any,  # noqa: ANN401 - an instance of fit_settings_type
    data: TrainingData,
) -> Plan:
    return Plan(
        system=options.system,
        dataset=options.dataset,
        train_split=options.train_split,
        train_sha256=data.train.source.sha256,
        val_split=options.val_split,
        val_sha256=data.val.source.sha256,
        epochs=options.epochs,
        seed=options.seed,
        settings=as_json(settings),
        goal=kind.fit_goal,
    )


def _checkpoint(options: argparse.Namespace, kind: type[Trainable], store: Store) -> Path:
    suffix = kind.checkpoint_suffix
    default = store.path.parent / "checkpoints" / options.system / f"{options.dataset}{suffix}"
    path: Path = options.out or default
    if not path.name.endswith(suffix) or path.name == suffix:
        raise UsageError(f"--out is {path}; expected a file whose name ends in {suffix}.")
    return path


def _all_settings() -> str:
    kinds = {name: kind.fit_settings_type for name, kind in trainable_types().items()}
    kinds |= {name: command.SETTINGS for name, command in fit_commands().items()}
    return "\n".join(_settings(name, kind) for name, kind in kinds.items())


def _settings(name: str, settings_type: type[Any]) -> str:
    lines = [f"settings of {name}:"]
    lines += [
        f"  {each.name}={each.default}  {each.metadata['meaning']}"
        for each in fields(settings_type)
    ]
    return "\n".join(lines).replace("%", "%%") + "\n"
