"""The members of an ensemble: runs of the store, and what they say of each image."""

from __future__ import annotations

import argparse
import json
from collections.abc import Generator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import UsageError
from core.fusion.recipe import Member, Recipe, read_recipe
from core.scoring.transfer import settings_of
from core.store.connection import Store
from core.store.queries import catalogue
from core.store.rejected import Rejected
from core.store.rows import image_ids, load_predictions
from core.structures import Dataset, ImageRecord, Prediction
from training.images import reject

ALLOW = "--on-fitted-split"
FINISHED = ("done", "done_with_rejects")


@dataclass(frozen=True, eq=False)
class Answers:
    """What the members say of one image.

    Attributes:
        record: which image it is.
        predictions: one of each member, in the order of the recipe.
    """

    record: ImageRecord
    predictions: tuple[Prediction, ...]


class MemberRuns:
    """The stored predictions of an ensemble's members on one split."""

    def __init__(
        self, store: Store, dataset: Dataset, runs: Sequence[pd.Series], settings: dict[str, object]
    ) -> None:
        """Read nothing yet.

        Args:
            store: where the runs are.
            dataset: the split that they are of.
            runs: rows of `catalogue.runs`, in the order of the recipe's members.
            settings: to be kept with the ensemble's run.
        """
        self._store = store
        self._runs = runs
        self.settings: Mapping[str, object] = settings
        with store.read() as cursor:
            self._keys = image_ids(cursor, dataset.name, dataset.split)

    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        """Add which runs are the members', and leave to flatter."""
        parser.add_argument(
            "--members",
            action="append",
            default=[],
            metavar="RUN",
            help="a run on this split that is a member; needed where several fit a member of the "
            "recipe by system, weights and settings; may be repeated",
        )
        parser.add_argument(
            ALLOW,
            action="store_true",
            help="predict also the split that the recipe was fitted on, whose scores flatter it; "
            "the run says so",
        )

    @classmethod
    def of(
        cls,
        store: Store,
        dataset: Dataset,
        weights: Mapping[str, Path],
        options: argparse.Namespace,
    ) -> MemberRuns:
        """Find the run of each member on this split.

        Raises:
            UsageError: the recipe is of other classes, was fitted on this split, or not exactly
                one finished run fits a member.
        """
        (path,) = weights.values()
        recipe = read_recipe(path)
        _require_classes(recipe, dataset, path)
        seen = _was_fitted_on(recipe, dataset)
        if seen and not options.on_fitted_split:
            raise UsageError(
                f"{path} was fitted on {dataset.name} · {dataset.split}, so its scores there would "
                f"flatter it. Predict another split, or add {ALLOW}: the run then says so."
            )
        with store.read() as cursor:
            known = catalogue.runs(cursor, dataset.name)
        _require_known(options.members, known, dataset)
        known = known[known["split"] == dataset.split]
        runs = [_run_of(member, known, options.members, dataset) for member in recipe.members]
        _require_used(set(options.members) & set(known["run"]), runs, path)
        settings = {"members": {str(run["run"]): _made(run) for run in runs}, "in_sample": seen}
        return cls(store, dataset, runs, settings)

    def read(
        self, records: Sequence[ImageRecord], ahead: int
    ) -> Generator[Answers | Rejected, None, None]:
        """Yield what the members say of each image; one that a member lacks is left out."""
        for start in range(0, len(records), ahead):
            yield from self._read(records[start : start + ahead])

    def _read(self, records: Sequence[ImageRecord]) -> Iterator[Answers | Rejected]:
        images = {self._keys[record.id]: record for record in records}
        with self._store.read() as cursor:
            found = [load_predictions(cursor, int(run["run_id"]), images) for run in self._runs]
        for key, record in images.items():
            silent = [
                str(run["run"])
                for run, answers in zip(self._runs, found, strict=True)
                if key not in answers
            ]
            if silent:
                message = f"its member {silent[0]!r} has no answer to this image"
                yield reject(record, "read", message)
            else:
                yield Answers(record, tuple(answers[key] for answers in found))


def require_finished(run: pd.Series) -> None:
    """Refuse a run that has not tried all its images, as it may still grow.

    Raises:
        UsageError: it has not.
    """
    if run["status"] not in FINISHED:
        raise UsageError(
            f"The run {run['run']!r} is {run['status']} with {run['images']} of "
            f"{run['expected_images']} images; a member of an ensemble has to be finished. Give "
            "the command that made it again."
        )


def _require_classes(recipe: Recipe, dataset: Dataset, path: Path) -> None:
    names = tuple(category.name for category in dataset.categories)
    if recipe.classes != names or recipe.background != dataset.background:
        raise UsageError(
            f"{path} is for the classes {', '.join(recipe.classes)}; {dataset.name} has "
            f"{', '.join(names)}. An ensemble speaks of the very classes it was fitted on: fit "
            "one on this data set."
        )


def _was_fitted_on(recipe: Recipe, dataset: Dataset) -> bool:
    fitted = recipe.fitted
    return (fitted.dataset, fitted.split) == (dataset.name, dataset.split) or (
        fitted.source_sha256 == dataset.source.sha256
    )


def _run_of(
    member: Member, known: pd.DataFrame, named: Sequence[str], dataset: Dataset
) -> pd.Series:
    """Return the one run of a member on this split."""
    fits = known[[_is_of(member, run) for _, run in known.iterrows()]]
    chosen = fits[fits["run"].isin(named)] if fits["run"].isin(named).any() else fits
    if len(chosen) != 1:
        there = ", ".join(map(repr, chosen["run"])) or "none"
        advice = (
            "Name the one to use with --members."
            if len(chosen)
            else f"Predict {dataset.split} with the same weights and settings first "
            f"({json.dumps(dict(member.settings))}), or import predictions with --system."
        )
        raise UsageError(
            f"The recipe's member {member.run!r} needs one run of {member.system!r} with the same "
            f"weights (SHA-256 {member.weights_sha256[:12] or 'none'}) and settings on "
            f"{dataset.name} · {dataset.split}; the store has {there}. {advice}"
        )
    run = chosen.iloc[0]
    require_finished(run)
    return run


def _is_of(member: Member, run: Any) -> bool:  # noqa: ANN401 - a row of `catalogue.runs`
    return (
        run["system"] == member.system
        and run["weights_sha256"] == member.weights_sha256
        and settings_of(run["settings"]) == dict(member.settings)
    )


def _require_known(named: Sequence[str], known: pd.DataFrame, dataset: Dataset) -> None:
    unknown = [name for name in named if name not in set(known["run"])]
    if unknown:
        raise UsageError(
            f"--members names {unknown[0]!r}, but {dataset.name} has no such run. Its runs: "
            f"{', '.join(sorted(known['run'])) or 'none'}."
        )


def _require_used(named: Set[str], runs: Sequence[pd.Series], path: Path) -> None:
    used = [str(run["run"]) for run in runs]
    unused = sorted(named - set(used))
    if unused:
        raise UsageError(
            f"--members names {unused[0]!r}, which is no run of a member of {path} by system, "
            f"weights and settings. The members' runs: {', '.join(used)}."
        )


def _made(run: Any) -> str:  # noqa: ANN401 - a row of `catalogue.runs`
    """Return when a run was made: by it a run is told from a later one of the same name."""
    return str(run["created"].isoformat())
