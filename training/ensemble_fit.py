"""python -m training fit ensemble: a recipe, fitted on the stored predictions of runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.commands.frame import DONE, add_common_options
from core.commands.tables import percent, table
from core.errors import UsageError
from core.fusion.boxes import MOST_MEMBERS
from core.fusion.recipe import Fitted, MapVoting, Member, ObjectFusion, Recipe
from core.scoring.transfer import oracle_of, settings_of
from core.store.connection import Store, store_path
from core.store.queries import catalogue
from core.store.rows import load_dataset
from core.structures import Dataset
from core.words import counted
from training.ensemble_candidates import Candidate, Candidates, load_candidates
from training.ensemble_search import Chosen, Limits, Rule, search_maps, search_objects
from training.history import write_json
from training.members import FINISHED, require_finished
from training.settings import require_range, setting, settings_from_text
from training.weights import sha256_of

DESCRIPTION = "choose members, shares and overlaps of an ensemble by its score on a split"
EXAMPLE = (
    'python -m training fit ensemble --dataset demo --split val --members "yolov8-sam val" '
    '--members "mask-rcnn val" --members "unet-torch val" --out recipe.json'
)
NOTES = """\
Members are taken in while they improve the score; the recipe says who was left out, and why. It
is used on other splits with: python -m training predict ensemble --weights recipe.json
"""
SYSTEM = "ensemble"
METRICS = {"box_ap": "box AP", "mask_ap": "mask AP", "miou": "mIoU"}


@dataclass(frozen=True)
class EnsembleFitSettings:
    """All that changes the recipe, besides the runs."""

    floor: float = setting(0.1, "least AP or IoU of a class that gives a member a share in it")
    gain: float = setting(0.001, "by how much a further member has to improve the score")

    def __post_init__(self) -> None:
        """Refuse settings out of range."""
        require_range("floor", self.floor, 0, 1)
        require_range("gain", self.gain, 0, 1)


SETTINGS = EnsembleFitSettings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--dataset", required=True, help="name of the data set in the store")
    parser.add_argument("--split", default="val", help="split to fit on (default: val)")
    parser.add_argument(
        "--members",
        action="append",
        default=[],
        metavar="RUN",
        help="a run on that split to choose from; may be repeated (default: all finished ones)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="assignments",
        help="a setting of the search, listed below; may be repeated",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where the recipe goes (default: checkpoints/ensemble/DATASET.json beside the store)",
    )
    add_common_options(parser)


def run(options: argparse.Namespace) -> int:
    """Fit a recipe and write it."""
    settings = settings_from_text(EnsembleFitSettings, options.assignments, {})
    limits = Limits(settings.floor, settings.gain)
    store = Store.at(store_path(options.store))
    out = _out(options, store)
    dataset = load_dataset(store, options.dataset, options.split)
    runs = _runs(store, options)
    candidates = load_candidates(store, dataset, runs)
    objects = search_objects(candidates, limits, print)
    maps = search_maps(candidates, limits, print)
    recipe = _recipe(dataset, candidates, objects, maps)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_json(out, recipe.content())
    print(_table(recipe))
    print(f"{out} (SHA-256 {sha256_of(out)[:12]}…)")
    return DONE


def _out(options: argparse.Namespace, store: Store) -> Path:
    default = store.path.parent / "checkpoints" / SYSTEM / f"{options.dataset}.json"
    path: Path = options.out or default
    if path.suffix != ".json":
        raise UsageError(f"--out is {path}; expected a file whose name ends in .json.")
    return path


def _runs(store: Store, options: argparse.Namespace) -> list[pd.Series]:
    """Return the runs to choose from, in order of their names."""
    with store.read() as cursor:
        known = catalogue.runs(cursor, options.dataset, options.split)
    named = sorted(set(options.members))
    unknown = [name for name in named if name not in set(known["run"])]
    if unknown:
        raise UsageError(
            f"There is no run {unknown[0]!r} on {options.dataset} · {options.split}. Runs there: "
            f"{', '.join(sorted(known['run'])) or 'none'}."
        )
    if not named:
        ready = (
            known["status"].isin(FINISHED)
            & known["evaluated"].notna()
            & (known["system"] != SYSTEM)
            & known["settings"].map(oracle_of).isna()
        )
        named = sorted(known.loc[ready, "run"])
    by_name = known.set_index("run", drop=False)
    runs = [by_name.loc[name] for name in named]
    for each in runs:
        _require_usable(each)
    _require_several(runs, options)
    return runs


def _require_usable(run: pd.Series) -> None:
    require_finished(run)
    if run["system"] == SYSTEM:
        raise UsageError(
            f"The run {run['run']!r} is an ensemble itself. Name the runs that it is made of."
        )
    oracle = oracle_of(run["settings"])
    if oracle is not None:
        raise UsageError(
            f"The run {run['run']!r} was told the true {oracle}, so it cannot be a member of an "
            "ensemble. Name runs that did not see the truth."
        )
    if pd.isna(run["evaluated"]):
        raise UsageError(
            f"The run {run['run']!r} has no scores yet. Give: python -m core evaluate "
            f"{run['run']!r}"
        )


def _require_several(runs: Sequence[pd.Series], options: argparse.Namespace) -> None:
    place = f"{options.dataset} · {options.split}"
    if not 2 <= len(runs) <= MOST_MEMBERS:
        raise UsageError(
            f"{len(runs)} finished and evaluated runs on {place} to choose from; expected 2 to "
            f"{MOST_MEMBERS}. Predict the split with other systems, or name runs with --members."
        )
    seen: dict[tuple[str, str, str], str] = {}
    for each in runs:
        settings = json.dumps(settings_of(each["settings"]), sort_keys=True)
        key = (str(each["system"]), str(each["weights_sha256"]), settings)
        if key in seen:
            raise UsageError(
                f"The runs {seen[key]!r} and {each['run']!r} are of one system with the same "
                "weights and settings, so they say the same. Name one of them with --members."
            )
        seen[key] = str(each["run"])


def _recipe(
    dataset: Dataset,
    candidates: Candidates,
    objects: Chosen[ObjectFusion] | None,
    maps: Chosen[MapVoting] | None,
) -> Recipe:
    """Put together what was found; only members are kept."""
    found: list[Chosen[Any]] = [each for each in (objects, maps) if each is not None]
    if not found:
        names = ", ".join(each.name for each in candidates.runs)
        raise UsageError(
            f"The runs {names} have neither objects nor label maps that {dataset.name} · "
            f"{dataset.split} is annotated with, so there is nothing to combine."
        )
    places = list(dict.fromkeys(place for each in found for place in each.members))
    members = [candidates.runs[place] for place in places]
    left_out = [each for each in candidates.runs if each not in members]
    ensemble = {name: score for each in found for name, score in each.scores.items()}
    return Recipe(
        classes=tuple(category.name for category in dataset.categories),
        background=dataset.background,
        members=tuple(map(_member, members)),
        objects=_of_members(objects, places),
        maps=_of_members(maps, places),
        fitted=Fitted(
            dataset=dataset.name,
            split=dataset.split,
            source_sha256=dataset.source.sha256,
            images=len(candidates.dataset.images),
            scores={**{each.name: each.scores for each in candidates.runs}, SYSTEM: ensemble},
            left_out={each.name: "it does not improve the score" for each in left_out},
        ),
    )


def _member(candidate: Candidate) -> Member:
    run = candidate.run
    return Member(
        run=candidate.name,
        system=str(run["system"]),
        weights_sha256=str(run["weights_sha256"]),
        settings=settings_of(run["settings"]),
        paint_threshold=candidate.paint_threshold,
    )


def _of_members(chosen: Chosen[Rule] | None, places: Sequence[int]) -> Rule | None:
    """Return the rule with the rows of the members alone."""
    if chosen is None:
        return None
    return replace(chosen.rule, shares=tuple(chosen.rule.shares[place] for place in places))


def _table(recipe: Recipe) -> str:
    """Return the scores of members, of those left out and of the ensemble, a line each."""
    members = {member.run for member in recipe.members}
    fitted = recipe.fitted
    rows = [
        [
            name,
            *(percent(scores.get(metric)) for metric in METRICS),
            "" if name == SYSTEM else "yes" if name in members else fitted.left_out[name],
        ]
        for name, scores in fitted.scores.items()
    ]
    rule = (
        f"All in per cent, on the {counted(fitted.images, 'image')} of {fitted.dataset} · "
        f"{fitted.split} that the recipe was fitted on, which flatters it; "
        "mIoU by the rule mmseg, of masks painted from the score on that is best there."
    )
    return f"{table(['run', *METRICS.values(), 'member'], rows)}\n\n{rule}"
