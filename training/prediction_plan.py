"""What a prediction job is to do: settled before a framework is loaded."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.scoring.transfer import ORACLE
from core.store.connection import Store, store_path
from core.store.rows import load_dataset
from core.structures import Dataset, Run
from training import spool
from training.feed import Feed, feed_type
from training.packages import package_versions
from training.protocol import System
from training.settings import as_json, chosen_settings
from training.systems import system_type
from training.weights import Weights, find_weights


@dataclass(frozen=True, eq=False)
class Plan:
    """One run: a system on a split."""

    store: Store
    dataset: Dataset
    kind: type[System]
    settings: Any
    weights: dict[str, Weights]
    feed: Feed
    run: Run

    @property
    def folder(self) -> Path:
        """Return the spool of the run."""
        return self.store.path.parent / "spool" / self.run.name


def plans_of(options: argparse.Namespace) -> list[Plan]:
    """Settle what is to be done, a plan a split; nothing that is wrong gets past this.

    Raises:
        UsageError: an option, a file or the data set is not as it has to be.
        WorkFailedError: weights are not here and could not be downloaded.
    """
    kind = system_type(options.system)
    settings = chosen_settings(kind.settings_type, options)
    store = Store.at(store_path(options.store))
    splits = list(dict.fromkeys(options.splits or ["val"]))
    datasets = [load_dataset(store, options.dataset, split) for split in splits]
    versions = package_versions(options.system, kind.packages)
    weights = _weights(kind, options)
    paths = {stage: each.path for stage, each in weights.items()}
    feeds = [feed_type(kind).of(store, dataset, paths, options) for dataset in datasets]
    files = [path.name for path in paths.values()]
    described = Run(
        name="",
        system=options.system,
        dataset=options.dataset,
        split="",
        settings=as_json(settings),
        weights=" + ".join(files),
        weights_sha256=" + ".join(each.sha256 for each in weights.values()),
        versions=versions,
    )
    names = _run_names(options, files, splits, feeds[0].settings.get(ORACLE))
    runs = [
        replace(described, name=name, split=split, settings={**described.settings, **feed.settings})
        for name, split, feed in zip(names, splits, feeds, strict=True)
    ]
    return [
        Plan(store, dataset, kind, settings, weights, feed, run)
        for dataset, feed, run in zip(datasets, feeds, runs, strict=True)
    ]


def _run_names(
    options: argparse.Namespace, files: Sequence[str], splits: Sequence[str], oracle: object
) -> list[str]:
    stem = "+".join(Path(name).stem for name in files) or options.system
    told = f"-true-{oracle}" if oracle else ""
    if options.run_name and len(splits) == 1:
        names = [options.run_name]
    elif options.run_name:
        names = [f"{options.run_name} {split}" for split in splits]
    else:
        names = [f"{stem}-{options.dataset}-{split}{told}" for split in splits]
    for name in names:
        spool.check_run_name(name)
    return names


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
